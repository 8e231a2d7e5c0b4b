/** Functions to begin with, each with a result that a mock of it may give. */
import type { JsonObject } from '#core/base/json.ts';

export interface FunctionTemplate {
	readonly name: string;
	readonly tool: JsonObject;
	readonly result: string;
}

export const BOOK_TABLE = template(
	'book_table',
	'Books a table at the restaurant.',
	{
		party_size: { type: 'integer', minimum: 1, description: 'How many people' },
		time: { type: 'string', description: 'When, as HH:MM' }
	},
	['party_size', 'time'],
	{ status: 'booked', table: 'by the window' }
);

export const FUNCTION_TEMPLATES: readonly FunctionTemplate[] = [
	BOOK_TABLE,
	template(
		'get_weather',
		'Tells the weather at a place. Say that you are looking it up before you call it.',
		{
			city: { type: 'string', description: 'The city, as the caller named it' },
			days: { type: 'integer', minimum: 1, maximum: 7, description: 'For how many days from today; 1 if not said' }
		},
		['city'],
		{ sky: 'light rain', celsius: 14 }
	),
	template(
		'lookup_order',
		'Finds an order by its number.',
		{ order_number: { type: 'string', description: 'As the caller said it, digits only' } },
		['order_number'],
		{ status: 'shipped', eta: 'Friday' }
	),
	template(
		'transfer_to_person',
		'Hands the call over to a colleague. Call it when the caller asks for a person, or when you cannot help.',
		{
			reason: { type: 'string', description: 'Why, in a few words' },
			urgency: { type: 'string', enum: ['low', 'normal', 'high'] }
		},
		['reason'],
		{ status: 'transferred', waits_minutes: 2 }
	),
	template(
		'save_note',
		'Keeps a fact about the caller for the next call.',
		{ fact: { type: 'string', description: 'One fact, as one sentence' } },
		['fact'],
		{ status: 'saved' }
	),
	template('end_call', 'Ends the call. Say goodbye first.', {}, [], { status: 'ended' })
];

function template(
	name: string,
	description: string,
	properties: JsonObject,
	required: readonly string[],
	result: JsonObject
): FunctionTemplate {
	const parameters = { type: 'object', properties, required };
	return { name, tool: { type: 'function', name, description, parameters }, result: JSON.stringify(result) };
}
