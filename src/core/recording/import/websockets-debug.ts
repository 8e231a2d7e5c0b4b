import { encodeBase64 } from '../../audio/base64.ts';
import type { From } from '../recorded-event.ts';
import type { FormatReader, ImportFormat, ImportSink, MessageSink } from './import-sink.ts';
import type { LineSplitter } from './line-splitter.ts';
import { parseEndpointAddress } from './endpoint-address.ts';
import { formatCount } from '../../base/words.ts';
import { createLineReader, firstLines, modelOfSession, skipLine } from './line-reader.ts';
import { startedAtOf, timeOfPrefix } from './log-line.ts';
import { ConnectionClock, type MessageTime } from './message-time.ts';
import * as wire from './websockets-line.ts';

/**
 * The debug log of Python's `websockets` package, on which the `openai` package stands. Complete when the program ran with
 * `WEBSOCKETS_MAX_LOG_SIZE` set high. See `websockets-line.ts` for its lines.
 */
export const WEBSOCKETS_DEBUG_FORMAT: ImportFormat = {
	id: 'websockets-debug',
	name: 'Debug log of Python websockets',
	isForeign: true,
	sniff: (head) => {
		const lines = firstLines(head);
		// The last line may be cut off before its length.
		const isLast = (index: number) => index === lines.length - 1;
		const found = lines.some((line, index) => {
			const parsed = wire.parseDebugLine(line);
			return parsed?.kind === 'frame' || parsed?.kind === 'request' || (parsed?.kind === 'broken' && isLast(index));
		});
		return found ? 0.9 : 0;
	},
	open: (sink) => new WebsocketsReader(sink)
};

/** Fragments of one message are put together up to so many characters of the log. */
const LONGEST_MESSAGE = 2 ** 27;

const OVERLAP =
	'Connections that were open at the same time cannot be told apart in this log: what came after a handshake is in the ' +
	'recording of that connection.';

const LOGGER = /websockets\.(?:client|server)|$/;
const CONNECTION_ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/;

/** A message whose last frame has not come. */
interface Fragments {
	readonly isBinary: boolean;
	parts: (string | Uint8Array)[];
	length: number;
	state: wire.Payload['state'];
}

/** One connection, from its handshake on. */
interface Connection {
	readonly clock: ConnectionClock;
	/** The log is that of the server's side. */
	isServer: boolean;
	path: string;
	host: string;
	dateMs: number | null;
	messages: MessageSink | null;
	readonly fragments: Map<boolean, Fragments>;
	closeReceived: { code: number; reason: string } | null;
	closeSent: boolean;
	isOver: boolean;
}

class WebsocketsReader implements FormatReader {
	readonly #sink: ImportSink;
	readonly #lines: LineSplitter;
	/** The latest connection of each logger, and of each connection's id where the program logs it. */
	readonly #latest = new Map<string, Connection>();
	#cut = 0;
	#damaged = 0;
	#others = 0;
	#hasOverlap = false;

	constructor(sink: ImportSink) {
		this.#sink = sink;
		this.#lines = createLineReader(sink, (text, lineNumber, isLast) => this.#read(text, lineNumber, isLast));
	}

	push(bytes: Uint8Array): void {
		this.#lines.push(bytes);
	}

