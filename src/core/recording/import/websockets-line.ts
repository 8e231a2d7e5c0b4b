import { decodeUtf8, encodeUtf8 } from '../../base/utf8.ts';
import { concatBytes } from '../../base/concat-bytes.ts';
import { LONGEST_PREFIX, withoutColours } from './log-line.ts';
import { unescapePython } from './python-repr.ts';

/**
 * Lines of the debug log of Python's `websockets`, both of its implementations: `> ` marks what is sent, `< ` what is
 * received, `= ` a state. Source: `Frame.__str__`, `client.py`, `server.py`, `protocol.py` and `legacy/` of websockets 13.0
 * to 17.1, and logs that 17.1 wrote.
 */
export type DebugLine = { readonly prefix: string } & (
	| { readonly kind: 'frame'; readonly isSent: boolean; readonly frame: DebugFrame }
	| { readonly kind: 'request'; readonly isSent: boolean; readonly path: string }
	| { readonly kind: 'header'; readonly name: 'host' | 'date'; readonly value: string }
	| { readonly kind: 'response'; readonly status: number; readonly phrase: string }
	| { readonly kind: 'state'; readonly state: string }
	| { readonly kind: 'broken' }
);

export interface DebugFrame {
	readonly opcode: 'TEXT' | 'BINARY' | 'CONT' | 'CLOSE' | 'PING' | 'PONG';
	/** As it was printed. */
	readonly payload: string;
	/** Bytes of the payload on the wire. */
	readonly byteLength: number;
	/** More of the message follows in `CONT` frames. */
	readonly isContinued: boolean;
}

const FRAME = /([<>]) (TEXT|BINARY|CONT|CLOSE|PING|PONG) /;
const FRAME_END = / \[(?:(?:text|binary), )?(\d+) bytes?(, continued)?\]\s*$/;
const HANDSHAKE =
	/([<>]) (?:GET (\S+) HTTP\/1\.1|HTTP\/1\.1 (\d{3}) ?(.*)|(Host|Date): (.*))$|= connection is ([A-Z]+)\s*$/;

/** Reads a line of the log; `null` for one that says nothing of a connection's messages. */
export function parseDebugLine(text: string): DebugLine | null {
	const line = withoutColours(text);
	const head = line.slice(0, LONGEST_PREFIX);
	const mark = FRAME.exec(head);
	if (mark) return parseFrame(line, mark);
	if (!/[<>=] /.test(head)) return null;
	const found = HANDSHAKE.exec(line.slice(0, 4096));
	if (!found) return null;
	const [, arrow, path, status, phrase, header, value, state] = found;
	const prefix = line.slice(0, found.index);
	if (path !== undefined) return { prefix, kind: 'request', isSent: arrow === '>', path };
	if (status !== undefined) return { prefix, kind: 'response', status: Number(status), phrase: phrase ?? '' };
	if (state !== undefined) return { prefix, kind: 'state', state };
	return { prefix, kind: 'header', name: header === 'Host' ? 'host' : 'date', value: (value ?? '').trim() };
}

function parseFrame(line: string, mark: RegExpExecArray): DebugLine {
	const prefix = line.slice(0, mark.index);
	const tail = line.slice(-80);
	const end = FRAME_END.exec(tail);
	const start = mark.index + mark[0].length;
	const payloadEnd = end ? line.length - tail.length + end.index : -1;
	if (!end || payloadEnd < start) return { prefix, kind: 'broken' };
	const opcode = mark[2] as DebugFrame['opcode'];
	const payload = line.slice(start, payloadEnd);
	const frame = { opcode, payload, byteLength: Number(end[1]), isContinued: end[2] !== undefined };
	return { prefix, kind: 'frame', isSent: mark[1] === '>', frame };
}

/** A payload, or a message that was put together of several. */
export interface Payload {
	/** Text where it was printed as text, bytes where it was printed as bytes (of text too, which some versions do). */
	readonly parts: readonly (string | Uint8Array)[];
	/** `cut`: the log left out its middle. `damaged`: a frame ended inside a character, which the log could not print. */
	readonly state: 'whole' | 'cut' | 'damaged';
}

const HEX = /^[0-9a-f]{2}(?: [0-9a-f]{2})*$/;

/**
 * The payload of a data frame: the repr of its text, or its bytes as hex digits. Whether all of it is there is told by its
 * length, which stands behind it.
 */
export function readPayload({ payload, byteLength }: DebugFrame): Payload {
	if (payload.length === byteLength * 3 - 1 && HEX.test(payload)) return { parts: [bytesOf(payload)], state: 'whole' };
	const quote = payload[0];
	if ((quote !== "'" && quote !== '"') || !payload.endsWith(quote)) return { parts: [payload], state: 'cut' };
	const text = unescapePython(payload.slice(1, -1));
	// Not by counting alone where it is not needed: most payloads are long ASCII.
	if (text.length <= byteLength && encodeUtf8(text).length === byteLength) return { parts: [text], state: 'whole' };
	return { parts: [text], state: text.includes('...') ? 'cut' : 'damaged' };
}

function bytesOf(hex: string): Uint8Array {
	const bytes = new Uint8Array((hex.length + 1) / 3);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(i * 3, i * 3 + 2), 16);
	return bytes;
}

/** A message's text. */
export function textOf({ parts }: Payload): string {
	if (parts.every((part) => typeof part === 'string')) return parts.join('');
	return decodeUtf8(bytesOfPayload({ parts }));
}

/** A message's bytes. */
export function bytesOfPayload({ parts }: Pick<Payload, 'parts'>): Uint8Array {
	return concatBytes(parts.map((part) => (typeof part === 'string' ? encodeUtf8(part) : part)));
}

/** `1000 (OK) done`: code and reason of a close frame; 1005 when it has none. */
export function parseClose(payload: string): { code: number; reason: string } {
	const found = /^(\d{4}) \([^)]*\)(?: (.*))?$/s.exec(payload);
	return found ? { code: Number(found[1]), reason: found[2] ?? '' } : { code: 1005, reason: '' };
}
