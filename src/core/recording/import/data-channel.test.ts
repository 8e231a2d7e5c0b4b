import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DATA_CHANNEL_FORMAT } from './data-channel.ts';
import { DATA_CHANNEL_LOG } from './testing/log-samples.ts';
import { readWhole, spoken } from './testing/read-whole.ts';

const read = (text: string) => readWhole(DATA_CHANNEL_FORMAT, text);

interface Line {
	id?: number;
	label?: string;
	at?: number;
	direction?: string;
	data?: string;
}

function line({ id = 1, label = 'oai-events', at = 0, direction = 'send', data = '{}' }: Line): string {
	const channel = { datachannel_id: id, label };
	const stamp = { type: 'message', unix_timestamp_ms: 1_795_173_666_000 + at };
	return `${JSON.stringify({ ...stamp, ...channel, direction, data_type: 'string', data })}\n`;
}

test('a channel becomes a recording', () => {
	const { connections, skipped, notes } = read(DATA_CHANNEL_LOG);
	expect(connections).toHaveLength(1);
	expect(connections[0]!.start).toEqual({
		endpoint: '',
		transport: 'WebRTC',
		model: 'gpt-realtime',
		startedAt: '2026-11-20T11:21:06.100Z',
		clock: 'wall'
	});
	expect(spoken(connections[0]!)).toEqual([
		'0 client {"type":"session.update","session":{"instructions":"é\\nl"}}',
		'1 client binary AQL/',
		'40 server {"type":"session.updated","session":{"model":"gpt-realtime"}}',
		'41 server no JSON'
	]);
	expect([skipped, notes]).toEqual([[], []]);
});

test('channels of different numbers or names are recordings of their own, named by their labels', () => {
	const { connections } = read(
		line({ id: 1, data: 'a' }) +
			line({ id: 2, at: 50, data: 'b' }) +
			line({ id: 1, label: 'chat', data: 'c' }) +
			line({ id: 1, at: 70, data: 'd' })
	);
	expect(connections.map((c) => [c.start.title, ...spoken(c)])).toEqual([
		['oai-events', '0 client a', '70 client d'],
		['oai-events', '0 client b'],
		['chat', '0 client c']
	]);
});

describe('what the other side of the connection recorded', () => {
	const mirrored = [
		line({ direction: 'receive', data: '{"type":"response.create"}' }),
		line({ direction: 'send', at: 5, data: '{"type":"response.done"}' }),
		line({ direction: 'send', at: 6, data: 'what is it' })
	].join('');

	test('has its directions turned round, and is told of', () => {
		const { connections, notes } = read(mirrored);
		expect(connections.map(spoken)).toEqual([
			['0 client {"type":"response.create"}', '5 server {"type":"response.done"}', '6 server what is it']
		]);
		expect(notes).toEqual([expect.stringContaining('recorded by the other side')]);
	});

	test('is kept beside what this side recorded', () => {
		const both =
			line({ data: '{"type":"response.create"}' }) +
			mirrored +
			line({ direction: 'receive', at: 9, data: '{"type":"response.done"}' });
		const { connections } = read(both);
		expect(connections.map((c) => [c.start.title, c.messages.length])).toEqual([
			['oai-events', 2],
			['oai-events, the other side', 3]
		]);
	});
});

test('a line that is no message is named, one that is cut off as such', () => {
	const text = `${line({})}\nnonsense\n{"type":"message"}\n${line({}).slice(0, 60)}`;
	const { connections, skipped } = read(text);
	expect(connections).toHaveLength(1);
	expect(skipped).toEqual([
		{ place: 'line 3', reason: 'This line is no data channel message.' },
		{ place: 'line 4', reason: 'This line is no data channel message.' },
		{ place: 'line 5', reason: expect.stringContaining('ends in the middle of this line') as string }
	]);
});

test('is known by its first line', () => {
	const sniff = (text: string) => DATA_CHANNEL_FORMAT.sniff(new TextEncoder().encode(text));
	expect(sniff(DATA_CHANNEL_LOG)).toBeGreaterThan(0.9);
	expect(sniff(DATA_CHANNEL_LOG.slice(0, 150))).toBeGreaterThan(0.9);
	for (const text of ['', '{}', 'datachannel_id', '{"type":"session.update","direction":"x"}'])
		expect(sniff(text)).toBe(0);
});

const CORPUS = `${process.env['EARSHOT_CORPUS'] ?? ''}/captures/chromium156_datachannel_recording.log`;

test.skipIf(!existsSync(CORPUS))('a recording of Chromium 156 is read whole', () => {
	const file = readFileSync(CORPUS);
	const { connections, skipped, notes } = readWhole(DATA_CHANNEL_FORMAT, file);
	const lines = file
		.toString('utf8')
		.trim()
		.split('\n')
		.map((text) => JSON.parse(text) as { data: string });
	expect(connections).toHaveLength(1);
	expect(connections[0]!.messages.map((message) => message.raw)).toEqual(lines.map((message) => message.data));
	expect([skipped, notes]).toEqual([[], []]);
});
