/** Scenario files on disk: reading one, and the folder of those that come with the simulator. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseScenario } from '#simulator/scenario/parse-scenario.ts';
import type { Scenario } from '#simulator/scenario/scenario.ts';

/** Where the shipped scenarios lie. */
export const shippedFolder = fileURLToPath(new URL('./scenarios/', import.meta.url));

/** Reads a scenario file. Throws an Error whose message names the file, the place in it and what to do. */
export function loadScenario(file: string | URL): Scenario {
	let value: unknown;
	try {
		// Some editors begin a file with a byte order mark, which is no JSON.
		value = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
	} catch (error) {
		throw new Error(`The scenario ${String(file)} cannot be read: ${(error as Error).message}`, { cause: error });
	}
	const parsed = parseScenario(value);
	if ('error' in parsed) throw new Error(`The scenario ${String(file)} is not right. ${parsed.error}`);
	return parsed.scenario;
}

/** The scenario that is used when none is named: it says back what it noticed. */
export function loadDefaultScenario(): Scenario {
	return loadScenario(`${shippedFolder}default.json`);
}