	end(): void {
		this.#lines.end();
		for (const connection of this.#latest.values()) {
			if (connection.closeReceived) this.#close(connection, undefined);
		}
		if (this.#cut > 0) this.#sink.note(cutNote(this.#cut));
		if (this.#damaged > 0) this.#sink.note(damagedNote(this.#damaged));
		if (this.#hasOverlap) this.#sink.note(OVERLAP);
		if (this.#others > 0) this.#sink.note(`Passed over: ${formatCount(this.#others, 'line')} without a message.`);
	}

	#read(text: string, lineNumber: number, isLast: boolean): void {
		const line = wire.parseDebugLine(text);
		if (!line) {
			this.#others++;
			return;
		}
		if (line.kind === 'broken') {
			skipLine(this.#sink, lineNumber, 'This line’s frame does not end in its length, so it is not whole.', isLast);
			return;
		}
		const time = timeOfPrefix(line.prefix);
		const lane = (LOGGER.exec(line.prefix)?.[0] ?? '') + (CONNECTION_ID.exec(line.prefix)?.[0] ?? '');
		if (line.kind === 'state' && line.state === 'CONNECTING') this.#begin(lane, time);
		else if (line.kind === 'request') this.#request(lane, time, line.path, !line.isSent);
		else this.#advance(this.#latest.get(lane) ?? this.#begin(lane, time), line, time, lineNumber);
	}

	#begin(lane: string, time: MessageTime | undefined): Connection {
		const before = this.#latest.get(lane);
		if (before?.closeReceived) this.#close(before, time);
		const isInUse = before !== undefined && (before.path !== '' || before.messages !== null);
		if (isInUse && !before.isOver && !before.closeSent) this.#hasOverlap = true;
		const connection: Connection = {
			clock: new ConnectionClock(),
			isServer: lane.startsWith('websockets.server'),
			...{ path: '', host: '', dateMs: null, messages: null, fragments: new Map<boolean, Fragments>() },
			...{ closeReceived: null, closeSent: false, isOver: false }
		};
		connection.clock.next(time);
		this.#latest.set(lane, connection);
		return connection;
	}

	#request(lane: string, time: MessageTime | undefined, path: string, isServer: boolean): void {
		const latest = this.#latest.get(lane);
		const isNew = latest && latest.path === '' && !latest.messages && !latest.isOver;
		const connection = isNew ? latest : this.#begin(lane, time);
		connection.path = path;
		connection.isServer = isServer;
	}

	#advance(connection: Connection, line: wire.DebugLine, time: MessageTime | undefined, lineNumber: number): void {
		if (line.kind === 'header') {
			if (connection.messages) return;
			if (line.name === 'host') connection.host = line.value;
			else connection.dateMs = Date.parse(line.value) || null;
		} else if (line.kind === 'response' && line.status !== 101 && !connection.messages) {
			skipLine(this.#sink, lineNumber, `The connection was refused: HTTP ${line.status} ${line.phrase}`.trim());
			connection.isOver = true;
		} else if (line.kind === 'state' && line.state === 'OPEN') {
			this.#open(connection).message('console', connection.clock.next(time), '{"type":"earshot.connection.opened"}');
		} else if (line.kind === 'state' && line.state === 'CLOSED') {
			this.#close(connection, time);
		} else if (line.kind === 'frame') {
			this.#frame(connection, line.isSent, line.frame, time, lineNumber);
		}
	}

	#open(connection: Connection): MessageSink {
		if (connection.messages) return connection.messages;
		const { clock, host, path, dateMs } = connection;
		const { endpoint, model } = parseEndpointAddress(`ws://${host}${path}`);
		const start = { endpoint, transport: 'WebSocket', model, startedAt: startedAtOf(clock, dateMs) };
		connection.messages = this.#sink.begin({ ...start, clock: clock.hasTime ? 'wall' : 'order' });
		return connection.messages;
	}

	#frame(
		c: Connection,
		isSent: boolean,
		frame: wire.DebugFrame,
		time: MessageTime | undefined,
		lineNumber: number
	): void {
		const { opcode } = frame;
		if (opcode === 'PING' || opcode === 'PONG') return;
		if (opcode === 'CLOSE') {
			if (isSent) c.closeSent = true;
			else c.closeReceived ??= wire.parseClose(frame.payload);
			return;
		}
		const payload = wire.readPayload(frame);
		const pending = c.fragments.get(isSent);
		if (!pending && opcode === 'CONT') {
			skipLine(this.#sink, lineNumber, 'This frame goes on with a message whose beginning is not in the log.');
			return;
		}
		const message = pending ?? { isBinary: opcode === 'BINARY', parts: [], length: 0, state: 'whole' as const };
		message.length += frame.payload.length;
		if (message.length <= LONGEST_MESSAGE) message.parts.push(...payload.parts);
		else message.parts = [];
		if (message.state === 'whole') message.state = payload.state;
		if (frame.isContinued) {
			c.fragments.set(isSent, message);
			return;
		}
		c.fragments.delete(isSent);
		if (message.length > LONGEST_MESSAGE) skipLine(this.#sink, lineNumber, 'This message is too long to be read.');
		else this.#message(c, isSent === c.isServer ? 'server' : 'client', message, time);
	}

	#message(connection: Connection, from: From, message: Fragments, time: MessageTime | undefined): void {
		const messages = this.#open(connection);
		const at = connection.clock.next(time);
		if (message.state === 'cut') this.#cut++;
		if (message.state === 'damaged') this.#damaged++;
		// Bytes whose middle is missing are no bytes: the log's words for them are all that there is.
		if (message.isBinary && message.state !== 'cut') {
			messages.binary(from, at, encodeBase64(wire.bytesOfPayload(message)));
			return;
		}
		const raw = wire.textOf(message);
		messages.message(from, at, raw);
		const model = from === 'server' ? modelOfSession(raw) : undefined;
		if (model !== undefined) messages.update({ model });
	}

	#close(connection: Connection, time: MessageTime | undefined): void {
		const { messages, closeReceived, closeSent, isOver } = connection;
		connection.isOver = true;
		if (!messages || isOver) return;
		// As a socket's close event tells it: 1006 where the other side did not say goodbye.
		const { code, reason } = closeReceived ?? { code: 1006, reason: '' };
		const event = { type: 'earshot.connection.closed', code, reason, was_clean: closeReceived !== null && closeSent };
		messages.message('console', connection.clock.next(time), JSON.stringify(event));
	}
}

function cutNote(messages: number): string {
	return (
		`The log left out the middle of messages ("..."), which therefore cannot be read as events: ` +
		`${formatCount(messages, 'message')}, kept as printed. To log them whole, set WEBSOCKETS_MAX_LOG_SIZE=100000000 in the ` +
		'environment of the program.'
	);
}

function damagedNote(messages: number): string {
	return (
		'Of messages that were sent in pieces some have a piece that ends inside a character, which the log shows as U+FFFD: ' +
		`${formatCount(messages, 'message')}.`
	);
}
