import { describe, expect, test } from 'vitest';
import { SessionScript } from '../../../tests/fixtures/session-script.ts';
import type { Session } from './session-model.ts';

const script = () => new SessionScript();
const item = (session: Session, id: string) => session.items.get(id)!;

describe('a barge-in', () => {
	const speaking = () =>
		script()
			.connects()
			.callerTypes('item_1', 'Tell me everything', null)
			.responseBegins('resp_1')
			.modelBegins('resp_1', 'item_2', 'item_1')
			.modelSpeaks('resp_1', 'item_2', ['Everything is a lot of things.'], 3000);
	const stopped = { reason: 'caller_speech', noticed_at_ms: 1070, output_latency_ms: 21 };
	const truncate = { item_id: 'item_2', content_index: 0, audio_end_ms: 1000 };

	test('with playback on record tells generated, received, played, claimed and kept', () => {
		const session = speaking()
			.playback('started', 'item_2', 0)
			.wait(1020)
			.server('input_audio_buffer.speech_started', { audio_start_ms: 0, item_id: 'item_3' })
			.wait(30)
			.playback('stopped', 'item_2', 1000, stopped)
			.client('conversation.item.truncate', truncate)
			.modelEnds('resp_1', 'item_2', 'Everything is a lot of', { previous: null, reason: 'turn_detected' })
			.server('conversation.item.truncated', truncate)
			.session();
		expect(session.interruptions).toEqual([
			{
				...{ itemId: 'item_2', contentIndex: 0, at: 1100, playedSamples: 24_000, estimated: false },
				...{ cause: 'speech', noticedAt: 1070, claimedMs: 1000, keptMs: 1000, outputLatencyMs: 21 }
			}
		]);
		expect(session.utterances[0]).toMatchObject({ receivedBytes: 3000 * 48, complete: true });
		expect(item(session, 'item_2')).toMatchObject({ keptMs: 1000, status: 'incomplete' });
		expect(session.responses.get('resp_1')).toMatchObject({ status: 'cancelled', reason: 'turn_detected' });
	});

	test('without playback on record is estimated from what the client claims', () => {
		const session = speaking()
			.wait(1000)
			.server('input_audio_buffer.speech_started', { audio_start_ms: 0, item_id: 'item_3' })
			.wait(20)
			.client('conversation.item.truncate', truncate)
			.session();
		expect(session.interruptions).toMatchObject([
			{ estimated: true, playedSamples: 24_000, cause: 'speech', noticedAt: 1050, claimedMs: 1000, keptMs: null }
		]);
	});

	test('by the client alone is no speech', () => {
		const session = speaking().client('response.cancel').client('conversation.item.truncate', truncate).session();
		expect(session.interruptions).toMatchObject([{ cause: 'client', noticedAt: null }]);
	});

	test('is one interruption, however often the client truncates', () => {
		const session = speaking()
			.client('conversation.item.truncate', truncate)
			.client('conversation.item.truncate', { ...truncate, audio_end_ms: 900 })
			.session();
		expect(session.interruptions).toMatchObject([{ claimedMs: 900 }]);
	});

	test('is none when an answer was heard to its end and truncated afterwards', () => {
		const session = speaking()
			.playback('started', 'item_2', 0)
			.wait(3000)
			.playback('ended', 'item_2', 3000)
			.client('conversation.item.truncate', { ...truncate, audio_end_ms: 3000 })
			.session();
		expect(session.interruptions).toEqual([]);
	});

	test('of an item that has no audio is none', () => {
		const session = speaking()
			.client('conversation.item.truncate', { ...truncate, item_id: 'item_1' })
			.session();
		expect(session.interruptions).toEqual([]);
	});

	test('leaves the words that came late', () => {
		const session = speaking()
			.playback('started', 'item_2', 0)
			.wait(500)
			.playback('stopped', 'item_2', 480, stopped)
			.modelSpeaks('resp_1', 'item_2', [' And more.'], 250)
			.modelEnds('resp_1', 'item_2', 'Everything is a lot of things. And more.', { previous: null })
			.session();
		expect(item(session, 'item_2').text).toBe('Everything is a lot of things. And more.');
		expect(session.utterances[0]).toMatchObject({ receivedBytes: 3250 * 48 });
		expect(session.utterances[0]!.playback).toMatchObject({ state: 'stopped', playedSamples: 11_520 });
	});
});

