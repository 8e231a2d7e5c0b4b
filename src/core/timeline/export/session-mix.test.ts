import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileLog } from '../../../../tests/fixtures/hostile-log.ts';
import { bargeIn } from '../../../../tests/fixtures/make-fixtures.ts';
import { foldLog, noise, SESSION, SessionScript, tone } from '../../../../tests/fixtures/session-script.ts';
import { encodeALaw } from '../../audio/g711.ts';
import { audioOfTracks } from '../../recording/export/audio-reader.ts';
import { mixWindow, type Mix } from './mix.ts';
import { deriveSessionMix, type MixKind } from './session-mix.ts';

function mixOf(script: SessionScript, kind: MixKind): Mix {
	return deriveSessionMix(script.session(), kind, audioOfTracks(script.log.tracks));
}

async function channelsOf(mix: Mix): Promise<Int16Array[]> {
	const mixed = await mixWindow(mix, 0, mix.frames);
	return Array.from({ length: mix.channels }, (_, channel) =>
		Int16Array.from({ length: mix.frames }, (_, i) => mixed[i * mix.channels + channel]!)
	);
}

const samplesOf = (bytes: Uint8Array): Int16Array => new Int16Array(new Uint8Array(bytes).buffer);
const ms = (samples: Int16Array, from: number, to: number): Int16Array => samples.subarray(from * 24, to * 24);
const isSilent = (samples: Int16Array): boolean => samples.every((sample) => sample === 0);

/** The caller speaks from 1,000 to 1,400; of 2,000 ms of the model's, 750 are heard, from 2,000 on. */
function interrupted(): SessionScript {
	const script = new SessionScript().connects().at(1000).callerSends(400, 330).responseBegins('resp_1');
	script.modelBegins('resp_1', 'item_1', null).modelSpeaks('resp_1', 'item_1', ['One two three.'], 2000);
	script.at(2000).playback('started', 'item_1', 0).at(2750);
	return script.playback('stopped', 'item_1', 750, { reason: 'caller_speech' }).at(5000).console('microphone.closed');
}

/** What the model sends: each piece of 250 ms begins where the last one ended. */
const spoken = samplesOf(tone(2000, 220));

describe('what was heard', () => {
	test('lies where it was heard: caller left, model right, to the sample', async () => {
		const mix = mixOf(interrupted(), 'stereo');
		expect([mix.frames, mix.channels]).toEqual([5000 * 24, 2]);
		const [left, right] = await channelsOf(mix);
		expect(isSilent(ms(left!, 0, 1000))).toBe(true);
		expect(ms(left!, 1000, 1400)).toEqual(samplesOf(tone(400, 330)));
		expect(isSilent(ms(left!, 1400, 5000))).toBe(true);
		expect(isSilent(ms(right!, 0, 2000))).toBe(true);
		expect(ms(right!, 2000, 2750)).toEqual(ms(spoken, 0, 750));
		expect(isSilent(ms(right!, 2750, 5000))).toBe(true);
	});

	test('is in one channel when asked, each voice alone when asked', async () => {
		const script = interrupted();
		const [[left, right], [mono], [caller], [model]] = [
			await channelsOf(mixOf(script, 'stereo')),
			await channelsOf(mixOf(script, 'mono')),
			await channelsOf(mixOf(script, 'caller')),
			await channelsOf(mixOf(script, 'model-heard'))
		];
		expect([caller, model]).toEqual([left, right]);
		expect(mono).toEqual(left!.map((sample, i) => sample + right![i]!));
	});

	test('has a gap where playing stalled', async () => {
		const script = new SessionScript().connects().responseBegins('r').modelBegins('r', 'i', null);
		script
			.modelSpeaks('r', 'i', ['One.'], 500)
			.at(1000)
			.playback('started', 'i', 0)
			.at(1200)
			.playback('stalled', 'i', 200);
		script.at(1300).playback('resumed', 'i', 200).at(1600).playback('ended', 'i', 500);
		const [samples] = await channelsOf(mixOf(script, 'model-heard'));
		expect(ms(samples!, 1000, 1200)).toEqual(ms(spoken, 0, 200));
		expect(isSilent(ms(samples!, 1200, 1300))).toBe(true);
		expect(ms(samples!, 1300, 1600)).toEqual(ms(spoken, 200, 500));
	});

	test('goes on behind the last event, where no playback was recorded', async () => {
		const script = new SessionScript().at(100).server('session.created', { session: SESSION });
		script.responseBegins('r').modelBegins('r', 'i', null).modelSpeaks('r', 'i', ['One.'], 500);
		const mix = mixOf(script, 'stereo');
		expect(mix.frames).toBe(600 * 24);
		expect(ms((await channelsOf(mix))[1]!, 100, 600)).toEqual(ms(spoken, 0, 500));
	});
});

