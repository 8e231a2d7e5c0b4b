import type { Session } from '../session/session-model.ts';
import { describe, expect, test } from 'vitest';
import { SESSION, SessionScript } from '../../../tests/fixtures/session-script.ts';
import { deriveConversation } from './conversation.ts';
import { deriveHeardText } from './heard-text.ts';
import { deriveInterruptionMarkers } from './interruption-markers.ts';
import { deriveLanes } from './lanes.ts';
import { deriveModelPlacements } from './placements.ts';
import { deriveSpeechRegions, sessionMsOfCallerAudio } from './speech-regions.ts';
import { deriveCounts } from './summary.ts';
import { deriveTurns } from './turns.ts';

function heardTextOf(session: Session, itemId: string) {
	const utterance = session.utterances.findLast((known) => known.itemId === itemId);
	return deriveHeardText(session, session.items.get(itemId)!, utterance);
}

const WORDS = 'We are open from nine to six on weekdays.';

/** A question at 1:00, an answer that is cut off after 2.31 of 4.92 s, a second question and its answer. */
function interrupted(): SessionScript {
	return new SessionScript()
		.connects()
		.at(60_000)
		.callerSpeaks('item_1', { fromMs: 0, ms: 800, previous: null })
		.wait(200)
		.responseBegins('resp_1')
		.modelBegins('resp_1', 'item_2', 'item_1')
		.modelSpeaks('resp_1', 'item_2', [WORDS], 4920)
		.wait(60)
		.playback('started', 'item_2', 0)
		.wait(2272)
		.server('input_audio_buffer.speech_started', { audio_start_ms: 800, item_id: 'item_3' })
		.wait(38)
		.playback('stopped', 'item_2', 2310, { reason: 'caller_speech', noticed_at_ms: 63_342, output_latency_ms: 10 })
		.client('conversation.item.truncate', { item_id: 'item_2', content_index: 0, audio_end_ms: 2310 })
		.modelEnds('resp_1', 'item_2', WORDS, { previous: null, reason: 'turn_detected' })
		.server('conversation.item.truncated', { item_id: 'item_2', content_index: 0, audio_end_ms: 2310 });
}

describe('an interruption’s marker', () => {
	test('says where, how much was heard, and how long the caller waited for silence', () => {
		expect(deriveInterruptionMarkers(interrupted().session())).toEqual([
			{
				...{ itemId: 'item_2', atMs: 63_370, playedMs: 2310, receivedMs: 4920, silentAfterMs: 38, keptMs: 2310 },
				...{ estimated: false, name: 'Interruption at 1:03.370', label: 'heard 2.31 of 4.92 s, silent after 38 ms' }
			}
		]);
	});

	test('says that it is an estimate when nobody recorded the playing', () => {
		const session = new SessionScript()
			.server('session.created', { session: SESSION })
			.modelSpeaks('resp_1', 'item_2', [WORDS], 3000)
			.at(1500)
			.client('conversation.item.truncate', { item_id: 'item_2', content_index: 0, audio_end_ms: 1200 })
			.session();
		expect(deriveInterruptionMarkers(session)).toMatchObject([
			{ atMs: 1200, estimated: true, label: 'heard about 1.20 of 3.00 s', silentAfterMs: null, keptMs: null }
		]);
	});
});

test.each([
	[5000, 'heard about 3.00 of 3.00 s'],
	[1e308, 'heard about 3.00 of 3.00 s'],
	[-200, 'heard about 0.00 of 3.00 s']
])('a client that claims %d ms of 3 s was not heard beyond its ends', (audio_end_ms, label) => {
	const script = new SessionScript().modelSpeaks('r', 'i', ['平日です'], 3000);
	const session = script
		.client('conversation.item.truncate', { item_id: 'i', content_index: 0, audio_end_ms })
		.session();
	expect(deriveInterruptionMarkers(session)).toMatchObject([{ label }]);
	expect(session.interruptions[0]!.claimedMs).toBe(audio_end_ms);
	expect(heardTextOf(session, 'i')!.heard).toBe(audio_end_ms > 0 ? '平日です' : '');
});

