import { describe, expect, test } from 'vitest';
import { WEBSOCKETS_LOG } from './testing/log-samples.ts';
import { readWhole, spoken } from './testing/read-whole.ts';
import { WEBSOCKETS_DEBUG_FORMAT } from './websockets-debug.ts';

const read = (...lines: string[]) => readWhole(WEBSOCKETS_DEBUG_FORMAT, lines.join('\n'));

const handshake = (path: string, prefix = '') => [
	`${prefix}= connection is CONNECTING`,
	`${prefix}> GET ${path} HTTP/1.1`,
	`${prefix}> Host: localhost:4600`,
	`${prefix}< HTTP/1.1 101 Switching Protocols`,
	`${prefix}= connection is OPEN`
];

test('a log of whole messages is read', () => {
	const { connections, skipped, notes } = read(WEBSOCKETS_LOG);
	expect(connections).toHaveLength(1);
	expect(connections[0]!.start).toEqual({
		endpoint: 'api.openai.com',
		transport: 'WebSocket',
		model: 'gpt-realtime-2',
		// The lines have the time of a place, an hour ahead; the server's Date, of a clock that is late, tells which.
		startedAt: '2026-11-20T09:00:00.000Z',
		clock: 'wall'
	});
	expect(spoken(connections[0]!)).toEqual([
		'91 console {"type":"earshot.connection.opened"}',
		'100 server {"type": "session.created", "session": {"model": "gpt-realtime-2"}}',
		'110 client {"type":"session.update","session":{"instructions":"It\'s ..."}}',
		'120 server {"type":"é"}',
		'132 client {"type":"input","é":"日"}',
		'140 server binary eyJhIn0=',
		'141 server binary AAH/',
		'160 console {"type":"earshot.connection.closed","code":1011,"reason":"keepalive ping\'s timeout [x]","was_clean":true}'
	]);
	expect(skipped).toEqual([]);
	expect(notes).toEqual(['Passed over: 6 lines without a message.']);
});

test.each([
	['Python’s own format', 'DEBUG:websockets.client:', null],
	['nothing', '', null],
	['a date with a zone', '2026-11-20T09:00:00.500+01:00 ', '2026-11-20T08:00:00.500Z'],
	['the openai package', '[2026-11-20 09:00:00 - websockets.client:609 - DEBUG] ', '2026-11-20T09:00:00.000Z'],
	['colours', '\x1b[2m2026-11-20 09:00:00\x1b[0m [\x1b[32mdebug\x1b[0m] ', '2026-11-20T09:00:00.000Z'],
	['a container', 'app-1  | 2026-11-20 09:00:00,000 DEBUG ', '2026-11-20T09:00:00.000Z']
])('lines may begin with %s', (_name, prefix, startedAt) => {
	const { connections } = read(...handshake('/v1/realtime?model=a%2Fb', prefix), `${prefix}> TEXT '{}' [2 bytes]`);
	expect(connections.map(({ start }) => start)).toEqual([
		{ endpoint: 'localhost:4600', transport: 'WebSocket', model: 'a/b', startedAt, clock: startedAt ? 'wall' : 'order' }
	]);
	expect(connections[0]!.messages.map(({ from, raw }) => [from, raw])).toEqual([
		['console', '{"type":"earshot.connection.opened"}'],
		['client', '{}']
	]);
});

describe('several connections', () => {
	test('one after the other become as many recordings', () => {
		const close = ['> CLOSE 1000 (OK) [2 bytes]', '< CLOSE 1000 (OK) done [6 bytes]', '= connection is CLOSED'];
		const { connections, notes } = read(
			...handshake('/a'),
			"> TEXT '1' [1 byte]",
			...close,
			...handshake('/b'),
			"> TEXT '2' [1 byte]",
			'= connection is CLOSED'
		);
		expect(connections.map((c) => c.messages.map((message) => message.raw))).toEqual([
			[
				'{"type":"earshot.connection.opened"}',
				'1',
				'{"type":"earshot.connection.closed","code":1000,"reason":"done","was_clean":true}'
			],
			[
				'{"type":"earshot.connection.opened"}',
				'2',
				'{"type":"earshot.connection.closed","code":1006,"reason":"","was_clean":false}'
			]
		]);
		expect(notes).toEqual([expect.stringMatching(/^Passed over/)].slice(1));
	});

	test('at the same time cannot be told apart, which is said', () => {
		const { connections, notes } = read(...handshake('/a'), ...handshake('/b'), "> TEXT '2' [1 byte]");
		expect(connections.map((c) => c.messages.length)).toEqual([1, 2]);
		expect(notes).toEqual([expect.stringContaining('cannot be told apart')]);
	});

	test('can be told apart by their ids, where the program logs them', () => {
		const [a, b] = ['0b1c2d3e-0000-4000-8000-000000000001 ', '0b1c2d3e-0000-4000-8000-000000000002 '];
		const lines = [...handshake('/a', a), ...handshake('/b', b), `${a}> TEXT '1' [1 byte]`, `${b}> TEXT '2' [1 byte]`];
		const { connections, notes } = read(...lines);
		expect(connections.map((c) => c.messages.at(-1)?.raw)).toEqual(['1', '2']);
		expect(notes).toEqual([]);
	});

	test('of a server are read from its side', () => {
		const { connections } = read(
			'websockets.server = connection is CONNECTING',
			...handshake('/a', 'websockets.client '),
			'websockets.server < GET /v1/realtime?model=m HTTP/1.1',
			'websockets.server < Host: here',
			'websockets.server > HTTP/1.1 101 Switching Protocols',
			'websockets.server = connection is OPEN',
			"websockets.client > TEXT 'asked' [5 bytes]",
			"websockets.server < TEXT 'asked' [5 bytes]",
			"websockets.server > TEXT 'told' [4 bytes]"
		);
		expect(
			connections.map((c) => [c.start.model, ...c.messages.slice(1).map(({ from, raw }) => `${from} ${raw}`)])
		).toEqual([
			['', 'client asked'],
			['m', 'client asked', 'server told']
		]);
	});

	test('that are refused are named', () => {
		const { connections, skipped } = read('> GET /a HTTP/1.1', '< HTTP/1.1 401 Unauthorized', '= connection is CLOSED');
		expect(connections).toEqual([]);
		expect(skipped).toEqual([{ place: 'line 2', reason: 'The connection was refused: HTTP 401 Unauthorized' }]);
	});
});

