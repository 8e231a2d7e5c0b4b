import { listAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';

/** What an event is about, by id. */
export interface EventIds {
	readonly item: readonly string[];
	readonly response: readonly string[];
	readonly call: readonly string[];
}

export type IdKind = keyof EventIds;

/** Items of a response that are looked at. */
const MOST_OUTPUT = 100;

/**
 * The ids of the items, responses and function calls that an event names as its subject: `item_id`, `item.id`,
 * `response_id`, `response.id`, `call_id`, `item.call_id`, and the items in `response.output`. Not its neighbours:
 * `previous_item_id` says where an item stands. Source of the fields: `RealtimeServerEvent`, openai 7.55.0.
 */
export function readEventIds(body: JsonObject): EventIds {
	const item = objectAt(body, 'item');
	const response = objectAt(body, 'response');
	const output = listAt(response, 'output').slice(0, MOST_OUTPUT);
	return {
		item: distinct([stringAt(body, 'item_id'), stringAt(item, 'id'), ...output.map((each) => stringAt(each, 'id'))]),
		response: distinct([stringAt(body, 'response_id'), stringAt(response, 'id')]),
		call: distinct([
			stringAt(body, 'call_id'),
			stringAt(item, 'call_id'),
			...output.map((each) => stringAt(each, 'call_id'))
		])
	};
}

function distinct(ids: readonly (string | undefined)[]): string[] {
	return [...new Set(ids.filter((id) => id !== undefined && id !== ''))] as string[];
}
