import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TranslationRig } from '#simulator/translation/testing/translation-rig.ts';

const two = [
	{ hear: 'Where is the station?', say: '¿Dónde está la estación?' },
	{ hear: 'Thank you.', say: 'Gracias.' }
];

const id = (kind: string): unknown => expect.stringMatching(new RegExp(`^${kind}_E6U0[0-9A-Za-z]{17}$`));

describe('the stream', () => {
	it('gives a frame of silence for each frame of audio while nothing is translated', () => {
		const rig = new TranslationRig();
		rig.pause(1000);
		expect(rig.events[1]).toEqual({
			type: 'session.output_audio.delta',
			event_id: id('event'),
			delta: Buffer.alloc(9600).toString('base64'),
			sample_rate: 24000,
			channels: 1,
			format: 'pcm16',
			elapsed_ms: 200
		});
		expect(rig.frames).toEqual([200, 400, 600, 800, 1000].map((elapsedMs) => ({ ms: 200, elapsedMs, isSilent: true })));
	});

	it('waits for whole frames, whatever the size of the appends, odd ones too', () => {
		const rig = new TranslationRig();
		const bytes = Buffer.alloc(9600 * 3);
		for (const [from, to] of [
			[0, 9599],
			[9599, 9600],
			[9600, 9601],
			[9601, 28_800]
		]) {
			rig.send({ type: 'session.input_audio_buffer.append', audio: bytes.subarray(from, to).toString('base64') });
		}
		expect(rig.frames.map(({ elapsedMs }) => elapsedMs)).toEqual([200, 400, 600]);
	});

	it('says a translation after the speech that it is of, in deltas that are put together without spaces', () => {
		const rig = new TranslationRig({ translations: two });
		rig.transcribe();
		rig.speak(1200);
		expect(rig.heard + rig.said).toBe('');
		rig.pause(4000);
		expect(rig.heard).toBe('Where is the station?');
		expect(rig.said).toBe('¿Dónde está la estación?');
		rig.speak(800);
		rig.pause(3000);
		expect(rig.heard).toBe('Where is the station? Thank you.');
		expect(rig.said).toBe('¿Dónde está la estación? Gracias.');
		expect(rig.errors).toEqual([]);
	});

	it('has sound for each frame of the translation, words before it is over, and its own time', () => {
		const rig = new TranslationRig({ translations: two });
		rig.speak(1200);
		rig.pause(4000);
		const spoken = rig.frames.filter(({ isSilent }) => !isSilent);
		// 24 characters of 60 ms, cut after the first sentence's end.
		expect(spoken.length).toBe(Math.ceil((24 * 60) / 200));
		expect(spoken.map(({ elapsedMs }) => elapsedMs - (spoken[0]?.elapsedMs ?? 0))).toEqual(
			spoken.map((_, index) => index * 200)
		);
		const words = rig.of('session.output_transcript.delta').map(({ elapsed_ms: at }) => at as number);
		expect(words[0]).toBe(spoken[0]?.elapsedMs);
		expect(words.at(-1)).toBeLessThanOrEqual(spoken.at(-1)?.elapsedMs ?? 0);
		// 1200 ms of speech and 500 ms of silence end it in the ninth frame.
		expect(spoken[0]?.elapsedMs).toBe(1800);
		expect(rig.frames.every(({ ms, elapsedMs }, index) => ms === 200 && elapsedMs === (index + 1) * 200)).toBe(true);
	});

	it('tells the words of the speaker only if that is wanted', () => {
		const rig = new TranslationRig({ translations: two });
		rig.speak(1200);
		rig.pause(4000);
		expect(rig.heard).toBe('');
		expect(rig.said).toBe('¿Dónde está la estación?');
	});

	it('stands still while no audio comes, and goes on as if nothing had been', () => {
		const whole = new TranslationRig({ translations: two });
		whole.speak(1200);
		whole.pause(3000);
		const broken = new TranslationRig({ translations: two });
		broken.speak(1200);
		broken.pause(1000);
		const before = broken.events.length;
		broken.clock.advance(60_000);
		expect(broken.events).toHaveLength(before);
		broken.pause(2000);
		const content = (rig: TranslationRig): unknown[] => rig.events.slice(1).map(({ event_id: _id, ...rest }) => rest);
		expect(content(broken)).toEqual(content(whole));
	});

	it('puts no space before a script that has none', () => {
		const rig = new TranslationRig({
			translations: [
				{ hear: null, say: '駅はどこですか。' },
				{ hear: null, say: 'ありがとう。' },
				{ hear: null, say: '本当に。' }
			]
		});
		for (let n = 0; n < 3; n++) {
			rig.speak(1000);
			rig.pause(3000);
		}
		expect(rig.said).toBe('駅はどこですか。ありがとう。本当に。');
	});

	it('cuts speech at its pauses, with what was just before it, and gives nothing out twice', () => {
		const rig = new TranslationRig();
		rig.pause(1000);
		rig.speak(1000);
		rig.pause(600);
		rig.speak(400);
		rig.pause(1000);
		const lengthsMs = rig.stretches.map(({ length }) => length / 24);
		// Frames of 32 ms: speech from 992 to 2016, silence to 2528; then from 2592 to 3008 and to 3520.
		expect(lengthsMs).toEqual([2528 - (992 - 300), 3520 - 2528]);
		expect(rig.stretches.map((samples) => samples.indexOf(8000) / 24)).toEqual([1000 - 692, 2600 - 2528]);
	});

	it('does not wait for the end of a long speech', () => {
		const rig = new TranslationRig({ translations: two });
		rig.speak(65_000);
		rig.pause(2000);
		expect(rig.said).toBe('¿Dónde está la estación? Gracias.');
		// 65 s are two stretches of 30 s and the rest, which nobody knows.
		expect(rig.errors).toHaveLength(1);
	});
});