describe('heard words', () => {
	test('are those up to the last whole word, by the pace of the answers heard', () => {
		const session = interrupted().session();
		expect(heardTextOf(session, 'item_2')).toEqual({
			heard: WORDS.slice(0, WORDS.indexOf(' weekdays')),
			unheard: WORDS.slice(WORDS.indexOf(' weekdays'))
		});
	});

	test('are told by the answer’s own pace once it is complete', () => {
		const session = new SessionScript()
			.connects()
			.responseBegins('resp_1')
			.modelBegins('resp_1', 'item_2', null)
			.modelSpeaks('resp_1', 'item_2', ['one two three four'], 1800)
			.modelEnds('resp_1', 'item_2', 'one two three four', { previous: null })
			.playback('started', 'item_2', 0)
			.wait(900)
			.playback('stopped', 'item_2', 900)
			.session();
		expect(heardTextOf(session, 'item_2')).toEqual({
			heard: 'one two',
			unheard: ' three four'
		});
	});

	test('always make the whole text, however much was heard', () => {
		for (let ms = 0; ms <= 5000; ms += 50) {
			const session = new SessionScript()
				.modelSpeaks('r', 'i', [WORDS], 4920)
				.playback('started', 'i', 0)
				.playback('stopped', 'i', ms)
				.session();
			const text = heardTextOf(session, 'i')!;
			expect(text.heard + text.unheard).toBe(WORDS);
			expect(text.unheard === '' || text.heard === '' || text.unheard.startsWith(' ')).toBe(true);
		}
	});

	test('are cut between characters in a language that has no spaces, never inside one', () => {
		const words = '平日は九時から六時まで😀開いています';
		const heard = [700, 800, 1000, 2600].map((ms) => {
			const session = new SessionScript()
				.modelSpeaks('r', 'i', [words], 3000)
				.playback('started', 'i', 0)
				.playback('stopped', 'i', ms)
				.session();
			return heardTextOf(session, 'i')!.heard;
		});
		expect(heard).toEqual(['平日は九時から六時ま', '平日は九時から六時まで', '平日は九時から六時まで😀開い', words]);
		for (const part of heard) expect(words.startsWith(part) && part.isWellFormed() && part !== '').toBe(true);
	});

	test('are of no interest where nothing was cut off', () => {
		const session = interrupted().session();
		expect(heardTextOf(session, 'item_1')).toBeNull();
	});
});

