// Speech for the tests, made here with the simulator's own voice: nothing recorded, nothing to license.
import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { wavHeader } from '#core/audio/wav.ts';
import { openSpeechEngine } from '#simulator/speech/speech.ts';

/** Samples (24 kHz mono) of a voice that says a text. */
export async function speak(text: string, voice = 'cedar'): Promise<Int16Array> {
	const engine = openSpeechEngine();
	try {
		return await new Promise((resolve, reject) => {
			const parts: Int16Array[] = [];
			const utterance = engine.speak(
				{ voice, speed: 1 },
				{
					onAudio: (samples) => parts.push(samples),
					onDone: () => resolve(concatenate(parts)),
					onError: reject
				}
			);
			utterance.say(text);
			utterance.end();
		});
	} finally {
		await engine.dispose();
	}
}

export function silence(seconds: number): Int16Array {
	return new Int16Array(Math.round(seconds * SAMPLE_RATE));
}

export function concatenate(parts: readonly Int16Array[]): Int16Array {
	const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		whole.set(part, offset);
		offset += part.length;
	}
	return whole;
}

/** A WAV file of samples at 24 kHz, mono. */
export function wavFile(samples: Int16Array): Buffer {
	return Buffer.concat([wavHeader(samples.byteLength, SAMPLE_RATE, 1), Buffer.from(samples.buffer)]);
}
