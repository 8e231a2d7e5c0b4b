import { isObject, type JsonObject, numberAt, objectAt, parseJson, stringAt } from '../../base/json.ts';
import { mediaStreamId, mediaStreamSender, mediaStreamTimeMs, mediaStreamType } from '../../protocol/media-stream.ts';
import { sliceOfMember } from '../json-member.ts';
import type { FormatReader, ImportFormat, ImportSink, MessageSink } from './import-sink.ts';
import type { LineSplitter } from './line-splitter.ts';
import { formatCount } from '../../base/words.ts';
import { createLineReader, firstLines, skipLine } from './line-reader.ts';
import { LONGEST_PREFIX, timeOfPrefix, withoutColours } from './log-line.ts';
import { ConnectionClock, timeInText, timeOfNumber, type MessageTime } from './message-time.ts';

/**
 * Messages of Twilio Media Streams, and of Telnyx and Exotel, whose messages are alike, as applications log them: one a
 * line, bare (`{"event":"media",...}`), inside of an object that says when and who (`{"direction":"in","message":{...}}`),
 * or behind the words that a log puts before them (`2026-11-20 09:00:00,123 < {...}`). See media-stream.ts.
 */
export const TWILIO_FORMAT: ImportFormat = {
	id: 'twilio-media-stream',
	name: 'Twilio media stream',
	isForeign: true,
	sniff: (head) => {
		const lines = firstLines(head).map(parseStreamLine);
		const found = lines.filter((line) => typeof line === 'object').length;
		const others = lines.filter((line) => line === 'foreign').length;
		return found === 0 ? 0 : found >= others ? 0.9 : 0.3;
	},
	open: (sink) => new TwilioReader(sink)
};

const FOREIGN = 'This line is JSON, but no message of a media stream.';
const BROKEN = 'This line’s message is not JSON.';

interface StreamMessage {
	/** The message as it was sent. */
	readonly raw: string;
	readonly body: JsonObject;
	/** `twilio.media` */
	readonly type: string;
	/** Who the log says sent it. */
	readonly said: 'client' | 'server' | undefined;
	readonly time: MessageTime | undefined;
}

/** One stream, from its `connected` on. */
interface Stream {
	readonly messages: MessageSink;
	/** Of the log's own times; `null` where it has none, and the stream's are taken. */
	readonly clock: ConnectionClock | null;
	at: number;
	title: string | undefined;
}

class TwilioReader implements FormatReader {
	readonly #sink: ImportSink;
	readonly #lines: LineSplitter;
	readonly #streams: Stream[] = [];
	readonly #byId = new Map<string, Stream>();
	/** Those of which no message has said an id yet, the oldest first. */
	readonly #unnamed: Stream[] = [];
	#latest: Stream | undefined;
	#others = 0;

	constructor(sink: ImportSink) {
		this.#sink = sink;
		this.#lines = createLineReader(sink, (text, lineNumber, isLast) => this.#read(text, lineNumber, isLast));
	}

	push(bytes: Uint8Array): void {
		this.#lines.push(bytes);
	}

