/** For tests: recordings that are not part of the repository. EARSHOT_CORPUS names the folder; tests skip without it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '#simulator/shapes.ts';
import type { SpeechDetector } from '#simulator/speech-detector.ts';

/** The path of a file of the corpus, or undefined. */
export function findCorpusFile(...path: string[]): string | undefined {
	const root = process.env['EARSHOT_CORPUS'];
	const file = root ? join(root, ...path) : undefined;
	return file && existsSync(file) ? file : undefined;
}

export interface LoggedEvent {
	direction: 'client' | 'server';
	event: JsonObject & { type: string };
}

export function readLog(file: string): LoggedEvent[] {
	const lines = readFileSync(file, 'utf8').split('\n');
	return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as LoggedEvent);
}

/** 16-bit mono samples of a raw file. */
export function readRawAudio(file: string): Int16Array {
	const bytes = readFileSync(file);
	return new Int16Array(new Uint8Array(bytes).buffer);
}

/** Runs the real detector over audio, cut into chunks of `chunkSamples`; returns one probability per frame. */
export async function detectAll(audio: Int16Array, chunkSamples: number, detector: SpeechDetector): Promise<number[]> {
	const probabilities: number[] = [];
	let waiting = Math.ceil(audio.length / chunkSamples);
	await new Promise<void>((resolve, reject) => {
		const stream = detector.openStream({
			onProbabilities: (some) => {
				probabilities.push(...some);
				if (--waiting > 0) return;
				stream.dispose();
				resolve();
			},
			onError: reject
		});
		for (let at = 0; at < audio.length; at += chunkSamples) stream.push(audio.subarray(at, at + chunkSamples));
	});
	return probabilities;
}
