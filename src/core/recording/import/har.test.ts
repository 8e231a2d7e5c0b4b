import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../base/utf8.ts';
import { CHROME_HAR_FORMAT, HAR_FORMAT, PLAYWRIGHT_HAR_FORMAT, PLAYWRIGHT_MESSAGES_FORMAT } from './har.ts';
import { PIECE_SIZES, readWhole, spoken, type ReadResult } from './testing/read-whole.ts';

const REALTIME = 'wss://user:sk-secret@api.openai.com:443/v1/realtime?api-key=sk-other&model=gpt-realtime%2D2.1#x';
const CHAT = 'wss://chat.example/socket';
const UPDATE = '{"type":"session.update","session":{ "a" : 1.0 }}';
const CREATED = '{"type":"session.created","session":{"model":"gpt-realtime-mini"}}';

interface Entry {
	url?: string;
	messages?: unknown[];
	/** Members in the order of the file. */
	order?: string[];
	[member: string]: unknown;
}

const sent = (data: string, seconds = 1795173287.5) => ({ type: 'send', time: seconds, opcode: 1, data });
const received = (data: string, seconds = 1795173287.625) => ({ type: 'receive', time: seconds, opcode: 1, data });

function har(entries: Entry[], creator = 'WebInspector', indent?: string): string {
	const log = {
		version: '1.2',
		creator: { name: creator, version: '537.36' },
		pages: [],
		entries: entries.map(({ url, messages, order, ...rest }) => {
			const entry: Record<string, unknown> = {
				_resourceType: 'websocket',
				request: { method: 'GET', url, headers: [{ name: 'Authorization', value: 'Bearer sk-secret' }] },
				response: { status: 101, content: { size: 0 } },
				startedDateTime: '2026-11-20T11:14:47.250Z',
				...rest,
				...(messages ? { _webSocketMessages: messages } : {})
			};
			return order ? Object.fromEntries(order.map((key) => [key, entry[key]])) : entry;
		})
	};
	return JSON.stringify({ log }, null, indent);
}

/** Reads it whole and in pieces of every size, which must give the same. */
function read(text: string, format = CHROME_HAR_FORMAT): ReadResult {
	const whole = readWhole(format, text);
	for (const size of PIECE_SIZES) expect(readWhole(format, text, size)).toEqual(whole);
	return whole;
}

