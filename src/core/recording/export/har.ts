import type { RecordingHeader } from '../recorded-event.ts';
import type { Redactor } from '../redaction/redaction-options.ts';
import type { AudioReader, EntryReader } from './audio-reader.ts';
import { findConnections, type RecordedConnection } from './connections.ts';
import { rawOf } from './raw-text.ts';

/** What a HAR file asks of a redactor. */
export type HarRedactor = Pick<Redactor, 'url' | 'text' | 'counts'>;

export interface HarOptions {
	/** Version of Earshot, for the file's `creator`. */
	readonly version: string;
	/** Takes secrets out of the address, the title and the reason of a close. */
	readonly redactor?: HarRedactor;
}

/** Characters of messages that are handed on at once, or one message where that is longer. */
const PIECE_LENGTH = 1 << 17;

/**
 * Writes a recording as a HAR 1.2 file with WebSocket messages, as the developer tools of Chrome do: one entry for each
 * connection, the messages in `_webSocketMessages`. Earshot's own events are no messages and are left out; those about
 * the connection give the entry its times.
 *
 * Yields pieces of text, so that a long session is never held as a whole. Rejects when audio cannot be read any more.
 * Secrets are not looked for in messages: pass redacted entries (`redactEntry`), in which a redactor that remembers what
 * it saw has seen each message once.
 *
 * Sources: http://www.softwareishard.com/blog/har-12-spec/ for HAR; for `_webSocketMessages` exports of Chromium 156
 * (message times are seconds since 1970, opcode 1 is text, 2 is base64), and front_end/models/har of Chrome's developer
 * tools for what they need to open a file.
 */
export async function* formatHar(
	header: RecordingHeader,
	entries: EntryReader,
	audio: AudioReader,
	{ version, redactor }: HarOptions
): AsyncGenerator<string, void> {
	const connections = findConnections(entries);
	const startMs = epochOf(header);
	yield `{"log":{"version":"1.2","creator":${JSON.stringify({ name: 'Earshot', version })},"pages":[],"entries":[`;
	for (const [index, connection] of connections.entries()) {
		const entry = JSON.stringify(entryOf(connection, header, startMs, redactor));
		yield `${index > 0 ? ',' : ''}\n${entry.slice(0, -1)},"_webSocketMessages":[`;
		yield* messagesOf(connection, entries, audio, startMs);
		yield '\n]}';
	}
	// At the end, because only now it is known what was taken out.
	const comment = commentOf(header, entries.length - messagesIn(connections), redactor);
	yield `\n],"comment":${JSON.stringify(comment)}}}\n`;
}

/** The connection's messages as JSON, one on each line. */
async function* messagesOf(
	{ firstIndex, endIndex }: RecordedConnection,
	entries: EntryReader,
	audio: AudioReader,
	startMs: number
): AsyncGenerator<string, void> {
	let piece = '';
	let separator = '\n';
	for (let index = firstIndex; index < endIndex; index++) {
		const entry = entries.entry(index);
		if (entry.from === 'console') continue;
		const { at, from, binary, audio: payload } = entry;
		const bytes = payload && (await audio.read(payload.track, payload.offset, payload.length));
		const data = JSON.stringify(rawOf(entry, bytes));
		const type = from === 'client' ? 'send' : 'receive';
		// Whole microseconds: what is finer is noise of the division.
		const seconds = Math.round((startMs + at) * 1000) / 1e6;
		piece += `${separator}{"type":"${type}","time":${seconds},"opcode":${binary ? 2 : 1},"data":${data}}`;
		separator = ',\n';
		if (piece.length < PIECE_LENGTH) continue;
		yield piece;
		piece = '';
	}
	if (piece !== '') yield piece;
}

/**
 * The entry without its messages. Every field is there that a HAR reader may rely on. Chrome's developer tools refuse a
 * file whose `_initiator` is null, though they write such files; `other` is their word for "not known".
 */
function entryOf(
	connection: RecordedConnection,
	header: RecordingHeader,
	startMs: number,
	redactor: HarRedactor | undefined
): object {
	const isOpen = connection.openedAt !== null || connection.messageCount > 0;
	const url = connection.url || inventUrl(header);
	const total = inMicroseconds(connection.endedAt - connection.startedAt);
	// A connection that never opened was waited for until it ended.
	const openedAt = connection.openedAt ?? connection.startedAt;
	const wait = isOpen ? inMicroseconds(openedAt - connection.startedAt) : total;
	return {
		_initiator: { type: 'other' },
		_priority: null,
		_resourceType: 'websocket',
		cache: {},
		request: requestOf(redactor ? redactor.url(url) : url),
		response: responseOf(isOpen),
		serverIPAddress: '',
		startedDateTime: new Date(startMs + connection.startedAt).toISOString(),
		time: total,
		timings: {
			blocked: -1,
			dns: -1,
			ssl: -1,
			connect: -1,
			send: 0,
			wait,
			receive: inMicroseconds(total - wait),
			_blocked_queueing: -1
		},
		comment: entryComment(connection, redactor)
	};
}

