/** Text to 24 kHz speech with Flite: voices, level, pauses. Synchronous, and pure but for the synthesiser; runs in the worker. */
import { Resampler } from '#core/audio/resample.ts';
import type { Flite } from '#simulator/speech/flite-wasi.ts';
import type { Joint } from '#simulator/speech/pieces.ts';
import { voices } from '#simulator/speech/voices.ts';
import type { VoiceRecipe } from '#simulator/speech/voices.ts';

export const SPEECH_RATE_HZ = 24000;
/** What Flite answers to text that it has no sounds for is about 0.2 s of silence. */
const SHORTEST_SPEECH_SECONDS = 0.3;
const HIGH_PASS_HZ = 70;

/** A second-order high-pass (Butterworth), in place. */
function applyHighPass(samples: Float32Array, rateHz: number): void {
	const w = (2 * Math.PI * HIGH_PASS_HZ) / rateHz;
	const alpha = Math.sin(w) / Math.SQRT2;
	const cos = Math.cos(w);
	const a0 = 1 + alpha;
	const b0 = (1 + cos) / 2 / a0;
	const b1 = -(1 + cos) / a0;
	const a1 = (-2 * cos) / a0;
	const a2 = (1 - alpha) / a0;
	let x1 = 0;
	let x2 = 0;
	let y1 = 0;
	let y2 = 0;
	for (let i = 0; i < samples.length; i++) {
		const x = samples[i] as number;
		const y = b0 * x + b1 * x1 + b0 * x2 - a1 * y1 - a2 * y2;
		x2 = x1;
		x1 = x;
		y2 = y1;
		y1 = y;
		samples[i] = y;
	}
}

/** Above 0.8 of full scale the curve bends, so that a loud vowel is rounded rather than clipped. */
function limit(sample: number): number {
	const size = Math.abs(sample);
	return size <= 0.8 ? sample : Math.sign(sample) * (0.8 + 0.2 * Math.tanh((size - 0.8) / 0.2));
}

function recipeFor(voice: string): VoiceRecipe {
	return voices[voice] ?? (voices['alloy'] as VoiceRecipe);
}

function toInt16(floats: Float32Array, samples: Int16Array, at: number): void {
	for (let i = 0; i < floats.length; i++) samples[at + i] = Math.round(limit(floats[i] as number) * 32767);
}

/**
 * Speaks one clause as 16-bit mono at 24 kHz, or returns undefined when Flite has no sounds for it (another alphabet,
 * only emoji). There is about 0.2 s of silence before and after it. `speed` is the protocol's 0.25 to 1.5. Throws when the
 * synthesiser fails.
 */
export function synthesizeClause(flite: Flite, clause: string, voice: string, speed: number): Int16Array | undefined {
	if (!/[a-z0-9]/i.test(clause.normalize('NFKD'))) return undefined;
	const { speaker, pitchHz, stretch, formantRatio, gainDb, highPass } = recipeFor(voice);
	const { samples, rateHz } = flite.speak(clause.normalize('NFKC'), speaker, {
		int_f0_target_mean: (pitchHz / formantRatio).toFixed(1),
		duration_stretch: ((stretch * formantRatio) / speed).toFixed(3)
	});
	if (samples.length < SHORTEST_SPEECH_SECONDS * rateHz) return undefined;
	const gain = 10 ** (gainDb / 20) / 32768;
	const floats = new Float32Array(samples.length);
	for (let i = 0; i < samples.length; i++) floats[i] = (samples[i] as number) * gain;
	if (highPass) applyHighPass(floats, rateHz);
	// Rates in steps of 50 Hz keep the filter bank small.
	const declaredRateHz = Math.round((rateHz * formantRatio) / 50) * 50;
	const resampler = new Resampler(declaredRateHz, SPEECH_RATE_HZ);
	const body = resampler.process(floats);
	const tail = resampler.flush();
	const speech = new Int16Array(body.length + tail.length);
	toInt16(body, speech, 0);
	toInt16(tail, speech, body.length);
	return speech;
}

/** The quietest sounds of speech are louder, and the noise in the pauses of all speakers is not. */
const QUIET_DBFS = -50;
const STEP_SAMPLES = SPEECH_RATE_HZ / 100;

/**
 * How much is left before and after a joint of what is not loud, ms: soft sounds, and a pause. Inside whole sentences the
 * speakers pause 100 to 230 ms at a comma, and not at all between two words. At the end of a sentence nothing is cut. The
 * first sound of an utterance is waited for.
 */
const KEPT_MS: Record<Exclude<Joint, 'sentence'>, { before: number; after: number }> = {
	start: { before: 0, after: 30 },
	comma: { before: 90, after: 60 },
	word: { before: 20, after: 20 }
};

function isLoud(samples: Int16Array, at: number): boolean {
	let energy = 0;
	const end = Math.min(samples.length, at + STEP_SAMPLES);
	for (let i = at; i < end; i++) energy += (samples[i] as number) ** 2;
	return energy > STEP_SAMPLES * (32768 * 10 ** (QUIET_DBFS / 20)) ** 2;
}

/** The first loud step, or the end. */
function findSpeechStart(samples: Int16Array): number {
	let at = 0;
	while (at < samples.length && !isLoud(samples, at)) at += STEP_SAMPLES;
	return Math.min(at, samples.length);
}

/** The end of the last loud step, or 0. */
function findSpeechEnd(samples: Int16Array): number {
	let end = samples.length;
	while (end > 0 && !isLoud(samples, Math.max(0, end - STEP_SAMPLES))) end -= STEP_SAMPLES;
	return Math.max(0, end);
}

/**
 * A stretch of speech without the silence that Flite puts around everything, as far as it would be heard as a pause where
 * a sentence was only cut into pieces. `from` and `to`: what the stretch comes after, and what comes after it.
 */
export function trimPauses(speech: Int16Array, from: Joint, to: Joint, speed: number): Int16Array {
	const samplesOf = (ms: number): number => Math.round(((ms / speed) * SPEECH_RATE_HZ) / 1000);
	const start = from === 'sentence' ? 0 : findSpeechStart(speech) - samplesOf(KEPT_MS[from].after);
	const end = to === 'sentence' ? speech.length : findSpeechEnd(speech) + samplesOf(KEPT_MS[to].before);
	return speech.slice(Math.max(0, start), Math.max(0, end));
}
