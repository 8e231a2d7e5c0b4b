import { isObject, numberAt, parseJson, stringAt } from '../../base/json.ts';
import { fail, succeed, type Result } from '../../base/result.ts';
import type { From } from '../recorded-event.ts';
import { epochMsOf, timeInText, type MessageTime } from './message-time.ts';
import type { GatedConnection } from './realtime-gate.ts';

/** A number of a HAR that is too small to count from 1970 is in this unit. */
export type HarTimeUnit = 'seconds' | 'milliseconds';

/** One item of `_webSocketMessages`, or one line of a file of them. */
interface HarMessage {
	readonly from: From;
	readonly time: MessageTime | undefined;
	/** Text, or a binary frame's bytes as base64. */
	readonly data: string;
	readonly isBinary: boolean;
}

/**
 * Hands one message of a HAR to its connection. The reason of a failure is a sentence for the page.
 *
 * `{"type":"send"|"receive","time":<number>,"opcode":1|2,"data":<text, or base64 where opcode is 2>}`: Chrome writes
 * `time` in seconds, Playwright in ms, or -1 where it was told to leave times out.
 * Source: exports of Chromium 156 and Playwright 1.65.1.
 */
export function passHarMessage(text: string, unit: HarTimeUnit, connection: GatedConnection): Result<null> {
	const message = parseHarMessage(text, unit);
	if (!message.ok) return message;
	const { from, time, data, isBinary } = message.value;
	if (isBinary) connection.binary(from, time, data);
	else connection.message(from, time, data);
	return succeed(null);
}

function parseHarMessage(text: string, unit: HarTimeUnit): Result<HarMessage> {
	const parsed = parseJson(text);
	if (!isObject(parsed)) return fail('This message is no JSON object.');
	const type = stringAt(parsed, 'type');
	const data = stringAt(parsed, 'data');
	const opcode = numberAt(parsed, 'opcode') ?? 1;
	if (type === 'error') return fail(`The browser noted an error of the connection here: ${(data ?? '').slice(0, 500)}`);
	if (type !== 'send' && type !== 'receive') return fail('This message does not say whether it was sent or received.');
	if (data === undefined) return fail('This message has no data.');
	if (opcode !== 1 && opcode !== 2) return fail(`This is no message but a control frame (opcode ${opcode}).`);
	const from = type === 'send' ? 'client' : 'server';
	return succeed({ from, time: timeOf(parsed['time'], unit), data, isBinary: opcode === 2 });
}

function timeOf(time: unknown, unit: HarTimeUnit): MessageTime | undefined {
	if (typeof time === 'string') return timeInText(time.slice(0, 64));
	if (typeof time !== 'number') return undefined;
	const epochMs = epochMsOf(time);
	if (epochMs !== undefined) return { kind: 'wall', ms: epochMs };
	if (!(time >= 0 && time < 1e9)) return undefined;
	return { kind: 'relative', ms: unit === 'seconds' ? time * 1000 : time };
}