/** Milliseconds to whole microseconds. */
function inMicroseconds(ms: number): number {
	return Math.round(ms * 1000) / 1000;
}

/** The page's script sees no headers of a WebSocket; -1 is HAR's "not known". */
function requestOf(url: string): object {
	const address = url.split('#', 1)[0]!;
	return {
		method: 'GET',
		url: address,
		httpVersion: 'HTTP/1.1',
		headers: [],
		queryString: queryOf(address),
		cookies: [],
		headersSize: -1,
		bodySize: 0
	};
}

function responseOf(isOpen: boolean): object {
	return {
		status: isOpen ? 101 : 0,
		statusText: isOpen ? 'Switching Protocols' : '',
		httpVersion: 'HTTP/1.1',
		headers: [],
		cookies: [],
		content: { size: 0, mimeType: 'x-unknown' },
		redirectURL: '',
		headersSize: -1,
		bodySize: -1,
		_transferSize: 0,
		_error: isOpen ? null : 'The connection never opened.',
		_fetchedViaServiceWorker: false
	};
}

/** As Chrome writes it: names and values as the address spells them. */
function queryOf(address: string): { name: string; value: string }[] {
	const start = address.indexOf('?');
	const members = start < 0 ? [] : address.slice(start + 1).split('&');
	return members
		.filter((member) => member !== '')
		.map((member) => {
			const equals = member.indexOf('=');
			return equals < 0
				? { name: member, value: '' }
				: { name: member.slice(0, equals), value: member.slice(equals + 1) };
		});
}

const NO_ADDRESS = 'The address was not recorded: the one above is made of what is known of the session.';

/** HAR asks for an address. Of an imported session it may not be known; `.invalid` is a domain that nobody can own. */
function inventUrl({ endpoint, model }: RecordingHeader): string {
	// A name without a dot is one that a person gave.
	const isHost = /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|\[[0-9a-f:]+\])(:\d{1,5})?$/i.test(endpoint);
	const host = isHost ? endpoint : 'unknown.invalid';
	return `wss://${host}/v1/realtime${model === '' ? '' : `?model=${encodeURIComponent(model.toWellFormed())}`}`;
}

function entryComment({ url, closed }: RecordedConnection, redactor: HarRedactor | undefined): string {
	const reason = closed?.reason && redactor ? redactor.text(closed.reason, 'close reason') : closed?.reason;
	const end = closed
		? `Closed with ${closed.code === null ? 'no code' : `code ${closed.code}`}${reason ? `: ${reason}` : ''}.`
		: 'How it was closed was not recorded.';
	return url ? end : `${NO_ADDRESS} ${end}`;
}

function commentOf(header: RecordingHeader, leftOut: number, redactor: HarRedactor | undefined): string {
	const parts = [`${redactor ? redactor.text(header.title, 'title') : header.title}.`];
	if (leftOut > 0) {
		const events = leftOut === 1 ? 'One event of Earshot’s own is' : `${leftOut} events of Earshot’s own are`;
		parts.push(`${events} left out: a HAR file holds what crossed the wire.`);
	}
	if (header.clock === 'order')
		parts.push('The times mean nothing: the source had none, and they only keep the order.');
	const kinds = new Set([...header.redacted, ...(redactor?.counts.keys() ?? [])]);
	if (kinds.size > 0) parts.push(`Taken out: ${[...kinds].join(', ')}.`);
	return parts.join(' ');
}

function messagesIn(connections: readonly RecordedConnection[]): number {
	return connections.reduce((sum, { messageCount }) => sum + messageCount, 0);
}

/** The last moment that a date can hold, less the week that a session may last. Milliseconds. */
const LAST_START_MS = 8.64e15 - 7 * 24 * 3_600_000;

/** Wall time of the recording's zero, ms since 1970. The header comes from a file and may hold any text. */
function epochOf({ startedAt }: RecordingHeader): number {
	const ms = Date.parse(startedAt);
	return Math.abs(ms) <= LAST_START_MS ? ms : 0;
}