describe('words that the scenario does not have', () => {
	const unknown = {
		type: 'server_error',
		code: 'translation_unavailable',
		message:
			'Nobody knows the translation of stretch of speech 1, so nothing is said for it. Give it as entry 1 of "translations" in the scenario, as {"hear": "...", "say": "..."}, or set EARSHOT_LLM_URL to a language model and EARSHOT_STT_URL to a transcription endpoint.',
		param: null,
		event_id: null
	};

	it('are asked for with one error, and are not made up', () => {
		const rig = new TranslationRig();
		rig.transcribe();
		rig.speak(1200);
		rig.pause(4000);
		expect(rig.errors).toEqual([unknown]);
		expect(rig.heard + rig.said).toBe('');
		expect(rig.frames.every(({ isSilent }) => isSilent)).toBe(true);
		rig.speak(1200);
		rig.pause(1000);
		expect(rig.errors).toHaveLength(2);
	});

	it('are told when the hearing knows them, though nobody can translate them', () => {
		const rig = new TranslationRig({ words: ['Good morning.'] });
		rig.transcribe();
		rig.speak(1200);
		rig.pause(4000);
		expect(rig.heard).toBe('Good morning.');
		expect(rig.errors).toEqual([
			{ ...unknown, message: unknown.message.replace('for it.', 'for it. What was heard is "Good morning.".') }
		]);
	});

	it('come from the hearing where a translation has none', () => {
		const rig = new TranslationRig({ translations: [{ hear: null, say: 'Guten Morgen.' }], words: ['Good morning.'] });
		rig.transcribe();
		rig.speak(1200);
		rig.pause(4000);
		expect([rig.heard, rig.said, rig.errors]).toEqual(['Good morning.', 'Guten Morgen.', []]);
	});

	it('leave the translation alone when nobody knows them', () => {
		const rig = new TranslationRig({ translations: [{ hear: null, say: 'Guten Morgen.' }] });
		rig.transcribe();
		rig.speak(1200);
		rig.pause(4000);
		expect(rig.said).toBe('Guten Morgen.');
		expect(rig.errors).toEqual([
			expect.objectContaining({
				code: 'transcription_unavailable',
				message: 'The words of stretch of speech 1 are not known. Nobody knows the words.'
			})
		]);
	});
});

