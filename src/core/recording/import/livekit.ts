import { isObject, type JsonObject, numberAt, objectAt, parseJson, stringAt } from '../../base/json.ts';
import { sliceOfMember } from '../json-member.ts';
import type { From } from '../recorded-event.ts';
import type { FormatReader, ImportFormat, ImportSink, MessageSink } from './import-sink.ts';
import type { LineSplitter } from './line-splitter.ts';
import { parseEndpointAddress } from './endpoint-address.ts';
import { formatCount } from '../../base/words.ts';
import { createLineReader, firstLines, skipLine } from './line-reader.ts';
import { LONGEST_PREFIX, timeOfPrefix, withoutColours } from './log-line.ts';
import { ConnectionClock, timeInText, type MessageTime } from './message-time.ts';
import { readPythonLiteral } from './python-repr.ts';

/**
 * The log of a LiveKit agent that ran with `LK_OPENAI_DEBUG=1`: `>>>` marks what it sent, `<<<` what it received. Since
 * August 2026 the event stands in the line's extra fields as JSON (`{"lk.pii.event": {...}}`), before that in its message as
 * Python prints a dict. In development lines are text with colours, in production JSON. Source: `realtime_model.py` of
 * livekit-plugins-openai and `cli/log.py` of livekit-agents, at da6af86ac and before a527e3850.
 *
 * The agent leaves out `input_audio_buffer.append`, and puts `...` in the place of model audio.
 */
export const LIVEKIT_FORMAT: ImportFormat = {
	id: 'livekit-debug',
	name: 'LiveKit agent log',
	isForeign: true,
	sniff: (head) => (firstLines(head).some((line) => MESSAGE.test(line.slice(0, LONGEST_PREFIX))) ? 0.95 : 0),
	open: (sink) => new LivekitReader(sink)
};

