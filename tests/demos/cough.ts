// A cough, made of noise and a little voice: nothing recorded, nothing to license.
import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { createRandom } from '#simulator/session/ids.ts';

interface Burst {
	readonly atS: number;
	readonly lengthS: number;
	readonly gain: number;
}

const BURSTS: readonly Burst[] = [
	{ atS: 0, lengthS: 0.22, gain: 1 },
	{ atS: 0.36, lengthS: 0.26, gain: 0.85 }
];
const LENGTH_S = 0.75;
const NOISE = 0.6;
const VOICE = 0.8;
/** An open mouth: centre, bandwidth (Hz) and gain. */
const FORMANTS: readonly (readonly [hz: number, widthHz: number, gain: number])[] = [
	[650, 140, 1],
	[1250, 180, 0.8],
	[2500, 260, 0.5],
	[3600, 400, 0.3]
];

/** How loud the breath and the voice of all bursts are at a time. The voice sets in 25 ms after the breath. */
function loudnessAt(second: number): { breath: number; voice: number } {
	let [breath, voice] = [0, 0];
	for (const { atS, lengthS, gain } of BURSTS) {
		const since = second - atS;
		if (since < 0 || since > lengthS) continue;
		breath += gain * Math.min(1, since / 0.006) * Math.exp((-since * 3.2) / lengthS);
		voice += gain * Math.min(1, Math.max(0, (since - 0.025) / 0.02)) * Math.exp((-since * 2.2) / lengthS);
	}
	return { breath, voice };
}

/** Breath and the pulses of a voice that falls and shakes, before the mouth. */
function makeSource(seed: string, pitchHz: number): Float32Array {
	const random = createRandom(seed);
	let phase = 0;
	return Float32Array.from({ length: Math.round(LENGTH_S * SAMPLE_RATE) }, (_, index) => {
		const second = index / SAMPLE_RATE;
		const { breath, voice } = loudnessAt(second);
		const fallen = 1 - 1.4 * (second % 0.36);
		phase = (phase + (pitchHz * fallen * (1 + 0.06 * (random() - 0.5))) / SAMPLE_RATE) % 1;
		const pulse = phase < 0.4 ? Math.sin((Math.PI * phase) / 0.4) ** 2 : 0;
		return breath * NOISE * (random() * 2 - 1) + voice * VOICE * (pulse - 0.2);
	});
}

/**
 * A short double cough, 24 kHz mono, 0.75 s, with a peak of -6 dBFS. The same seed gives the same samples. Turn detection
 * takes it for speech, as it does with real ones.
 */
export function makeCough(seed: string, pitchHz: number): Int16Array {
	const source = makeSource(seed, pitchHz);
	const sum = new Float32Array(source.length);
	for (const [hz, widthHz, gain] of FORMANTS) {
		const radius = Math.exp((-Math.PI * widthHz) / SAMPLE_RATE);
		const turn = 2 * radius * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE);
		let [last, beforeLast] = [0, 0];
		for (let index = 0; index < source.length; index++) {
			const next = (source[index] ?? 0) * (1 - radius) + turn * last - radius * radius * beforeLast;
			[beforeLast, last] = [last, next];
			sum[index] = (sum[index] ?? 0) + gain * next;
		}
	}
	const peak = sum.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
	return Int16Array.from(sum, (sample) => Math.round((sample / peak) * 0.5 * 32767));
}
