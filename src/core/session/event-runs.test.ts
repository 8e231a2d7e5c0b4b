import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { SessionScript } from '../../../tests/fixtures/session-script.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { deriveEventRow } from './event-row.ts';
import { EventRuns } from './event-runs.ts';

function runsOf(log: MemoryLog): EventRuns {
	const runs = new EventRuns();
	for (let seq = 0; seq < log.length; seq++) runs.add(log.entry(seq));
	return runs;
}

/** Each run of more than one: the end of its type, and how many. */
function told(log: MemoryLog): string[] {
	const runs = runsOf(log);
	const members = new Map<number, number[]>();
	for (let seq = 0; seq < log.length; seq++) {
		const run = runs.runOf(seq);
		if (run > 0) members.set(run, [...(members.get(run) ?? []), seq]);
	}
	return [...members.values()]
		.filter((seqs) => seqs.length > 1)
		.map((seqs) => `${deriveEventRow(log.entry(seqs[0]!)).type} ${seqs.length}`);
}

const part = (item: string, content = 0) => ({
	response_id: 'resp_1',
	item_id: item,
	output_index: 0,
	content_index: content
});

describe('runs', () => {
	test('of a text and of its audio come by turns, and of the caller between them', () => {
		const script = new SessionScript();
		for (let n = 0; n < 3; n++) script.modelSpeaks('resp_1', 'item_1', ['a '], 500).callerSends(80);
		expect(told(script.log)).toEqual([
			'response.output_audio_transcript.delta 3',
			'response.output_audio.delta 6',
			'input_audio_buffer.append 6'
		]);
	});

	test('of different parts, items and responses are different', () => {
		const script = new SessionScript();
		for (const of of [
			part('item_1'),
			part('item_1', 1),
			part('item_2'),
			{ ...part('item_1'), response_id: 'resp_2' }
		]) {
			for (const delta of ['a', 'b']) script.server('response.output_text.delta', { ...of, delta });
		}
		expect(told(script.log)).toEqual(Array.from({ length: 4 }, () => 'response.output_text.delta 2'));
	});

	test.each<[string, (script: SessionScript) => void, string[]]>([
		['an event of the same item', (s) => s.server('conversation.item.done', { item: { id: 'item_1' } }), ['2', '2']],
		['an event of another item', (s) => s.server('conversation.item.done', { item: { id: 'item_2' } }), ['4']],
		['an event of the response', (s) => s.server('response.done', { response: { id: 'resp_1' } }), ['2', '2']],
		[
			'the end of the response, whatever it lists',
			(s) => s.server('response.done', { response: { id: 'resp_1', output: [{ id: 'item_9' }] } }),
			['2', '2']
		],
		['an event of another item of the response', (s) => s.server('response.output_item.done', part('item_2')), ['4']],
		['the end of another response', (s) => s.server('response.done', { response: { id: 'resp_2' } }), ['4']],
		['what another sender says of the item', (s) => s.client('conversation.item.truncate', part('item_1')), ['4']],
		['speech', (s) => s.server('input_audio_buffer.speech_started', { item_id: 'item_3' }), ['4']],
		['a message that is no event', (s) => s.message('server', 'oops'), ['4']]
	])('after %s', (_name, between, expected) => {
		const script = new SessionScript();
		const say = () =>
			['a', 'b'].forEach((delta) => script.server('response.output_text.delta', { ...part('item_1'), delta }));
		say();
		between(script);
		say();
		expect(told(script.log)).toEqual(expected.map((count) => `response.output_text.delta ${count}`));
	});

	test('of caller audio end with whatever else happens to the buffer, whoever says so', () => {
		const script = new SessionScript().callerSends(80);
		script.server('input_audio_buffer.speech_started', { audio_start_ms: 0 }).callerSends(120);
		script.client('input_audio_buffer.commit').callerSends(80).server('response.created').callerSends(40);
		expect(told(script.log)).toEqual([2, 3, 3].map((count) => `input_audio_buffer.append ${count}`));
	});

	test('of positions of the speaker end when it stops', () => {
		const script = new SessionScript();
		const play = (kind: string) => script.console(`playback.${kind}`, { item_id: 'item_1', content_index: 0 });
		['started', 'position', 'position', 'stopped', 'position', 'position'].forEach(play);
		expect(told(script.log)).toEqual(['earshot.playback.position 2', 'earshot.playback.position 2']);
	});

	test('of a telephone call are one for each direction', () => {
		const script = new SessionScript();
		const TURNS = ['server', 'client', 'server', 'client'] as const;
		const media = (from: 'client' | 'server') =>
			script.message(from, JSON.stringify({ event: 'media', streamSid: 'MZ1', media: { payload: 'AAAA' } }));
		for (const from of TURNS) media(from);
		script.message('server', JSON.stringify({ event: 'stop', streamSid: 'MZ1' }));
		for (const from of TURNS) media(from);
		expect(told(script.log)).toEqual(['twilio.media 2', 'twilio.media 4', 'twilio.media 2']);
	});

	test('of a log that opens them without end are told apart as far as they matter', () => {
		const script = new SessionScript();
		const say = (item: number) => script.server('response.output_text.delta', { ...part(`item_${item}`), delta: 'a' });
		for (let item = 0; item < 70; item++) say(item);
		say(69);
		say(0);
		expect(told(script.log)).toEqual(['response.output_text.delta 2']);
	});

	test('whatever a log holds: the events of a run have one sender and one type', () => {
		fc.assert(
			fc.property(fc.array(anyMessage(), { maxLength: 40 }), (messages) => {
				const log = new MemoryLog();
				messages.forEach((message, seq) => log.append({ ...message, seq }));
				const runs = runsOf(log);
				expect(runs.length).toBe(log.length);
				const kinds = new Map<number, string>();
				for (let seq = 0; seq < log.length; seq++) {
					const run = runs.runOf(seq);
					const { from, type } = deriveEventRow(log.entry(seq));
					if (run > 0) expect(kinds.get(run) ?? `${from} ${type}`).toBe(`${from} ${type}`);
					kinds.set(run, `${from} ${type}`);
				}
			}),
			{ numRuns: 300 }
		);
	});
});