describe('a HAR', () => {
	const messages = [
		sent(UPDATE),
		{ type: 'send', time: 1795173287.5625, opcode: 2, data: 'CQj/' },
		received(CREATED),
		received('not JSON \n"é€😀"', 1795173287.6318111)
	];

	test.each([
		['request first', undefined, undefined],
		['pretty', undefined, '\t'],
		['messages first', ['_webSocketMessages', 'startedDateTime', 'request'], undefined],
		['messages in between', ['startedDateTime', '_webSocketMessages', 'request', 'response'], '  ']
	])('gives its connection, %s', (_name, order, indent) => {
		const { connections, skipped, notes } = read(
			har([{ url: REALTIME, messages, ...(order && { order }) }], undefined, indent)
		);
		expect({ skipped, notes, count: connections.length }).toEqual({ skipped: [], notes: [], count: 1 });
		expect(connections[0]!.start).toEqual({
			endpoint: 'api.openai.com:443',
			transport: 'WebSocket',
			model: 'gpt-realtime-2.1',
			startedAt: '2026-11-20T11:14:47.500Z',
			clock: 'wall'
		});
		expect(spoken(connections[0]!).map((line) => line.replace(/^(\d+\.\d{3})\d*/, '$1'))).toEqual([
			`0 client ${UPDATE}`,
			'62.5 client binary CQj/',
			`125 server ${CREATED}`,
			'131.811 server not JSON \n"é€😀"'
		]);
	});

	test('of Playwright has milliseconds', () => {
		const inMs = [sent(UPDATE, 1795173824750.25), received(CREATED, 1795173824753)];
		const { connections } = read(har([{ url: REALTIME, messages: inMs }], 'Playwright'), PLAYWRIGHT_HAR_FORMAT);
		expect(connections[0]!.start.startedAt).toBe('2026-11-20T11:23:44.750Z');
		expect(connections[0]!.messages.map(({ at }) => at)).toEqual([0, 2.75]);
	});

	test('without times has an order, and began when its entry says', () => {
		const { connections } = read(har([{ url: REALTIME, messages: [sent(UPDATE, -1), received(CREATED, -1)] }]));
		expect(connections[0]!.start).toMatchObject({ clock: 'order', startedAt: '2026-11-20T11:14:47.250Z' });
		expect(connections[0]!.messages.map(({ at }) => at)).toEqual([0, 1]);
	});

	test('with times that count from elsewhere goes by who wrote it', () => {
		const times = [sent(UPDATE, 12.5), received(CREATED, 13)];
		const ats = (creator: string) => read(har([{ url: REALTIME, messages: times }], creator)).connections[0]!.messages;
		expect(ats('WebInspector').map(({ at }) => at)).toEqual([0, 500]);
		expect(ats('another').map(({ at }) => at)).toEqual([0, 0.5]);
	});

	test('without a model in the address learns it from the session', () => {
		const { connections } = read(har([{ url: 'wss://x.example/realtime', messages }]));
		expect(connections[0]!.start).toMatchObject({ endpoint: 'x.example', model: 'gpt-realtime-mini' });
	});

	test('of several connections gives several, others are skipped', () => {
		const chat = { url: CHAT, messages: [received('{"type":"error"}'), received('hi')] };
		const { connections, skipped, notes } = read(
			har([
				{ url: 'https://x.example/', _resourceType: 'document' },
				chat,
				{ url: 'wss://gateway.example/llm', messages: [received('hello'), received('{"type":"response.done"}')] },
				chat,
				{ url: REALTIME, messages: [received('{"type":"vendor"}')] }
			])
		);
		expect(connections.map(({ start, messages }) => [start.endpoint, messages.length])).toEqual([
			['gateway.example', 2],
			['api.openai.com:443', 1]
		]);
		const reason = 'This WebSocket to chat.example is no Realtime session.';
		expect(skipped).toEqual([
			{ place: 'entry 2', reason },
			{ place: 'entry 4', reason }
		]);
		expect(notes).toEqual([]);
	});

	test('that is cut in another WebSocket skips that one', () => {
		const text = har([
			{ url: REALTIME, messages },
			{ url: CHAT, messages: [sent('hi'), sent('there')] }
		]);
		const { connections, skipped } = read(text.slice(0, text.indexOf('there')));
		expect(connections.map(({ start }) => start.endpoint)).toEqual(['api.openai.com:443']);
		expect(skipped.map(({ place }) => place)).toEqual([expect.stringMatching(/^byte/), 'entry 2']);
	});

	test('of other WebSockets alone gives those, and says so', () => {
		const { connections, skipped, notes } = read(
			har([
				{ url: CHAT, messages: [sent('hi')] },
				{ url: CHAT, messages: [received('there'), sent('you')] }
			])
		);
		expect(connections.map(({ messages }) => messages.length)).toEqual([1, 2]);
		expect(skipped).toEqual([]);
		expect(notes).toEqual([expect.stringMatching(/^No WebSocket in this file looks like a Realtime session/)]);
	});

	test('of another WebSocket with more than can wait gives it, if nothing else came first', { timeout: 60_000 }, () => {
		const many = Array.from({ length: 40 }, () => sent('x'.repeat(2 ** 20)));
		const first = readWhole(
			CHROME_HAR_FORMAT,
			har([
				{ url: CHAT, messages: many },
				{ url: REALTIME, messages }
			])
		);
		expect(first.connections.map((connection) => connection.messages.length)).toEqual([40, 4]);
		const second = readWhole(
			CHROME_HAR_FORMAT,
			har([
				{ url: REALTIME, messages },
				{ url: CHAT, messages: many }
			])
		);
		expect(second.connections.map((connection) => connection.messages.length)).toEqual([4]);
		expect(second.skipped).toEqual([expect.objectContaining({ place: 'entry 2' })]);
	});

	test('names what it does not take', () => {
		const odd = [
			sent(UPDATE),
			{ type: 'error', time: 1, opcode: -1, data: 'Invalid frame header' },
			{ ...sent(''), opcode: 9 },
			{ type: 'send', time: 1, opcode: 1 },
			'text',
			received(CREATED)
		];
		const { connections, skipped } = read(
			har([{ url: REALTIME, messages: odd }, { url: CHAT }, { url: CHAT, messages: [] }])
		);
		expect(connections[0]!.messages).toHaveLength(2);
		expect(skipped.map(({ place }) => place)).toEqual([
			...['entry 1, message 2', 'entry 1, message 3', 'entry 1, message 4', 'entry 1, message 5'],
			...['entry 2', 'entry 3']
		]);
		expect(skipped[0]!.reason).toMatch(/error of the connection here: Invalid frame header/);
		expect(skipped[4]!.reason).toMatch(/no messages of this WebSocket/);
	});

	test('never gives a key away', () => {
		const secret = har([{ url: REALTIME, messages: [sent('{}')] }, { url: REALTIME }, { url: CHAT, messages: ['x'] }]);
		expect(JSON.stringify(read(secret))).not.toMatch(/sk-/);
	});

	test('whose messages lie elsewhere says where', () => {
		const response = { content: { _file: 'ab12.jsonl' } };
		const { connections, skipped } = read(har([{ url: REALTIME, response }], 'Playwright'), PLAYWRIGHT_HAR_FORMAT);
		expect(connections).toEqual([]);
		expect(skipped).toEqual([{ place: 'entry 1', reason: expect.stringMatching(/ab12\.jsonl, which is not here/) }]);
	});
});