describe('a language model', () => {
	it('is asked to translate what was heard into the language of the session, as it is then', () => {
		const rig = new TranslationRig({
			words: ['Good morning. How are you?'],
			script: () => [{ text: 'Guten Mor' }, { text: 'gen. Wie' }, { waitMs: 300 }, { text: ' geht es?' }]
		});
		rig.send({ type: 'session.update', session: { audio: { output: { language: 'de' } } } });
		rig.transcribe();
		rig.speak(1200);
		rig.pause(6000);
		expect(rig.answers.requests).toHaveLength(1);
		expect(rig.answers.requests[0]).toMatchObject({
			turn: 1,
			model: 'gpt-realtime-translate',
			modality: 'audio',
			instructions: 'Translate what the caller says into German. Say nothing else.',
			items: [
				{
					kind: 'message',
					role: 'user',
					content: [{ type: 'input_text', text: 'Good morning. How are you?' }]
				}
			],
			tools: [],
			toolDemand: { kind: 'none' }
		});
		expect([rig.heard, rig.said, rig.errors]).toEqual(['Good morning. How are you?', 'Guten Morgen. Wie geht es?', []]);
		expect(rig.frames.filter(({ isSilent }) => !isSilent).length).toBeGreaterThan(5);
	});

	it('is not asked about what the scenario knows, or about a noise', () => {
		const rig = new TranslationRig({
			translations: two.slice(0, 1),
			words: ['x', ' '],
			script: () => [{ text: 'no' }]
		});
		for (let n = 0; n < 2; n++) {
			rig.speak(1200);
			rig.pause(4000);
		}
		expect(rig.answers.requests).toEqual([]);
		expect([rig.said, rig.errors]).toEqual(['¿Dónde está la estación?', []]);
	});

	it('is asked about words that the client did not ask for, which stay untold', () => {
		const rig = new TranslationRig({ words: ['Hello.'], script: () => [{ text: 'Hola.' }] });
		rig.speak(1200);
		rig.pause(3000);
		expect([rig.heard, rig.said]).toEqual(['', 'Hola.']);
	});

	it('that is slow makes the stream wait for it, and no frame is lost', () => {
		const rig = new TranslationRig({ words: ['Hello.'], script: () => [{ waitMs: 3000 }, { text: 'Hola.' }] });
		rig.speak(1200);
		rig.pause(2000);
		expect(rig.frames.at(-1)?.elapsedMs).toBe(1600);
		rig.pause(3000);
		expect(rig.frames.map(({ elapsedMs }) => elapsedMs)).toEqual(
			Array.from({ length: 31 }, (_, index) => (index + 1) * 200)
		);
		expect(rig.of('session.output_transcript.delta')[0]).toMatchObject({ delta: 'Hola', elapsed_ms: 1800 });
	});

	it('that fails is told of once, and the next stretch is translated', () => {
		let count = 0;
		const rig = new TranslationRig({
			words: ['One.', 'Two.'],
			script: () =>
				++count === 1
					? [
							{
								end: { kind: 'failed', error: { type: 'server_error', code: 'llm_unreachable', message: 'No answer.' } }
							}
						]
					: [{ text: 'Dos.' }]
		});
		for (let n = 0; n < 2; n++) {
			rig.speak(1200);
			rig.pause(3000);
		}
		expect(rig.errors).toEqual([
			{
				type: 'server_error',
				code: 'llm_unreachable',
				message: 'The translation of stretch of speech 1 failed. No answer.',
				param: null,
				event_id: null
			}
		]);
		expect(rig.said).toBe('Dos.');
	});

	it('is called off with the session', () => {
		const rig = new TranslationRig({ words: ['One.'], script: () => [{ waitMs: 60_000 }, { text: 'Uno.' }] });
		rig.speak(1200);
		rig.pause(1000);
		rig.session.dispose();
		expect(rig.answers.cancelledCount).toBe(1);
		expect(rig.clock.pendingCount).toBe(0);
	});
});

describe('the same events', () => {
	it('give the same stream, however they are cut and however long the parts take', () => {
		const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 });
		const speech = new Int16Array(24 * 6000);
		speech.fill(8000, 0, 24 * 1200);
		speech.fill(8000, 24 * 3000, 24 * 3700);
		const play = (cuts: number[], detectorMs: number): unknown[] => {
			const rig = new TranslationRig({ translations: two, detector: { answerMs: detectorMs } });
			rig.transcribe();
			let at = 0;
			for (let n = 0; at < speech.length; n++) {
				const size = cuts[n % cuts.length] as number;
				rig.append(speech.slice(at, at + size));
				rig.clock.advance(size / 24);
				at += size;
			}
			rig.clock.advance(60_000);
			rig.send({ type: 'session.close' });
			rig.clock.advance(60_000);
			return rig.events.map(({ event_id: _id, ...event }) => ({ ...event, session: undefined }));
		};
		const expected = play([4800], 2);
		fc.assert(
			fc.property(sizes, fc.integer({ min: 1, max: 400 }), (cuts, detectorMs) => {
				expect(play(cuts, detectorMs)).toEqual(expected);
			}),
			{ numRuns: 25 }
		);
	});
});