describe('turns', () => {
	const session = interrupted()
		.callerSends(600)
		.server('input_audio_buffer.speech_stopped', { audio_end_ms: 1400, item_id: 'item_3' })
		.callerCommits('item_3', 'item_2')
		.wait(300)
		.responseBegins('resp_2')
		.modelBegins('resp_2', 'item_4', 'item_3')
		.modelSpeaks('resp_2', 'item_4', ['Sunday.'], 500)
		.wait(50)
		.playback('started', 'item_4', 0)
		.wait(500)
		.playback('ended', 'item_4', 500)
		.session();

	test('are what the caller said and what answered it, with the wait between', () => {
		expect(deriveTurns(session)).toEqual([
			{ number: 1, atMs: 60_000, itemIds: ['item_1', 'item_2'], interrupted: true, answerDelayMs: 260 },
			{ number: 2, atMs: 63_370, itemIds: ['item_3', 'item_4'], interrupted: false, answerDelayMs: 350 }
		]);
		expect(deriveCounts(session)).toEqual({ turns: 2, interruptions: 1, errors: 0 });
	});

	test('have no answer where it was stopped before it began', () => {
		const script = new SessionScript()
			.connects()
			.callerTypes('item_1', 'Hello?', null)
			.responseBegins('resp_1')
			.modelBegins('resp_1', 'item_2', 'item_1')
			.modelSpeaks('resp_1', 'item_2', ['Good day.'], 500)
			.wait(400)
			.playback('stopped', 'item_2', 0, { reason: 'client' })
			.session();
		expect(deriveTurns(script)).toMatchObject([{ answerDelayMs: null, interrupted: false }]);
		expect(deriveLanes(script).find((lane) => lane.name === 'Latency')?.spans).toEqual([]);
		expect(deriveLanes(script).find((lane) => lane.name === 'Played')?.spans).toMatchObject([{ tone: 'unheard' }]);
		expect(deriveConversation(script)[1]!.atMs).toBe(50);
	});

	test('name all that was never heard, also what gave way to the next answer', () => {
		const script = new SessionScript()
			.connects()
			.callerTypes('item_1', 'Hello?', null)
			.responseBegins('resp_1')
			.modelBegins('resp_1', 'item_2', 'item_1')
			.modelSpeaks('resp_1', 'item_2', ['Good day to you all.'], 5000)
			.playback('started', 'item_2', 0)
			.wait(1000)
			.playback('stopped', 'item_2', 1000, { reason: 'client' })
			.wait(500)
			.responseBegins('resp_2')
			.modelBegins('resp_2', 'item_3', 'item_2')
			.modelSpeaks('resp_2', 'item_3', ['Yes.'], 500)
			.playback('started', 'item_3', 0)
			.session();
		const played = deriveLanes(script).find((lane) => lane.name === 'Played')?.spans;
		expect(played?.map(({ label }) => label).slice(0, 2)).toEqual(['heard 1.00 s', 'never heard 4.00 s']);
		expect(played![1]!.endMs - played![1]!.startMs).toBeLessThan(1000);
	});

	test('and other parts that are known already are not derived again', () => {
		const modelPlacements = deriveModelPlacements(session);
		const speechRegions = deriveSpeechRegions(session);
		const turns = deriveTurns(session);
		expect(deriveLanes(session, { modelPlacements, speechRegions, turns })).toEqual(deriveLanes(session));
		const none = deriveLanes(session, { modelPlacements: [], speechRegions: [], turns: [] });
		expect(none.map((lane) => lane.spans.length)).toEqual([0, 2, 0, 0]);
		expect(deriveCounts(session, turns)).toEqual(deriveCounts(session));
		expect(deriveCounts(session, []).turns).toBe(0);
	});

	test('have one of its own for a model that speaks first, and none for what is deleted or of the system', () => {
		const item = (id: string, role: string) => ({ item: { id, type: 'message', role, content: [] } });
		const script = new SessionScript()
			.server('conversation.item.added', item('system', 'system'))
			.server('conversation.item.added', item('greeting', 'assistant'))
			.server('conversation.item.added', item('gone', 'user'))
			.server('conversation.item.deleted', { item_id: 'gone' })
			.server('conversation.item.added', item('question', 'user'));
		expect(deriveTurns(script.session()).map((turn) => turn.itemIds)).toEqual([['greeting'], ['question']]);
	});

	test('are told in the conversation', () => {
		const entries = deriveConversation(session);
		expect(entries.map((e) => [e.who, e.role, e.atMs, e.wasInterrupted, e.isOpen])).toEqual([
			['Caller', 'user', 60_000, false, false],
			['Model', 'assistant', 61_060, true, false],
			['Caller', 'user', 63_370, false, false],
			['Model', 'assistant', 64_320, false, true]
		]);
		expect(entries[1]!.heardText?.heard).toBe('We are open from nine to six on');
		expect(entries[3]).toMatchObject({
			text: 'Sunday.',
			textKind: 'transcript',
			status: 'in_progress',
			heardText: null
		});
	});

	test('show a function call by its name', () => {
		const item = {
			id: 'f',
			type: 'function_call',
			name: 'get_weather',
			call_id: 'c',
			arguments: '{}',
			status: 'completed'
		};
		const script = new SessionScript().server('conversation.item.added', { item });
		expect(deriveConversation(script.session())).toMatchObject([
			{ role: 'tool', who: 'get_weather', text: '{}', isOpen: false }
		]);
	});
});

