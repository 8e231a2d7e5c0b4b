import { isObject, listAt, type JsonObject } from '../../../base/json.ts';

/** A WebSocket message as Chrome's developer tools show it. */
export interface ShownFrame {
	readonly type: string;
	readonly time: number;
	readonly opcode: number;
	readonly data: string;
}

export interface ShownRequest {
	readonly url: string;
	readonly resourceType: string;
	readonly status: number;
	/** Milliseconds since 1970. */
	readonly startedAt: number;
	/** Milliseconds. */
	readonly lengthMs: number;
	readonly frames: readonly ShownFrame[];
}

/**
 * Opens a HAR file by the rules of Chrome's developer tools, throwing where they would refuse the file and leaving out
 * what they leave out. Source: HARFormat.ts and Importer.ts of ChromeDevTools/devtools-frontend, read in 2026.
 */
export function openInDevTools(text: string): ShownRequest[] {
	const log = object(object(JSON.parse(text), 'file')['log'], 'log');
	object(log['creator'], 'log.creator');
	if (!Array.isArray(log['entries'])) throw new Error('log.entries is no list');
	for (const page of listAt(log, 'pages')) openPage(object(page, 'page'));
	return log['entries'].map((entry) => openEntry(object(entry, 'entry')));
}

function openPage(page: JsonObject): void {
	date(page['startedDateTime']);
	object(page['pageTimings'], 'page.pageTimings');
}

function openEntry(entry: JsonObject): ShownRequest {
	const request = object(entry['request'], 'request');
	const response = object(entry['response'], 'response');
	const timings = object(entry['timings'], 'timings');
	for (const name of ['headersSize', 'bodySize']) number(request[name]);
	for (const name of ['status', 'headersSize', 'bodySize']) number(response[name]);
	number(object(response['content'], 'response.content')['size']);
	for (const name of ['send', 'wait', 'receive']) number(timings[name]);
	for (const name of ['blocked', 'dns', 'connect', 'ssl', '_blocked_queueing']) optionalNumber(timings[name]);
	for (const list of [request['headers'], request['queryString'], request['cookies'], response['headers']]) {
		if (Array.isArray(list)) list.forEach((member) => object(member, 'a header, cookie or query member'));
	}
	// `typeof null` is 'object' too, so that null is opened as an object and refused.
	if (typeof entry['_initiator'] === 'object') object(entry['_initiator'], '_initiator');
	return {
		url: String(request['url']),
		resourceType: String(entry['_resourceType']),
		status: number(response['status']),
		startedAt: date(entry['startedDateTime']),
		lengthMs: number(entry['time']),
		frames: framesOf(entry['_webSocketMessages'])
	};
}

function framesOf(messages: unknown): ShownFrame[] {
	if (!Array.isArray(messages)) return [];
	return messages.flatMap((value) => {
		const message = object(value, 'a WebSocket message');
		const [time, opcode] = [optionalNumber(message['time']), optionalNumber(message['opcode'])];
		const [type, data] = [message['type'], message['data']];
		if (time === undefined || opcode === undefined || data === undefined) return [];
		if (type !== 'send' && type !== 'receive' && type !== 'error') return [];
		return [{ type, time, opcode, data: String(data) }];
	});
}

function object(value: unknown, what: string): JsonObject {
	// Lists pass as objects there; ours are to be objects.
	if (!isObject(value)) throw new Error(`${what} is no object`);
	return value;
}

function number(value: unknown): number {
	const read = Number(value);
	if (Number.isNaN(read)) throw new Error(`${String(value)} is no number`);
	return read;
}

function optionalNumber(value: unknown): number | undefined {
	return value === undefined ? undefined : number(value);
}

function date(value: unknown): number {
	const ms = new Date(value as string).getTime();
	if (Number.isNaN(ms)) throw new Error(`${String(value)} is no date`);
	return ms;
}
