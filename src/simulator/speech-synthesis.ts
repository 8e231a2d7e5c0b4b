/** Text to 24 kHz speech with Flite: clauses, voices, level. Synchronous and pure but for the compiled module; runs in the worker. */
import { Resampler } from '#core/audio/resample.ts';
import { speakWithFlite } from '#simulator/flite-wasi.ts';
import { voices } from '#simulator/voices.ts';
import type { VoiceRecipe } from '#simulator/voices.ts';

export const SPEECH_RATE_HZ = 24000;
/** Flite's time grows much faster than its text: a word of 5000 letters was seen to take 15 s. */
const LONGEST_CLAUSE_CHARS = 200;
const LONGEST_WORD_CHARS = 40;
/** What Flite answers to text that it has no sounds for is about 0.2 s of silence. */
const SHORTEST_SPEECH_SECONDS = 0.3;
const HIGH_PASS_HZ = 70;

/**
 * Cuts a text into clauses that are spoken one after the other: at sentence ends, then at commas and spaces where a
 * sentence is longer than 200 characters. Words longer than 40 characters are cut as well. Joined, they say the whole text.
 */
export function splitClauses(text: string): string[] {
	const words = text
		.split(/\s+/)
		.filter((word) => word !== '')
		.flatMap((word) => word.match(new RegExp(`.{1,${LONGEST_WORD_CHARS}}`, 'gsu')) ?? []);
	const clauses: string[] = [];
	let clause = '';
	for (const word of words) {
		if (clause !== '' && clause.length + 1 + word.length > LONGEST_CLAUSE_CHARS) {
			clauses.push(clause);
			clause = '';
		}
		clause += clause === '' ? word : ` ${word}`;
		const endsSentence = /[.!?…。！？]["')\]]*$/.test(word);
		const endsLongPart = clause.length > 140 && /[,;:]$/.test(word);
		if (endsSentence || endsLongPart) {
			clauses.push(clause);
			clause = '';
		}
	}
	if (clause !== '') clauses.push(clause);
	return clauses;
}

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

/**
 * Speaks one clause as 16-bit mono at 24 kHz, or returns undefined when Flite has no sounds for it (another alphabet,
 * only emoji). `speed` is the protocol's 0.25 to 1.5. Throws when the synthesiser fails.
 */
export function synthesizeClause(
	module: WebAssembly.Module,
	clause: string,
	voice: string,
	speed: number
): Int16Array | undefined {
	if (!/[a-z0-9]/i.test(clause.normalize('NFKD'))) return undefined;
	const { speaker, pitchHz, stretch, formantRatio, gainDb, highPass } = recipeFor(voice);
	const { samples, rateHz } = speakWithFlite(module, clause.normalize('NFKC'), speaker, {
		int_f0_target_mean: (pitchHz / formantRatio).toFixed(1),
		duration_stretch: ((stretch * formantRatio) / speed).toFixed(3)
	});
	if (samples.length < SHORTEST_SPEECH_SECONDS * rateHz) return undefined;
	const gain = 10 ** (gainDb / 20) / 32768;
	const floats = Float32Array.from(samples, (sample) => sample * gain);
	if (highPass) applyHighPass(floats, rateHz);
	// Rates in steps of 50 Hz keep the filter bank small.
	const declaredRateHz = Math.round((rateHz * formantRatio) / 50) * 50;
	const resampler = new Resampler(declaredRateHz, SPEECH_RATE_HZ);
	const body = resampler.process(floats);
	const tail = resampler.flush();
	const speech = new Int16Array(body.length + tail.length);
	for (let i = 0; i < body.length; i++) speech[i] = Math.round(limit(body[i] as number) * 32767);
	for (let i = 0; i < tail.length; i++) speech[body.length + i] = Math.round(limit(tail[i] as number) * 32767);
	return speech;
}
