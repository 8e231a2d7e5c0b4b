import { describe, expect, test } from 'vitest';
import { LIVEKIT_FORMAT } from './livekit.ts';
import { LIVEKIT_LOG } from './testing/log-samples.ts';
import { readWhole, spoken } from './testing/read-whole.ts';

const read = (...lines: string[]) => readWhole(LIVEKIT_FORMAT, lines.join('\n'));

const production = (fields: object, at = '00.000000') =>
	JSON.stringify({
		...fields,
		level: 'DEBUG',
		name: 'livekit.plugins.openai',
		timestamp: `2026-11-20T09:00:${at}+00:00`
	});

test('a development log is read, its events as they are spelled', () => {
	const { connections, skipped, notes } = read(LIVEKIT_LOG);
	expect(connections).toHaveLength(1);
	expect(connections[0]!.start).toEqual({
		endpoint: 'api.openai.com',
		model: 'gpt-realtime-2',
		transport: 'WebSocket',
		startedAt: '2026-11-20T09:00:00.000Z',
		clock: 'wall'
	});
	expect(spoken(connections[0]!)).toEqual([
		'250 client {"type": "session.update", "session": {"voice": "é"}}',
		'300 server {"type": "session.created", "session": {"model": "gpt-realtime-2"}}',
		'1000 server {"type": "response.output_audio.delta", "delta": "..."}'
	]);
	expect(skipped).toEqual([]);
	expect(notes).toEqual([
		'LiveKit’s debug log does not hold the caller’s audio, and has "..." for the model’s (1 piece).',
		'Passed over: 1 line without a message.'
	]);
});

test('so is a production log', () => {
	const { connections } = read(
		production({
			message: 'connecting to Realtime API: wss://x.openai.azure.com/openai/realtime?deployment=d',
			pid: 1
		}),
		production({ message: '>>>', 'lk.pii.event': { type: 'response.create' }, pid: 1 }, '00.250000'),
		production({ message: '<<<', 'lk.pii.event': { type: 'response.created' }, pid: 1 }, '01.500000'),
		production({ message: '<<<', 'lk.pii.event': { type: 'response.created' }, pid: 2 }, '01.500000')
	);
	expect(connections.map((c) => [c.start.endpoint, c.start.model, ...spoken(c)])).toEqual([
		['x.openai.azure.com', 'd', '250 client {"type":"response.create"}', '1500 server {"type":"response.created"}'],
		['', '', '0 server {"type":"response.created"}']
	]);
});

describe('a log of before August 2026, with events as Python prints them,', () => {
	const dict = `{'type': 'session.update', 'session': {'instructions': "it's {'a'}", 'turn_detection': None, 'x': [True, 1e-05]}}`;
	const json =
		'{"type": "session.update", "session": {"instructions": "it\'s {\'a\'}", "turn_detection": null, "x": [true, 1e-05]}}';

	test('of development', () => {
		const line = `\r09:00:00 DEBUG livekit.plugins.openai >>> ${dict} {"pid": 7}`;
		const { connections, skipped } = read(line, line.replace('09:00:00', '09:00:02').replace('>>>', '<<<'));
		expect(connections.map((c) => [c.start.startedAt, ...spoken(c)])).toEqual([
			[null, `0 client ${json}`, `2000 server ${json}`]
		]);
		expect(skipped).toEqual([]);
	});

	test('of production', () => {
		const { connections } = read(production({ message: `<<< ${dict}` }));
		expect(connections.map(spoken)).toEqual([[`0 server ${json}`]]);
	});

	test('that holds what cannot be read is read all the same', () => {
		const { connections, skipped } = read(`x >>> {'a': <object>}`, `x >>> ${dict}`, `x <<< ${dict.slice(0, 50)}`);
		expect(connections.map(spoken)).toEqual([[`1 client ${json}`]]);
		expect(skipped).toEqual([
			{ place: 'line 1', reason: expect.stringContaining('neither JSON nor a Python dict') as string },
			{ place: 'line 3', reason: expect.stringContaining('ends in the middle of this line') as string }
		]);
	});
});

test('a session that is created anew is a recording of its own, also where no line tells of the connecting', () => {
	const created = `<<< {"lk.pii.event": {"type":"session.created"}}`;
	const other = `<<< {"lk.pii.event": {"type":"response.done"}}`;
	const { connections } = read(created, other, created, other, other);
	expect(connections.map((c) => [c.start.clock, c.messages.length])).toEqual([
		['order', 2],
		['order', 3]
	]);
});

test('an event that is logged again because nobody handled it is taken once', () => {
	const { connections } = read(
		production({ message: '<<<', 'lk.pii.event': { type: 'x' } }),
		production({ message: 'unhandled event: x', 'lk.pii.event': { type: 'x' } }),
		production({ message: 'failed to handle event', 'lk.pii.event': { type: 'x' }, exc_info: '<<<' })
	);
	expect(connections.map(spoken)).toEqual([['0 server {"type":"x"}']]);
});

test('is known by a line that was sent or received', () => {
	const sniff = (text: string) => LIVEKIT_FORMAT.sniff(new TextEncoder().encode(text));
	expect(sniff(LIVEKIT_LOG)).toBeGreaterThan(0.9);
	expect(sniff(production({ message: '>>>', level: 'DEBUG', name: 'x', 'lk.pii.event': {} }))).toBeGreaterThan(0.9);
	expect(sniff(production({ message: ">>> {'type': 'x'}" }))).toBeGreaterThan(0.9);
	for (const text of ['', '>>> {"type":"x"}', 'lk.pii.event', '> {"event":"media"}']) expect(sniff(text)).toBe(0);
});