describe('speech regions', () => {
	test('lie over the samples that the server counted, across gaps in the sending', () => {
		const session = new SessionScript()
			.connects()
			.callerSends(400)
			.wait(2000)
			.callerSends(400)
			.server('input_audio_buffer.speech_started', { audio_start_ms: 300, item_id: 'a' })
			.server('input_audio_buffer.speech_stopped', { audio_end_ms: 600, item_id: 'a' })
			.session();
		expect(deriveSpeechRegions(session)).toEqual([{ itemId: 'a', startMs: 320, endMs: 2620, isOpen: false }]);
		expect([0, 399, 400, 500, 800, 900].map((ms) => sessionMsOfCallerAudio(session, ms))).toEqual([
			20, 419, 2420, 2520, 2820, 2820
		]);
	});

	test('are open while the caller speaks, up to what was sent', () => {
		const script = new SessionScript()
			.connects()
			.callerSends(200)
			.server('input_audio_buffer.speech_started', { audio_start_ms: 100, item_id: 'a' })
			.callerSends(300);
		expect(deriveSpeechRegions(script.session())).toEqual([{ itemId: 'a', startMs: 120, endMs: 520, isOpen: true }]);
	});

	test('of a log without the caller’s audio lie at the server’s own times', () => {
		const script = new SessionScript()
			.server('input_audio_buffer.speech_started', { audio_start_ms: 700, item_id: 'a' })
			.server('input_audio_buffer.speech_stopped', { audio_end_ms: 1500, item_id: 'a' });
		expect(deriveSpeechRegions(script.session())).toMatchObject([{ startMs: 700, endMs: 1500 }]);
	});

	test('stay together through the jitter of timers', () => {
		const script = new SessionScript().connects();
		for (let i = 0; i < 20; i++) script.callerSends(40).wait(i % 3 === 0 ? 30 : 0);
		expect(script.session().callerSegments).toHaveLength(1);
	});
});

describe('words that nobody heard', () => {
	const cancelled = { id: 'resp_1', status: 'cancelled', output: [] };

	test('are all the words of an answer that was cancelled before its first sample', () => {
		const session = new SessionScript()
			.connects()
			.responseBegins('resp_1')
			.modelBegins('resp_1', 'item_1', null)
			.modelSpeaks('resp_1', 'item_1', ['That was 2.'], 0)
			.server('response.done', { response: cancelled })
			.session();
		expect(deriveConversation(session)[0]).toMatchObject({
			heardText: { heard: '', unheard: 'That was 2.' },
			wasInterrupted: false
		});
	});

	test('are those after the place where the session ended in the middle of an answer', () => {
		const session = interrupted();
		session
			.responseBegins('resp_2')
			.modelBegins('resp_2', 'item_4', 'item_3')
			.modelSpeaks('resp_2', 'item_4', [WORDS], 4000)
			.wait(50)
			.playback('started', 'item_4', 0)
			.wait(2000)
			.playback('stopped', 'item_4', 2000, { reason: 'connection_closed' })
			.console('connection.closed', { code: 1000 });
		const last = deriveConversation(session.session()).at(-1);
		expect(last?.wasInterrupted).toBe(false);
		expect(last?.heardText?.heard.length).toBeGreaterThan(8);
		expect(last?.heardText?.unheard.length).toBeGreaterThan(8);
	});

	test('are not told of a log that holds no playing', () => {
		const session = new SessionScript()
			.server('session.created', { session: SESSION })
			.responseBegins('resp_1')
			.modelBegins('resp_1', 'item_1', null)
			.modelSpeaks('resp_1', 'item_1', ['That was 2.'], 100)
			.server('response.done', { response: cancelled })
			.session();
		expect(deriveConversation(session)[0]?.heardText).toBeNull();
	});
});