const EVENT_KEY = 'lk.pii.event';
// eslint-disable-next-line no-control-regex
const MESSAGE = /(?:^|[\s"])(?:>>>|<<<)(?:",|\s*(?:\x1b\[\d+m)?\{(?:"lk\.pii\.event"|'))/;
/** A line of JSON, maybe behind what a container's log puts before it. */
const JSON_LINE = /^\{|\{"(?:message|level|name)"\s*:/;
const ARROW = /(?:^|\s)(>>>|<<<) (?=\{)/;
const CONNECTING = /connecting to Realtime API: (\S+)/;
const UNREADABLE = 'This line’s event could not be read: it is neither JSON nor a Python dict.';

/** A line that says something of a session, whatever its shape. */
interface AgentLine {
	readonly time: MessageTime | undefined;
	/** The agent's job, or its process: sessions of several may be in one log. */
	readonly job: string;
	/** The address that is being connected to. */
	readonly url?: string;
	/** What was sent or received. */
	readonly message?: { readonly from: From; readonly raw: string; readonly event: JsonObject };
}

/** A session of one job. */
interface AgentSession {
	readonly messages: MessageSink;
	readonly clock: ConnectionClock;
	hasBegun: boolean;
}

class LivekitReader implements FormatReader {
	readonly #sink: ImportSink;
	readonly #lines: LineSplitter;
	/** The latest session of each job. */
	readonly #latest = new Map<string, AgentSession>();
	#withoutAudio = 0;
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
		if (this.#latest.size > 0) this.#sink.note(missingAudio(this.#withoutAudio));
		if (this.#others > 0) this.#sink.note(`Passed over: ${formatCount(this.#others, 'line')} without a message.`);
	}

	#read(text: string, lineNumber: number, isLast: boolean): void {
		const line = parseAgentLine(text);
		if (line === 'unreadable') skipLine(this.#sink, lineNumber, UNREADABLE, isLast);
		else if (line === 'other') this.#others++;
		else if (line.url !== undefined) this.#begin(line, line.url);
		else if (line.message) this.#message(line, line.message);
	}

	#begin(line: AgentLine, url: string): AgentSession {
		const clock = new ConnectionClock();
		clock.next(line.time);
		const { startedAt, hasTime } = clock;
		const { endpoint, model } = parseEndpointAddress(url);
		const start = { endpoint, model, transport: 'WebSocket', startedAt };
		const messages = this.#sink.begin({ ...start, clock: hasTime ? 'wall' : 'order' });
		const session = { messages, clock, hasBegun: false };
		this.#latest.set(line.job, session);
		return session;
	}

	#message(line: AgentLine, { from, raw, event }: NonNullable<AgentLine['message']>): void {
		const type = stringAt(event, 'type');
		const isCreated = from === 'server' && type === 'session.created';
		let session = this.#latest.get(line.job);
		// Where no line tells of the connecting, a session begins by being created.
		if (!session || (isCreated && session.hasBegun)) session = this.#begin(line, '');
		if (isCreated) session.hasBegun = true;
		if (stringAt(event, 'delta') === '...' && type?.endsWith('audio.delta')) this.#withoutAudio++;
		session.messages.message(from, session.clock.next(line.time), raw);
		const model = from === 'server' ? stringAt(objectAt(event, 'session'), 'model') : undefined;
		if (model !== undefined) session.messages.update({ model });
	}
}

function missingAudio(pieces: number): string {
	const caller = 'LiveKit’s debug log does not hold the caller’s audio';
	return pieces === 0 ? `${caller}.` : `${caller}, and has "..." for the model’s (${formatCount(pieces, 'piece')}).`;
}

function parseAgentLine(text: string): AgentLine | 'other' | 'unreadable' {
	const line = withoutColours(text).trim();
	const start = line.slice(0, LONGEST_PREFIX).search(JSON_LINE);
	return start >= 0 && !ARROW.test(line.slice(0, start)) ? parseJsonLine(line.slice(start)) : parseTextLine(line);
}

/** A line of a production log: all in one object. */
function parseJsonLine(line: string): AgentLine | 'other' | 'unreadable' {
	if (!line.includes('>>>') && !line.includes('<<<') && !line.includes('connecting to')) return 'other';
	const fields = parseJson(line);
	if (!isObject(fields)) return 'unreadable';
	const text = stringAt(fields, 'message') ?? '';
	const stamp = { time: timeInText(stringAt(fields, 'timestamp') ?? ''), job: jobOf(fields) };
	const url = CONNECTING.exec(text)?.[1];
	if (url !== undefined) return { ...stamp, url };
	const from = senderOf(text.slice(0, 3));
	if (!from) return 'other';
	if (text.length > 4) return withPythonEvent(stamp, from, text.slice(4));
	return withJsonEvent(stamp, from, line);
}

/** A line of a development log: time, level, logger, message, and extra fields as JSON. */
function parseTextLine(line: string): AgentLine | 'other' | 'unreadable' {
	const head = line.slice(0, LONGEST_PREFIX);
	const url = CONNECTING.exec(head);
	if (url?.[1]) {
		const extra = parseJson(line.slice(url.index + url[0].length));
		return { time: timeOfPrefix(head.slice(0, url.index)), job: jobOf(extra), url: url[1] };
	}
	const arrow = ARROW.exec(head);
	if (!arrow) return 'other';
	const from = senderOf(arrow[1]!)!;
	const rest = line.slice(arrow.index + arrow[0].length);
	const stamp = { time: timeOfPrefix(head.slice(0, arrow.index)), job: '' };
	if (!rest.startsWith('{"')) return withPythonEvent(stamp, from, rest);
	return withJsonEvent(stamp, from, rest);
}

function senderOf(arrow: string): From | undefined {
	return arrow === '>>>' ? 'client' : arrow === '<<<' ? 'server' : undefined;
}

/** The event as it is spelled in the JSON of the line's fields. */
function withJsonEvent(stamp: AgentLine, from: From, json: string): AgentLine | 'unreadable' {
	const fields = parseJson(json);
	const event = objectAt(fields, EVENT_KEY);
	const raw = event && sliceOfMember(json, EVENT_KEY);
	if (!event || raw === undefined) return 'unreadable';
	return { ...stamp, job: jobOf(fields), message: { from, raw, event } };
}

/** The event as Python prints a dict, and after it the line's other fields, if any. */
function withPythonEvent(stamp: AgentLine, from: From, text: string): AgentLine | 'unreadable' {
	const literal = readPythonLiteral(text, 0);
	const event = literal && parseJson(literal.json);
	if (!literal || !isObject(event)) return 'unreadable';
	const job = stamp.job || jobOf(parseJson(text.slice(literal.end)));
	return { ...stamp, job, message: { from, raw: literal.json, event } };
}

function jobOf(fields: unknown): string {
	return stringAt(fields, 'job_id') ?? String(numberAt(fields, 'pid') ?? '');
}