describe('a HAR that is not whole', () => {
	const whole = har([{ url: REALTIME, messages: [sent(UPDATE), received(CREATED)] }]);

	test('gives what came before the cut, wherever it is', { timeout: 60_000 }, () => {
		const bytes = encodeUtf8(whole);
		for (let end = 0; end < bytes.length; end++) {
			const { connections, skipped } = readWhole(CHROME_HAR_FORMAT, bytes.subarray(0, end));
			expect(skipped).toHaveLength(1);
			expect(skipped[0]).toMatchObject({ place: `byte ${(end + 1).toLocaleString('en-US')}` });
			const isFirstWhole = whole.slice(0, end).includes('},{"type":"receive"');
			if (isFirstWhole) expect(connections[0]!.messages[0]).toMatchObject({ from: 'client', raw: UPDATE });
			else expect(connections.length).toBeLessThanOrEqual(1);
		}
	});

	test.each([
		['', /empty/],
		['{"log":{"entries":[{"_webSocketMessages":[{"type":"send"},,:', /damaged at byte 60/],
		['{"log":7}', /no WebSocket in this file/],
		['{"log":{"entries":{"0":1}}}', /no WebSocket in this file/],
		[har([]), /no WebSocket in this file/]
	])('%j is named', (text, reason) => {
		const { connections, skipped } = read(text);
		expect(connections).toEqual([]);
		expect(skipped.at(-1)!.reason).toMatch(reason);
	});

	test('goes on after a damaged message', () => {
		const damaged = whole.replace('"opcode":1,', '"opcode":!,');
		const { connections, skipped } = read(damaged);
		expect(connections[0]!.messages.map(({ raw }) => raw)).toEqual([CREATED]);
		expect(skipped).toEqual([{ place: 'entry 1, message 1', reason: 'This message is no JSON object.' }]);
	});

	test('keys that mean mischief do none', () => {
		const text = `{"__proto__":{"polluted":1},"log":{"__proto__":{"polluted":1},"entries":[{"__proto__":{"polluted":1},"_webSocketMessages":[{"__proto__":{"type":"send","polluted":1},"data":"x"}]}]}}`;
		expect(read(text).connections).toEqual([]);
		expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
	});
});

test('a file of messages out of an archive is read by itself', () => {
	const text = [sent(UPDATE, 1795173824750.25), received(CREATED, 1795173824753)]
		.map((m) => JSON.stringify(m))
		.join('\n');
	const { connections, skipped } = read(`${text}\n{"type":"rec`, PLAYWRIGHT_MESSAGES_FORMAT);
	expect(spoken(connections[0]!)).toEqual([`0 client ${UPDATE}`, `2.75 server ${CREATED}`]);
	expect(skipped).toEqual([{ place: 'line 3', reason: expect.stringMatching(/^The file ends in the middle/) }]);
	expect(PLAYWRIGHT_MESSAGES_FORMAT.sniff(encodeUtf8(text))).toBeGreaterThan(0.9);
});

test('a HAR is known by its beginning and by who wrote it', () => {
	const scores = (text: string) =>
		[CHROME_HAR_FORMAT, PLAYWRIGHT_HAR_FORMAT, HAR_FORMAT].map((format) => format.sniff(encodeUtf8(text)) > 0);
	expect(scores(har([], 'WebInspector', '  '))).toEqual([true, false, true]);
	expect(scores(har([], 'Playwright'))).toEqual([false, true, true]);
	expect(scores(har([], 'Proxyman'))).toEqual([false, false, true]);
	expect(scores('{"logs":{}}')).toEqual([false, false, false]);
});
