import { describe, expect, test } from 'vitest';
import { TWILIO_LOG } from './testing/log-samples.ts';
import { readWhole, spoken } from './testing/read-whole.ts';
import { TWILIO_FORMAT } from './twilio.ts';

const read = (...lines: string[]) => readWhole(TWILIO_FORMAT, lines.join('\n'));
const MESSAGES = TWILIO_LOG.trim().split('\n');

/** What each message is and when, without its text. */
function told(text: string) {
	return read(text).connections.map((connection) =>
		connection.messages.map(({ at, from, raw }) => `${at} ${from} ${(JSON.parse(raw) as { event: string }).event}`)
	);
}

test('bare messages are read, with the stream’s own times, from whom they must be', () => {
	const { connections, skipped, notes } = read(TWILIO_LOG);
	expect(connections.map(({ start }) => start)).toEqual([
		{ endpoint: 'Twilio', transport: 'WebSocket', model: '', clock: 'wall', startedAt: null }
	]);
	expect(connections[0]!.messages.map(({ raw }) => raw)).toEqual(MESSAGES);
	expect(told(TWILIO_LOG)).toEqual([
		[
			...['0 server connected', '0 server start', '5 server media', '25 server media', '25 client media'],
			...['25 client mark', '45 server media', '45 server mark', '45 client clear', '45 server dtmf', '45 server stop']
		]
	]);
	expect([skipped, notes]).toEqual([[], []]);
});

describe('messages may stand', () => {
	const unclear = '{"event":"media","streamSid":"MZ1","media":{"track":"inbound","payload":"/w=="}}';
	const wrap: [name: string, inbound: string, outbound: string][] = [
		['in an object', `{"direction":"inbound","message":${unclear}}`, `{"direction":"outbound","message":${unclear}}`],
		[
			'in an object, as text',
			JSON.stringify({ source: 'twilio', data: unclear }),
			JSON.stringify({ from: 'app', data: unclear })
		],
		['behind arrows', `< ${unclear}`, `> ${unclear}`],
		['behind words', `INFO received: ${unclear}`, `INFO | sent | ${unclear}`]
	];

	test.each(wrap)('%s', (_name, inbound, outbound) => {
		const { connections, skipped } = read(inbound, outbound);
		expect(connections.map(spoken)).toEqual([[`0 server ${unclear}`, `0 client ${unclear}`]]);
		expect(skipped).toEqual([]);
	});

	test('in an object of any spelling, theirs is kept', () => {
		const odd = '{ "event":"clear" , "streamSid":"\\u004dZ1", "x":1.0 }';
		expect(read(`{"direction":"out","message": ${odd}}`).connections[0]!.messages[0]!.raw).toBe(odd);
	});
});

test.each<[name: string, first: string, second: string]>([
	['a number of seconds', '{"t":1795165200.5,"message":', '{"t":1795165201.75,"message":'],
	['a number of ms', '{"time":1795165200500,"message":', '{"time":1795165201750,"message":'],
	['text', '{"timestamp":"2026-11-20T09:00:00.500Z","message":', '{"timestamp":"2026-11-20T09:00:01.750Z","message":'],
	['a log', '2026-11-20 09:00:00,500 | ', '2026-11-20 09:00:01,750 | ']
])('the time of %s comes before the stream’s', (_name, first, second) => {
	const close = first.startsWith('{') ? '}' : '';
	const { connections } = read(`${first}${MESSAGES[1]}${close}`, `${second}${MESSAGES[3]}${close}`);
	expect(connections.map((c) => [c.start.startedAt, ...c.messages.map(({ at }) => at)])).toEqual([
		['2026-11-20T09:00:00.500Z', 0, 1250]
	]);
});

describe('several streams in one file', () => {
	const second = TWILIO_LOG.replaceAll('MZ1', 'MZ2').replaceAll('CA1', 'CA2');

	test('one after the other become as many recordings, named by their calls', () => {
		const { connections } = read(TWILIO_LOG + second);
		expect(connections.map((c) => [c.start.title, c.messages.length])).toEqual([
			['CA1', MESSAGES.length],
			['CA2', MESSAGES.length]
		]);
	});

	test('at the same time too', () => {
		const other = second.trim().split('\n');
		const { connections } = read(...MESSAGES.flatMap((message, index) => [message, other[index]!]));
		expect(connections.map((c) => [c.start.title, c.messages.map(({ raw }) => raw)])).toEqual([
			['CA1', MESSAGES],
			['CA2', other]
		]);
	});
});

test('Telnyx and Exotel are read alike', () => {
	const { connections } = read(
		'{"event":"connected","version":"1.0.0"}',
		'{"event":"start","sequence_number":"1","stream_id":"A","start":{"call_control_id":"v3:x","media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}}}',
		'{"event":"media","sequence_number":"4","stream_id":"A","media":{"track":"inbound","chunk":"2","timestamp":"40","payload":"/w=="}}',
		'{"event":"media","media":{"payload":"/w=="}}',
		'{"event":"clear"}',
		'{"event":"start","sequence_number":"1","stream_sid":"B","start":{"call_sid":"x"}}'
	);
	expect(connections.map((c) => [c.start.endpoint, c.messages.map(({ at, from }) => `${at} ${from}`)])).toEqual([
		['Telnyx', ['0 server', '0 server', '40 server', '40 client', '40 client']],
		['Exotel', ['0 server']]
	]);
});

test('other lines are passed over or named', () => {
	const { skipped, notes, connections } = read(
		'words',
		'{"type":"response.create"}',
		`${MESSAGES[1]}`,
		'{"event":"media","stre'
	);
	expect(connections).toHaveLength(1);
	expect(skipped).toEqual([
		{ place: 'line 2', reason: 'This line is JSON, but no message of a media stream.' },
		{ place: 'line 4', reason: expect.stringContaining('ends in the middle of this line') as string }
	]);
	expect(notes).toEqual(['Passed over: 1 line without a message.']);
});

test('is known by its messages, unless most lines are something else', () => {
	const sniff = (text: string) => TWILIO_FORMAT.sniff(new TextEncoder().encode(text));
	expect(sniff(TWILIO_LOG)).toBeGreaterThan(0.8);
	expect(sniff(`{"type":"response.create"}\n{"type":"response.done"}\n${MESSAGES[0]}`)).toBeLessThan(0.5);
	for (const text of ['', '{"event":"media"}', '{"event":"start","type":"x"}', 'media']) expect(sniff(text)).toBe(0);
});