describe('what is stopped', () => {
	const stopped = { reason: 'caller_speech', rendered_at_ms: 500 };
	const two = () =>
		script()
			.connects()
			.responseBegins('resp_1')
			.modelSpeaks('resp_1', 'item_1', [], 1000)
			.modelSpeaks('resp_1', 'item_2', [], 1000)
			.playback('started', 'item_1', 0);

	test('before it began, behind what was cut off, is no interruption of its own', () => {
		const session = two()
			.wait(480)
			.playback('stopped', 'item_1', 480, stopped)
			.playback('stopped', 'item_2', 0, stopped)
			.session();
		expect(session.interruptions.map((i) => i.itemId)).toEqual(['item_1']);
		expect(session.utterances[1]!.playback).toEqual({
			state: 'stopped',
			runs: [{ at: 500, firstSample: 0 }],
			playedSamples: 0,
			measuredAt: 500,
			estimated: false
		});
	});

	test('twice before it began lies at the later stop, and is still none', () => {
		const session = two()
			.playback('stopped', 'item_2', 0, stopped)
			.playback('stopped', 'item_2', 0, { ...stopped, rendered_at_ms: 700 })
			.session();
		expect(session.interruptions).toEqual([]);
		expect(session.utterances[1]!.playback.runs).toEqual([{ at: 700, firstSample: 0 }]);
	});

	test('at its first sample, but after it began, is an interruption', () => {
		const session = two().playback('stopped', 'item_1', 0, stopped).session();
		expect(session.interruptions).toMatchObject([{ itemId: 'item_1', playedSamples: 0 }]);
		expect(session.utterances[0]!.playback.runs).toHaveLength(1);
	});

	test('because the connection closed is no interruption', () => {
		const closed = { reason: 'connection_closed', rendered_at_ms: 300 };
		const session = two().playback('stopped', 'item_1', 280, closed).playback('stopped', 'item_2', 0, closed).session();
		expect(session.interruptions).toEqual([]);
		expect(session.utterances.map((u) => [u.playback.state, u.playback.playedSamples])).toEqual([
			['stopped', 6720],
			['stopped', 0]
		]);
		expect(session.utterances[1]!.playback.runs).toEqual([{ at: 300, firstSample: 0 }]);
	});

	test.each(['position', 'stalled'] as const)('by a closing without a word, after %s, is no interruption', (what) => {
		const session = two().wait(200).playback(what, 'item_1', 200).wait(500).console('connection.closed').session();
		expect(session.interruptions).toEqual([]);
		expect(session.utterances[0]!.playback).toEqual({
			state: 'stopped',
			runs: [{ at: 20, firstSample: 0 }],
			playedSamples: 4800,
			measuredAt: 220,
			estimated: false
		});
		expect(session.utterances[1]!.playback.state).toBe('none');
	});

	test('does not change what was heard to its end when the connection closes', () => {
		const session = two().wait(1000).playback('ended', 'item_1', 1000).console('connection.closed').session();
		expect(session.utterances[0]!.playback.state).toBe('ended');
	});
});

describe('playback', () => {
	test('starts a new run after each stall', () => {
		const session = script()
			.connects()
			.responseBegins('resp_1')
			.modelSpeaks('resp_1', 'item_1', [], 1000)
			.playback('started', 'item_1', 0)
			.wait(600)
			.playback('stalled', 'item_1', 500)
			.wait(200)
			.playback('resumed', 'item_1', 500)
			.wait(100)
			.playback('position', 'item_1', 600)
			.session();
		expect(session.utterances[0]!.playback).toEqual({
			state: 'playing',
			runs: [
				{ at: 20, firstSample: 0 },
				{ at: 820, firstSample: 12_000 }
			],
			playedSamples: 14_400,
			measuredAt: 920,
			estimated: false
		});
	});

	test('of an utterance that nobody knows changes nothing', () => {
		const session = script().playback('started', 'item_9', 0).playback('stopped', 'item_9', 100).session();
		expect(session.utterances).toEqual([]);
		expect(session.interruptions).toEqual([]);
	});

	test('is told by Earshot alone, not by a server', () => {
		const session = script()
			.responseBegins('resp_1')
			.modelSpeaks('resp_1', 'item_1', [], 250)
			.server('earshot.playback.started', { item_id: 'item_1', played_samples: 0 })
			.server('earshot.connection.closed', { code: 1000 })
			.session();
		expect(session.utterances[0]!.playback.state).toBe('none');
		expect(session.connection.state).toBe('none');
	});
});

test('playback lies where its samples left the buffer, a little before the speaker could tell', () => {
	const session = script()
		.modelSpeaks('resp_1', 'item_1', [], 250)
		.wait(40)
		.playback('started', 'item_1', 0, { rendered_at_ms: 31.5 })
		.wait(40)
		.playback('stopped', 'item_1', 44, { reason: 'client', rendered_at_ms: 75.5 })
		.session();
	expect(session.utterances[0]!.playback).toMatchObject({ runs: [{ at: 31.5, firstSample: 0 }], measuredAt: 75.5 });
	expect(session.interruptions).toMatchObject([{ at: 75.5, cause: 'client', noticedAt: null }]);
});
