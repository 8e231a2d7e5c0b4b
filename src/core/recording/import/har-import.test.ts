import { describe, expect, test } from 'vitest';
import { HarImport } from './har-import.ts';
import type { FormatReader, ImportSink } from './import-sink.ts';
import { PIECE_SIZES, readWhole, spoken, type ReadResult, pushAll } from './testing/read-whole.ts';

const UPDATE = '{"type":"session.update","session":{}}';
const CREATED = '{"type":"session.created","event_id":"e1"}';
const line = (type: string, time: number, data: string, opcode = 1) => JSON.stringify({ type, time, opcode, data });

/** An entry as Playwright 1.65.1 writes it when messages go into files of their own. */
function entry(file: string, url = 'wss://api.openai.com/v1/realtime?model=gpt-realtime'): object {
	return {
		startedDateTime: '2026-11-20T11:23:44.501Z',
		request: { method: 'GET', url, headers: [{ name: 'Sec-WebSocket-Protocol', value: 'realtime' }] },
		response: { status: 101, content: { size: -1, mimeType: 'x-unknown', ...(file === '' ? {} : { _file: file }) } },
		_resourceType: 'websocket'
	};
}

const page = { request: { url: 'https://x/' }, response: { content: { _file: 'p.html' } }, _resourceType: 'document' };
const MESSAGES = [line('send', 1795173824750.25, UPDATE), line('receive', 1795173824753, CREATED)].join('\n') + '\n';
const CHAT = line('receive', 1795173824754, 'hello');

function feed(reader: FormatReader, text: string, size = 1 << 20): void {
	pushAll(reader, text, size);
	reader.end();
}

/** Reads an archive: its lists of requests, and then the files that they name. */
function readArchive(files: Record<string, string>, size?: number): ReadResult & { attached: string[] } {
	let attached: string[] = [];
	const open = (sink: ImportSink) => {
		const har = new HarImport(sink);
		for (const [name, text] of Object.entries(files)) {
			if (name.endsWith('.har')) feed(har.readHar(`${name}, `), text, size);
			if (name.endsWith('.network')) feed(har.readTraceNetwork(`${name}, `), text, size);
		}
		for (const connection of har.attached) {
			const text = Object.hasOwn(files, connection.file) ? files[connection.file] : undefined;
			if (text !== undefined) feed(har.readMessages(connection), text, size);
		}
		har.end();
		attached = har.attached.map(({ file }) => file);
		return { push: () => undefined, end: () => undefined };
	};
	const result = readWhole({ id: 'archive', name: 'archive', isForeign: true, sniff: () => 0, open }, '');
	return { ...result, attached };
}

function read(files: Record<string, string>): ReturnType<typeof readArchive> {
	const whole = readArchive(files);
	for (const size of PIECE_SIZES) expect(readArchive(files, size)).toEqual(whole);
	return whole;
}

const snapshot = (of: object) => `${JSON.stringify({ type: 'resource-snapshot', snapshot: of })}\n`;

describe('an archive of Playwright', () => {
	test.each([
		['with a HAR', 'har.har', 'ab12.jsonl', JSON.stringify({ log: { entries: [page, entry('ab12.jsonl')] } })],
		['with a trace', 'trace.network', 'resources/ab12.jsonl', snapshot(page) + snapshot(entry('resources/ab12.jsonl'))]
	])('%s gives the connections whose messages lie in other files', (_name, list, file, text) => {
		const { connections, skipped, notes, attached } = read({ [list]: text, [file]: MESSAGES });
		expect({ skipped, notes, attached }).toEqual({ skipped: [], notes: [], attached: [file] });
		expect(connections).toHaveLength(1);
		expect(connections[0]!.start).toEqual({
			endpoint: 'api.openai.com',
			transport: 'WebSocket',
			model: 'gpt-realtime',
			startedAt: '2026-11-20T11:23:44.750Z',
			clock: 'wall'
		});
		expect(spoken(connections[0]!)).toEqual([`0 client ${UPDATE}`, `2.75 server ${CREATED}`]);
	});

	test('decides among all its connections which are Realtime', () => {
		const trace =
			snapshot(entry('chat.jsonl', 'wss://chat.example/')) + snapshot(entry('llm.jsonl', 'wss://llm.example/'));
		const { connections, skipped } = read({ 'trace.network': trace, 'chat.jsonl': CHAT, 'llm.jsonl': MESSAGES });
		expect(connections.map(({ start }) => start.endpoint)).toEqual(['llm.example']);
		const reason = 'This WebSocket to chat.example is no Realtime session.';
		expect(skipped).toEqual([{ place: 'trace.network, line 1', reason }]);
	});

	test('that names a file in two parts of its trace gives one connection', () => {
		const part = snapshot(entry('resources/a.jsonl'));
		const { connections } = read({ '0-trace.network': part, '1-trace.network': part, 'resources/a.jsonl': MESSAGES });
		expect(connections).toHaveLength(1);
		expect(read({ '0-trace.network': part, '1-trace.network': part }).skipped).toEqual([
			expect.objectContaining({ place: '0-trace.network, line 1' })
		]);
	});

	test('names what is missing or cut', () => {
		const trace = `${snapshot(entry('a.jsonl'))}no JSON\n${snapshot(entry('../../b.jsonl'))}${snapshot(entry(''))}{"type":"reso`;
		const { connections, skipped } = read({ 'trace.network': trace, 'a.jsonl': `${MESSAGES}[]\n{"type":"se` });
		expect(connections[0]!.messages).toHaveLength(2);
		expect(skipped).toEqual([
			{ place: 'trace.network, line 2', reason: 'This line is no JSON.' },
			{ place: 'trace.network, line 4', reason: expect.stringMatching(/no messages of this WebSocket/) },
			{ place: 'trace.network, line 5', reason: expect.stringMatching(/^The file ends in the middle/) },
			{ place: 'a.jsonl, line 3', reason: 'This message is no JSON object.' },
			{ place: 'a.jsonl, line 4', reason: expect.stringMatching(/^The file ends in the middle/) },
			{ place: 'trace.network, line 3', reason: expect.stringMatching(/lie in another file, \.\.\/\.\.\/b\.jsonl/) }
		]);
	});

	test('names a file without messages', () => {
		const { connections, skipped } = read({ 'trace.network': snapshot(entry('a.jsonl')), 'a.jsonl': '\n' });
		expect(connections).toEqual([]);
		expect(skipped).toEqual([
			{ place: 'trace.network, line 1', reason: 'The file holds no messages of this WebSocket.' }
		]);
	});

	test('without a WebSocket says so', () => {
		const { connections, skipped } = read({ 'trace.network': snapshot(page), 'har.har': '{"log":{"entries":[]}}' });
		expect(connections).toEqual([]);
		expect(skipped).toEqual([{ place: 'the file', reason: expect.stringMatching(/^There is no WebSocket/) }]);
	});

	test('of an older Playwright names files by their digest', () => {
		const older = { ...entry(''), response: { content: { _sha1: 'ab12.jsonl' } } };
		expect(read({ 'trace.network': snapshot(older) }).attached).toEqual(['resources/ab12.jsonl']);
	});
});