describe('what was generated', () => {
	test('is all of it, heard or not', async () => {
		const mix = mixOf(interrupted(), 'model-generated');
		expect(mix).toMatchObject({ channels: 1, frames: 2000 * 24 });
		expect((await channelsOf(mix))[0]).toEqual(spoken);
	});

	test('is put in order where two utterances came at the same time, cut inside samples', async () => {
		const script = new SessionScript().connects().responseBegins('r').responseBegins('s', { conversation_id: null });
		const [one, two] = [noise(30, 1), noise(20, 2)];
		for (let i = 0; i < 3; i++) {
			script.modelSends('r', 'a', one.subarray(i * 481, i < 2 ? (i + 1) * 481 : undefined), [481]);
			script.modelSends('s', 'b', two.subarray(i * 321, i < 2 ? (i + 1) * 321 : undefined), [321]);
		}
		const [samples] = await channelsOf(mixOf(script, 'model-generated'));
		expect(samples).toEqual(samplesOf(new Uint8Array([...one, ...two])));
	});
});

test('G.711 is decoded by the law of its session', async () => {
	const format = { type: 'audio/pcma' };
	const session = { ...SESSION, audio: { input: { format }, output: { format } } };
	const script = new SessionScript().connects(session).responseBegins('r').modelBegins('r', 'i', null);
	const loud = Int16Array.from({ length: 800 }, (_, i) => 8000 * Math.sin((2 * Math.PI * 200 * i) / 8000));
	script.modelSends('r', 'i', encodeALaw(loud), [160]).at(1000).playback('started', 'i', 0).at(1100);
	script.playback('ended', 'i', 100);
	const formats = { caller: 'a-law', model: 'a-law' } as const;
	const mix = deriveSessionMix(script.session(), 'model-heard', audioOfTracks(script.log.tracks), { formats });
	const [samples] = await channelsOf(mix);
	expect(isSilent(ms(samples!, 0, 999))).toBe(true);
	// Away from the edges of the sound, where the filter rings.
	const middle = ms(samples!, 1005, 1095);
	const off = middle.map((sample, i) => Math.abs(sample - 8000 * Math.sin((2 * Math.PI * 200 * (i + 120)) / 24_000)));
	expect(Math.max(...off)).toBeLessThan(300);
});

test('whatever a log holds, a mix has the samples that it promises', async () => {
	const kinds = fc.constantFrom<MixKind>('stereo', 'mono', 'caller', 'model-heard', 'model-generated');
	await fc.assert(
		fc.asyncProperty(hostileLog(), kinds, async (log, kind) => {
			const mix = deriveSessionMix(foldLog(log), kind, audioOfTracks(log.tracks));
			const count = Math.min(mix.frames, 5000);
			expect(await mixWindow(mix, 0, count)).toHaveLength(count * mix.channels);
		})
	);
	const { log } = bargeIn();
	const mix = deriveSessionMix(foldLog(log), 'stereo', audioOfTracks(log.tracks));
	expect(mix.frames).toBe(Math.ceil(log.lengthMs * 24));
});