	end(): void {
		this.#lines.end();
		if (this.#others > 0) this.#sink.note(`Passed over: ${formatCount(this.#others, 'line')} without a message.`);
		if (this.#streams.length < 2) return;
		for (const { messages, title } of this.#streams) if (title !== undefined) messages.update({ title });
	}

	#read(text: string, lineNumber: number, isLast: boolean): void {
		const line = parseStreamLine(text);
		if (line === 'other') {
			this.#others++;
		} else if (typeof line === 'string') {
			skipLine(this.#sink, lineNumber, line === 'foreign' ? FOREIGN : BROKEN, isLast && line === 'broken');
		} else {
			const stream = this.#streamOf(line);
			const from = mediaStreamSender(line.body) ?? line.said ?? 'server';
			stream.messages.message(from, nextAt(stream, line), line.raw);
			if (line.type.endsWith('.start')) stream.title = callOf(line.body) ?? stream.title;
		}
	}

	#streamOf(message: StreamMessage): Stream {
		const id = mediaStreamId(message.body);
		const known = id === undefined ? undefined : this.#byId.get(id);
		if (known) {
			this.#latest = known;
			return known;
		}
		if (id === undefined && this.#latest && !message.type.endsWith('.connected')) return this.#latest;
		const unnamed = id === undefined ? undefined : this.#unnamed.shift();
		const stream = unnamed ?? this.#begin(message);
		if (unnamed) unnamed.messages.update({ endpoint: serviceOf(message.type) });
		if (id === undefined) this.#unnamed.push(stream);
		else this.#byId.set(id, stream);
		stream.title = id;
		this.#latest = stream;
		return stream;
	}

	#begin({ type, time }: StreamMessage): Stream {
		const clock = time ? new ConnectionClock() : null;
		clock?.next(time);
		const start = { endpoint: serviceOf(type), transport: 'WebSocket', model: '', clock: 'wall' as const };
		const messages = this.#sink.begin({ ...start, startedAt: clock?.startedAt ?? null });
		const stream = { messages, clock, at: 0, title: undefined };
		this.#streams.push(stream);
		return stream;
	}
}

const SERVICES: Readonly<Record<string, string>> = { twilio: 'Twilio', telnyx: 'Telnyx', exotel: 'Exotel' };

function serviceOf(type: string): string {
	return SERVICES[type.slice(0, type.indexOf('.'))] ?? '';
}

function callOf(body: JsonObject): string | undefined {
	const start = objectAt(body, 'start');
	return stringAt(start, 'callSid') ?? stringAt(start, 'call_control_id') ?? stringAt(start, 'call_sid');
}

/**
 * When a message stands: by the log's time, else by the stream's, which only the service's audio tells. What is sent in
 * between is of the moment of the last audio.
 */
function nextAt(stream: Stream, { body, time }: StreamMessage): number {
	stream.at = stream.clock ? stream.clock.next(time) : Math.max(stream.at, mediaStreamTimeMs(body) ?? 0);
	return stream.at;
}

const MESSAGE_KEYS = ['message', 'payload', 'data', 'event', 'msg', 'body', 'raw'];
const SENDER_KEYS = ['direction', 'source', 'from', 'dir'];
const TIME_KEYS = ['time', 'timestamp', 'ts', 'at', 't'];

/**
 * Reads a line: `other` holds no JSON, `foreign` holds JSON that is no message, `broken` what looks like a message and
 * cannot be read.
 */
function parseStreamLine(text: string): StreamMessage | 'other' | 'foreign' | 'broken' {
	const line = withoutColours(text).trim();
	const start = line.slice(0, LONGEST_PREFIX).indexOf('{');
	if (start < 0) return 'other';
	const json = line.slice(start);
	const outer = parseJson(json);
	if (!isObject(outer)) return json.includes('"event"') ? 'broken' : 'other';
	const prefix = line.slice(0, start);
	const type = mediaStreamType(outer);
	if (type !== undefined) {
		return { raw: json, body: outer, type, said: senderInPrefix(prefix), time: timeOfPrefix(prefix) };
	}
	const inner = innerMessage(outer, json);
	if (!inner) return 'foreign';
	const said = SENDER_KEYS.map((key) => senderOf(stringAt(outer, key))).find((sender) => sender !== undefined);
	return { ...inner, said: said ?? senderInPrefix(prefix), time: timeOf(outer) ?? timeOfPrefix(prefix) };
}

function innerMessage(outer: JsonObject, json: string): Pick<StreamMessage, 'raw' | 'body' | 'type'> | undefined {
	for (const key of MESSAGE_KEYS) {
		const text = stringAt(outer, key);
		const body = text === undefined ? objectAt(outer, key) : parseJson(text);
		const type = isObject(body) ? mediaStreamType(body) : undefined;
		const raw = text ?? (type && sliceOfMember(json, key));
		if (isObject(body) && type !== undefined && raw !== undefined) return { raw, body, type };
	}
	return undefined;
}

function timeOf(outer: JsonObject): MessageTime | undefined {
	for (const key of TIME_KEYS) {
		const text = stringAt(outer, key);
		const time = text === undefined ? timeOfNumber(numberAt(outer, key) ?? NaN) : timeInText(text);
		if (time) return time;
	}
	return undefined;
}

const FROM_SERVICE = /^(?:in|inbound|incoming|recv|received?|rx|server|(?:from[ _-]?)?(?:twilio|telnyx|exotel)|<+-*)$/i;
const FROM_APPLICATION =
	/^(?:out|outbound|outgoing|sent|send|tx|client|app|application|to[ _-]?(?:twilio|telnyx|exotel)|-*>+)$/i;

function senderOf(word: string | undefined): 'client' | 'server' | undefined {
	if (word === undefined) return undefined;
	return FROM_SERVICE.test(word) ? 'server' : FROM_APPLICATION.test(word) ? 'client' : undefined;
}

/** The last word before a message that says who sent it. */
function senderInPrefix(prefix: string): 'client' | 'server' | undefined {
	const words = prefix.split(/[\s:|[\]()]+/).reverse();
	return words.map(senderOf).find((sender) => sender !== undefined);
}
