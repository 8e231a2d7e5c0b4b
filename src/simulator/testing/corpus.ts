/** For tests: recordings that are not part of the repository. EARSHOT_CORPUS names the folder; tests skip without it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '#simulator/session/shapes.ts';
import type { InputRateHz, SpeechDetector } from '#simulator/session/ports.ts';

/** The path of a file of the corpus, or undefined. */
export function findCorpusFile(...path: string[]): string | undefined {
	const root = process.env['EARSHOT_CORPUS'];
	const file = root ? join(root, ...path) : undefined;
	return file && existsSync(file) ? file : undefined;
}

/** The sessions of OpenAI's own GA service in the corpus, in `logs/pydantic-ai`. */
export const OPENAI_LOGS = [
	'test_openai_ws__test_text_in_audio_out_turn',
	'test_openai_ws__test_message_history_seeding',
	'test_openai_ws__test_tool_call_round',
	'test_openai_ws__test_audio_in_server_vad_turn',
	'test_parity_ws__test_text_tool_round_parity_openai-current_'
] as const;

/** Sessions of a service that is nearly the same: the GA protocol as Azure speaks it. */
export const AZURE_LOGS = ['test_azure_ws__test_tool_call_round'] as const;

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
export async function detectAll(
	audio: Int16Array,
	chunkSamples: number,
	detector: SpeechDetector,
	rateHz: InputRateHz = 24000
): Promise<number[]> {
	const probabilities: number[] = [];
	let waiting = Math.ceil(audio.length / chunkSamples);
	await new Promise<void>((resolve, reject) => {
		const stream = detector.openStream(rateHz, {
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
