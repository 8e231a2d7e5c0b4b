// Loads the simulator. Its code is imported when a host starts, by Node itself: also in `vite dev`, where Vite's own
// loading would lose the worker threads and files that it finds beside its modules.
import type { Simulator, SimulatorOptions } from '#simulator/attach-simulator.ts';
import { Failure } from './bootstrap/failure.js';

export type { Simulator, SimulatorOptions };

/** Opens a simulator; `dispose` it when done. */
export async function openSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const module = await importSimulator<typeof import('#simulator/attach-simulator.ts')>('attach-simulator.ts');
	return module.createSimulator(options);
}

/** What the command line says about the simulator. */
export interface SimulatorFlags {
	/** File of a scenario, relative to the working directory. */
	scenario?: string;
	seed?: string;
	latencyMs?: number;
}

/**
 * The options for `startHost({ simulator })`: the scenario read from its file, and a log on this terminal.
 * @throws Failure that names the scenario's file when it cannot be used
 */
export async function loadSimulatorOptions(flags: SimulatorFlags): Promise<SimulatorOptions> {
	const { scenario, ...rest } = flags;
	const options: SimulatorOptions = { ...rest, log: (line) => console.log(withoutControls(line)) };
	if (scenario === undefined) return options;
	const { loadScenario } = await importSimulator<typeof import('#simulator/scenario.ts')>('scenario.ts');
	try {
		return { ...options, scenario: loadScenario(scenario) };
	} catch (error) {
		throw new Failure(`The scenario ${scenario} cannot be used: ${(error as Error).message}`, { cause: error });
	}
}

/** A client chooses what is in a log line; it must not be able to steer the terminal by it. */
function withoutControls(line: string): string {
	return line.replace(/\p{Cc}/gu, '');
}

function importSimulator<Module>(file: string): Promise<Module> {
	return import(new URL(`../simulator/${file}`, import.meta.url).href) as Promise<Module>;
}
