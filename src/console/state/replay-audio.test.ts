// What a replay sounds like, in numbers: both voices in their places, and nothing that nobody heard.
import { expect, test } from 'vitest';
import { deriveCallerPlacements, deriveModelPlacements } from '#core/timeline/placements.ts';
import { SessionScript } from '../../../tests/fixtures/session-script.ts';
import { mixRecording } from './replay-audio.ts';

const HEADER_BYTES = 44;

async function samplesOf(script: SessionScript, lengthMs: number): Promise<Int16Array> {
	const session = script.session();
	const mixed = mixRecording(script.log, deriveCallerPlacements(session), deriveModelPlacements(session), lengthMs);
	return new Int16Array((await mixed.wav.arrayBuffer()).slice(HEADER_BYTES));
}

function loudest(samples: Int16Array, fromMs: number, toMs: number): number {
	return samples.subarray(fromMs * 24, toMs * 24).reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
}

test('the caller is heard where it spoke, the model until it was cut off, and silence elsewhere', async () => {
	const script = new SessionScript()
		.connects()
		.at(1000)
		.callerSends(400, 330)
		.responseBegins('resp_1')
		.modelBegins('resp_1', 'item_1', null)
		.modelSpeaks('resp_1', 'item_1', ['One two three.'], 2000)
		.at(2000)
		.playback('started', 'item_1', 0)
		.at(2750)
		.playback('stopped', 'item_1', 750, { reason: 'caller_speech' });
	const samples = await samplesOf(script, 5000);
	expect(samples).toHaveLength(5000 * 24);
	expect(loudest(samples, 0, 999)).toBe(0);
	expect(loudest(samples, 1000, 1400)).toBeGreaterThan(1000);
	expect(loudest(samples, 1401, 2000)).toBe(0);
	expect(loudest(samples, 2000, 2750)).toBeGreaterThan(1000);
	// To the sample: what never was heard is not heard in the replay either.
	expect(loudest(samples, 2745, 2750)).toBeGreaterThan(0);
	expect(loudest(samples, 2750, 5000)).toBe(0);
});

test('two voices at once are added, and clipped rather than wrapped', async () => {
	const script = new SessionScript().connects();
	script.at(500).responseBegins('resp_1').modelBegins('resp_1', 'item_1', null);
	script.modelSpeaks('resp_1', 'item_1', ['One.'], 1000).playback('started', 'item_1', 0);
	script.callerSends(1000, 330).playback('ended', 'item_1', 1000);
	const samples = await samplesOf(script, 2000);
	const session = script.session();
	const callerOnly = mixRecording(script.log, deriveCallerPlacements(session), [], 2000);
	const caller = new Int16Array((await callerOnly.wav.arrayBuffer()).slice(HEADER_BYTES));
	expect(loudest(samples, 600, 1400)).toBeGreaterThan(loudest(caller, 600, 1400));
});
