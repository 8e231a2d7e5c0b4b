import { isObject, type JsonObject, numberAt, parseJson, stringAt } from '../../base/json.ts';
import { findEventDefinition } from '../../protocol/catalog.ts';
import { parseEvent } from '../../protocol/parse-event.ts';
import type { From } from '../recorded-event.ts';
import type { FormatReader, ImportFormat, ImportSink, MessageSink } from './import-sink.ts';
import type { LineSplitter } from './line-splitter.ts';
import { createLineReader, firstLines, modelOfSession, skipLine } from './line-reader.ts';
import { ConnectionClock, timeOfNumber, type MessageTime } from './message-time.ts';

/**
 * Chromium's recording of data channel messages: one JSON object a line, with `unix_timestamp_ms`, `datachannel_id`,
 * `label`, `direction` (`send`, `receive`), `data_type` (`string`, `binary`) and `data` (text, or base64). Switched on by
 * "DataChannel message recordings" in chrome://webrtc-internals. Source: a recording of Chromium 156.
 */
export const DATA_CHANNEL_FORMAT: ImportFormat = {
	id: 'chromium-data-channel',
	name: 'Chromium data channel recording',
	isForeign: true,
	sniff: (head) => {
		const first = firstLines(head)[0] ?? '';
		const isLine = first.startsWith('{') && /"datachannel_id"\s*:\s*-?\d/.test(first) && first.includes('"direction"');
		return isLine ? 0.95 : 0;
	},
	open: (sink) => new DataChannelReader(sink)
};

const NO_MESSAGE = 'This line is no data channel message.';
const MIRRORED =
	'Some messages were recorded by the other side of the connection, which sends what this side receives. They are a ' +
	'recording of their own, with the directions turned round.';

/** What is known of the messages of one channel, as one of its two sides saw them. */
interface Side {
	readonly messages: MessageSink;
	readonly title: string;
	readonly clock: ConnectionClock;
}

class DataChannelReader implements FormatReader {
	readonly #sink: ImportSink;
	readonly #lines: LineSplitter;
	/** By channel and by who recorded it. */
	readonly #sides = new Map<string, Side>();
	/** By channel: whether the last message that could tell was recorded by the server's side. */
	readonly #isMirrored = new Map<string, boolean>();
	#hasMirrored = false;

	constructor(sink: ImportSink) {
		this.#sink = sink;
		this.#lines = createLineReader(sink, (text, lineNumber, isLast) => this.#read(text, lineNumber, isLast));
	}

	push(bytes: Uint8Array): void {
		this.#lines.push(bytes);
	}

	end(): void {
		this.#lines.end();
		if (this.#hasMirrored) this.#sink.note(MIRRORED);
		if (this.#sides.size < 2) return;
		for (const { messages, title } of this.#sides.values()) messages.update({ title });
	}

	#read(text: string, lineNumber: number, isLast: boolean): void {
		const line = parseJson(text);
		const data = stringAt(line, 'data');
		const direction = stringAt(line, 'direction');
		if (!isObject(line) || data === undefined || (direction !== 'send' && direction !== 'receive')) {
			skipLine(this.#sink, lineNumber, NO_MESSAGE, isLast && line === undefined);
			return;
		}
		const isBinary = stringAt(line, 'data_type') === 'binary';
		const from = direction === 'send' ? 'client' : 'server';
		const isMirrored = this.#tellSide(channelOf(line), from, isBinary ? '' : data);
		const side = this.#sideOf(line, isMirrored);
		const at = side.clock.next(timeOf(line));
		const sender = isMirrored ? opposite(from) : from;
		if (isBinary) side.messages.binary(sender, at, data);
		else side.messages.message(sender, at, data);
		const model = sender === 'server' && !isBinary ? modelOfSession(data) : undefined;
		if (model !== undefined) side.messages.update({ model });
	}

	/**
	 * Whether the side that recorded a message is the server's: it received what only a client sends, or sent what only a
	 * server does. A message that cannot tell is of the side that recorded the last one.
	 */
	#tellSide(channel: string, from: From, text: string): boolean {
		const event = text === '' ? undefined : parseEvent(text);
		const sender = event?.ok ? findEventDefinition(event.value.gaType)?.from : undefined;
		if (sender === undefined || sender === 'console') return this.#isMirrored.get(channel) ?? false;
		const isMirrored = sender !== from;
		this.#isMirrored.set(channel, isMirrored);
		if (isMirrored) this.#hasMirrored = true;
		return isMirrored;
	}

	#sideOf(line: JsonObject, isMirrored: boolean): Side {
		const key = `${channelOf(line)} ${isMirrored}`;
		const known = this.#sides.get(key);
		if (known) return known;
		const clock = new ConnectionClock();
		clock.next(timeOf(line));
		const { startedAt, hasTime } = clock;
		const start = { endpoint: '', transport: 'WebRTC', model: '', startedAt };
		const title = `${stringAt(line, 'label') ?? 'Data channel'}${isMirrored ? ', the other side' : ''}`;
		const side = { messages: this.#sink.begin({ ...start, clock: hasTime ? 'wall' : 'order' }), title, clock };
		this.#sides.set(key, side);
		return side;
	}
}

function timeOf(line: JsonObject): MessageTime | undefined {
	return timeOfNumber(numberAt(line, 'unix_timestamp_ms') ?? NaN);
}

function channelOf(line: JsonObject): string {
	return `${numberAt(line, 'datachannel_id') ?? ''} ${stringAt(line, 'label') ?? ''}`;
}

function opposite(from: From): From {
	return from === 'client' ? 'server' : 'client';
}
