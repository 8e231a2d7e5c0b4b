/** Faults as a person gives them on the command line: their text, or the name of a file that holds it. */
import { existsSync, readFileSync } from 'node:fs';
import { readFaults } from '#simulator/faults/fault-text.ts';
import type { Fault } from '#simulator/faults/faults.ts';

/** Reads `drop:1011@response.created/2`, JSON, or a file of either. The error says what is wrong and what to write. */
export function loadFaultsArgument(argument: string): { faults: Fault[] } | { error: string } {
	if (!existsSync(argument)) {
		// No fault has a slash before its moment, or such an end.
		const isPath = /^[^@[{]*\/|\.(json|txt)$/i.test(argument);
		return isPath ? { error: `There is no file '${argument}'.` } : readFaults(argument);
	}
	try {
		return readFaults(readFileSync(argument, 'utf8'));
	} catch (error) {
		return { error: `The file ${argument} cannot be read: ${(error as Error).message}` };
	}
}