test('a log that begins in the middle is read from there', () => {
	const { connections, skipped } = read(
		"< CONT 'ed' [text, 2 bytes]",
		"< TEXT '{}' [2 bytes]",
		'< CLOSE 1000 (OK) [2 bytes]'
	);
	expect(connections.map(spoken)).toEqual([
		['1 server {}', '2 console {"type":"earshot.connection.closed","code":1000,"reason":"","was_clean":false}']
	]);
	expect(skipped).toEqual([
		{ place: 'line 1', reason: expect.stringContaining('beginning is not in the log') as string }
	]);
});

describe('a log that left out the middle of messages', () => {
	const CUT = [
		`< TEXT '{"type": "session.created", "event_id": "e1", "...odel": "gpt-realtime"}}' [94 bytes]`,
		`> TEXT '{"type":"session.update","instructions":"It\\'...s\\' yours\\\\n and more"}' [900 bytes]`,
		'< TEXT 7b 22 74 79 70 65 22 3a 22 72 65 73 70 6f 6e 73 ... 20 e2 80 a8 20 7f 22 7d [binary, 80 bytes]',
		'> BINARY 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ... c0 c1 c2 c3 c4 c5 c6 c7 [200 bytes]'
	];

	test('is kept as it is, and says how to log them whole', () => {
		const { connections, notes } = read(...CUT);
		expect(spoken(connections[0]!)).toEqual([
			'1 server {"type": "session.created", "event_id": "e1", "...odel": "gpt-realtime"}}',
			`2 client {"type":"session.update","instructions":"It'...s' yours\\n and more"}`,
			'3 server 7b 22 74 79 70 65 22 3a 22 72 65 73 70 6f 6e 73 ... 20 e2 80 a8 20 7f 22 7d',
			'4 client 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ... c0 c1 c2 c3 c4 c5 c6 c7'
		]);
		expect(notes).toEqual([expect.stringMatching(/4 messages.*WEBSOCKETS_MAX_LOG_SIZE=100000000/s)]);
	});

	test('is not one whose messages hold dots', () => {
		expect(read(`> TEXT '{"delta":"..."}' [15 bytes]`, `< TEXT '...' [3 bytes]`).notes).toEqual([]);
	});
});

test('pieces of a message that end inside a character are told of', () => {
	const { connections, notes } = read("> TEXT 'b\uFFFD' [2 bytes, continued]", "> CONT '\uFFFD!' [text, 2 bytes]");
	expect(connections.map(spoken)).toEqual([['1 client b\uFFFD\uFFFD!']]);
	expect(notes).toEqual([expect.stringContaining('ends inside a character')]);
});

test('both sides may send a message in pieces at the same time', () => {
	const { connections } = read(
		"> TEXT 'a' [1 byte, continued]",
		"< TEXT 'x' [1 byte, continued]",
		"> CONT 'b' [text, 1 byte]",
		"> TEXT 'c' [1 byte]",
		"< CONT 'y' [text, 1 byte]"
	);
	expect(connections.map(spoken)).toEqual([['1 client ab', '2 client c', '3 server xy']]);
});

test('a frame that is cut off is named', () => {
	const { skipped } = read("> TEXT '{}' [2 bytes]", "> TEXT '{}", '> TEXT \'{"type":');
	expect(skipped.map(({ place, reason }) => [place, /ends in the middle/.test(reason)])).toEqual([
		['line 2', false],
		['line 3', true]
	]);
});

test('is known by a frame or a request', () => {
	const sniff = (text: string) => WEBSOCKETS_DEBUG_FORMAT.sniff(new TextEncoder().encode(text));
	expect(sniff(WEBSOCKETS_LOG)).toBeGreaterThan(0.8);
	expect(sniff(`x\ny\nDEBUG:websockets.client:> TEXT '${'a'.repeat(100)}`)).toBeGreaterThan(0.8);
	for (const text of ['', '> {"event":"media"}', '< TEXT here', '{"message": "> TEXT"}'])
		expect(sniff(`${text}\n.`)).toBe(0);
});
