import { describe, expect, it } from 'vitest';
import { START_MS } from '#simulator/testing/virtual-clock.ts';
import { TranslationRig } from '#simulator/translation/testing/translation-rig.ts';

const two = [
	{ hear: 'Where is the station?', say: '¿Dónde está la estación?' },
	{ hear: 'Thank you.', say: 'Gracias.' }
];

const id = (kind: string): unknown => expect.stringMatching(new RegExp(`^${kind}_E6U0[0-9A-Za-z]{17}$`));

describe('the session', () => {
	it('is shown whole when it opens', () => {
		const { events } = new TranslationRig();
		expect(events).toEqual([
			{
				type: 'session.created',
				event_id: id('event'),
				session: {
					id: id('sess'),
					type: 'translation',
					model: 'gpt-realtime-translate',
					expires_at: START_MS / 1000 + 3600,
					audio: { input: { noise_reduction: null, transcription: null }, output: { language: 'es' } }
				}
			}
		]);
		expect(JSON.stringify(events[0])).toMatch(/^\{"type":"session.created","event_id":"[^"]+","session":\{"id"/);
	});

	it('is updated in parts: what is left out stays, null turns off', () => {
		const rig = new TranslationRig();
		const audioAfter = (audio: object): unknown => {
			rig.send({ type: 'session.update', session: { audio } });
			return (rig.of('session.updated').at(-1)?.['session'] as { audio: unknown }).audio;
		};
		expect(
			audioAfter({ output: { language: 'de' }, input: { transcription: { model: 'gpt-realtime-whisper' } } })
		).toEqual({
			input: { noise_reduction: null, transcription: { model: 'gpt-realtime-whisper' } },
			output: { language: 'de' }
		});
		audioAfter({ input: { noise_reduction: { type: 'near_field', strength: 0.4 } } });
		expect(audioAfter({ input: { noise_reduction: { type: 'far_field' } } })).toEqual({
			input: {
				noise_reduction: { type: 'far_field', strength: 0.4 },
				transcription: { model: 'gpt-realtime-whisper' }
			},
			output: { language: 'de' }
		});
		expect(audioAfter({ input: { noise_reduction: null, transcription: null } })).toEqual({
			input: { noise_reduction: null, transcription: null },
			output: { language: 'de' }
		});
		expect(rig.errors).toEqual([]);
	});

	const refused: [what: string, session: unknown, error: object][] = [
		[
			'a language that is not spoken',
			{ audio: { output: { language: 'pt-BR' } } },
			{
				code: 'invalid_value',
				param: 'session.audio.output.language',
				message:
					"Invalid value: 'pt-BR'. Supported values are: 'es', 'pt', 'fr', 'ja', 'ru', 'zh', 'de', 'ko', 'hi', 'id', 'vi', 'it', and 'en'."
			}
		],
		[
			'what the service does not have',
			{ audio: { input: { language: 'en' } } },
			{
				code: 'unknown_parameter',
				param: 'session.audio.input.language',
				message: "Unknown parameter: 'session.audio.input.language'."
			}
		],
		['the model', { model: 'gpt-realtime-translate' }, { code: 'unknown_parameter', param: 'session.model' }],
		['nothing at all', undefined, { code: 'missing_required_parameter', param: 'session' }],
		[
			'transcription without a model',
			{ audio: { output: { language: 'fr' }, input: { transcription: {} } } },
			{ code: 'missing_required_parameter', param: 'session.audio.input.transcription.model' }
		]
	];

	it.each(refused)('is not updated with %s, not even in part', (_what, session, error) => {
		const rig = new TranslationRig();
		rig.send({ type: 'session.update', event_id: 'mine', session });
		expect(rig.errors).toEqual([
			expect.objectContaining({ type: 'invalid_request_error', event_id: 'mine', ...error })
		]);
		rig.send({ type: 'session.update', session: {} });
		expect(rig.of('session.updated')[0]).toMatchObject({
			session: { audio: { input: { transcription: null }, output: { language: 'es' } } }
		});
	});

	it('names its three events to a client that sends another', () => {
		const rig = new TranslationRig();
		rig.send({ type: 'session.update', event_id: 'mine', session: { model: 'x' } });
		rig.events.length = 0;
		rig.send({ type: 'response.create' });
		expect(rig.errors).toEqual([
			{
				type: 'invalid_request_error',
				code: 'invalid_value',
				message:
					"Invalid value: 'response.create'. Supported values are: 'session.update', 'session.input_audio_buffer.append', and 'session.close'.",
				param: 'type',
				event_id: null
			}
		]);
	});

	it.each([
		['{', { code: 'invalid_json' }],
		['[]', { code: 'invalid_type' }],
		['{}', { code: 'missing_required_parameter', param: 'type' }],
		['{"type":5}', { code: 'invalid_type', param: 'type' }],
		['{"type":"session.close","event_id":7}', { code: 'invalid_type', param: 'event_id' }],
		['{"type":"session.input_audio_buffer.append","audio":"????"}', { code: 'invalid_value', param: 'audio' }],
		['{"type":"session.input_audio_buffer.append"}', { code: 'missing_required_parameter', param: 'audio' }]
	])('answers %s with an error and goes on', (message, error) => {
		const rig = new TranslationRig();
		rig.session.receiveText(message);
		rig.session.receiveBinary();
		rig.clock.advance(100);
		expect(rig.errors).toEqual([
			expect.objectContaining(error),
			expect.objectContaining({ code: 'invalid_event', param: null })
		]);
		expect(rig.closes).toEqual([]);
	});

	it('takes no append that is larger than the API allows', () => {
		const rig = new TranslationRig();
		rig.append(new Int16Array(8 * 1024 * 1024));
		rig.clock.advance(100);
		expect(rig.errors).toEqual([expect.objectContaining({ code: 'invalid_value', param: 'audio' })]);
	});

	it('ends at its time, and tells when that is', () => {
		const rig = new TranslationRig({ lifetimeMs: 90_000 });
		expect(rig.events[0]).toMatchObject({ session: { expires_at: START_MS / 1000 + 90 } });
		rig.clock.advance(89_999);
		expect(rig.closes).toEqual([]);
		rig.clock.advance(1);
		expect(rig.closes).toEqual([[1001, 'Your session hit the maximum duration of 60 minutes.']]);
	});

	it('is silent when it was disposed of', () => {
		const rig = new TranslationRig({ translations: two });
		rig.speak(1000);
		rig.pause(700);
		const before = rig.events.length;
		rig.append(new Int16Array(4800));
		rig.session.dispose();
		rig.session.receiveText('{');
		expect(rig.clock.pendingCount).toBe(0);
		rig.clock.advance(4_000_000);
		expect(rig.events).toHaveLength(before);
	});

	it('calls off its voice when it is disposed of', () => {
		const rig = new TranslationRig({ translations: two });
		rig.speak(1200);
		rig.pause(400);
		rig.append(new Int16Array(4800));
		rig.clock.advance(55);
		// Asked to speak, and not yet heard.
		expect(rig.clock.pendingCount).toBeGreaterThan(1);
		rig.session.dispose();
		expect(rig.clock.pendingCount).toBe(0);
	});
});

describe('parts that fail', () => {
	it('a voice: the words go on without it', () => {
		const rig = new TranslationRig({ translations: two, speech: { fail: true } });
		rig.speak(1200);
		rig.pause(4000);
		expect(rig.said).toBe('¿Dónde está la estación?');
		expect(rig.frames.every(({ isSilent }) => isSilent)).toBe(true);
		expect(rig.errors).toEqual([
			expect.objectContaining({
				code: 'speech_failed',
				message: 'The translation of stretch of speech 1 cannot be spoken: no voice today'
			})
		]);
	});

	it('a voice, in the middle of what a language model says', () => {
		const script = () => [{ text: 'Uno. Dos. ' }, { waitMs: 1000 }, { text: 'Tres.' }];
		const rig = new TranslationRig({ words: ['x.'], script, speech: { fail: true } });
		rig.speak(1200);
		rig.pause(600);
		rig.send({ type: 'session.close' });
		rig.clock.advance(5000);
		expect(rig.said).toBe('Uno. Dos. Tres.');
		expect(rig.errors).toHaveLength(1);
		expect(rig.closes).toEqual([[1000, '']]);
	});

	it('the detector: it is told of, started again, and what was spoken until then is not lost', () => {
		const rig = new TranslationRig({ translations: two, detector: { failAfterPushes: 5 } });
		rig.speak(1200);
		rig.pause(2000);
		rig.speak(1200);
		rig.pause(3000);
		expect(rig.errors).toEqual([
			expect.objectContaining({
				type: 'server_error',
				code: 'speech_detection_failed',
				message: "The simulator's speech detection failed and is started again: no ears today"
			})
		]);
		expect(rig.said).toBe('¿Dónde está la estación? Gracias.');
		expect(rig.frames).toHaveLength(37);
	});
});

describe('session.close', () => {
	it('translates what is left, in the middle of a word too, and then ends', () => {
		const rig = new TranslationRig({ translations: two });
		rig.transcribe();
		rig.speak(1000);
		rig.append(new Int16Array(2400).fill(8000));
		rig.send({ type: 'session.close' });
		rig.clock.advance(5000);
		expect([rig.heard, rig.said]).toEqual(['Where is the station?', '¿Dónde está la estación?']);
		expect(rig.frames.filter(({ isSilent }) => !isSilent).reduce((sum, { ms }) => sum + ms, 0)).toBe(24 * 60);
		expect(rig.events.at(-1)).toEqual({ type: 'session.closed', event_id: id('event') });
		expect(rig.closes).toEqual([[1000, '']]);
		const times = rig.frames.map(({ elapsedMs }) => elapsedMs);
		expect(times).toEqual(times.map((_, index) => (index + 1) * 200));
	});

	it('takes a part of a frame into account, as the stretch of speech shows', () => {
		const rig = new TranslationRig();
		rig.speak(1000);
		rig.append(new Int16Array(2400).fill(8000));
		rig.send({ type: 'session.close' });
		rig.clock.advance(5000);
		expect(rig.stretches.map(({ length }) => length / 24)).toEqual([1100]);
		expect(rig.closes).toEqual([[1000, '']]);
	});

	it('waits for the words of the speaker when the translation is over, and sends no empty sound', () => {
		const rig = new TranslationRig({
			translations: [{ hear: null, say: 'Hola.' }],
			words: ['Good morning to all of you.'],
			speech: { silent: true }
		});
		rig.transcribe();
		rig.speak(1000);
		rig.send({ type: 'session.close' });
		rig.clock.advance(5000);
		expect([rig.heard, rig.said]).toEqual(['Good morning to all of you.', 'Hola.']);
		expect(rig.frames.every(({ ms }) => ms === 200)).toBe(true);
		expect(rig.closes).toEqual([[1000, '']]);
	});

	it('of a session without audio ends at once', () => {
		const rig = new TranslationRig();
		rig.send({ type: 'session.close' });
		expect(rig.events.map(({ type }) => type)).toEqual(['session.created', 'session.closed']);
		expect(rig.closes).toEqual([[1000, '']]);
	});

	it('waits for the words and for a language model', () => {
		const rig = new TranslationRig({ words: ['Hello.'], script: () => [{ waitMs: 2000 }, { text: 'Hola.' }] });
		rig.transcribe();
		rig.speak(1000);
		rig.send({ type: 'session.close' });
		expect(rig.closes).toEqual([]);
		rig.send({ type: 'session.input_audio_buffer.append', event_id: 'late', audio: '' });
		expect(rig.errors).toEqual([
			{
				type: 'invalid_request_error',
				code: 'session_closing',
				message: 'The session is closing: nothing more is taken after session.close.',
				param: 'type',
				event_id: 'late'
			}
		]);
		rig.clock.advance(5000);
		expect([rig.heard, rig.said]).toEqual(['Hello.', 'Hola.']);
		expect(rig.closes).toEqual([[1000, '']]);
	});
});
