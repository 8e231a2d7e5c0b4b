// Loads the simulator. Its code is imported when a host starts, by Node itself: also in `vite dev`, where Vite's own
// loading would lose the worker threads and files that it finds beside its modules.
import type { Simulator, SimulatorOptions } from '#simulator/attach-simulator.ts';
import { Failure } from './bootstrap/failure.js';

export type { Simulator, SimulatorOptions };

/** Opens a simulator; `dispose` it when done. */
export async function openSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
	const { relaxGarbageCollection } = await importSimulator<typeof import('#simulator/workers/garbage-collection.ts')>(
		'workers/garbage-collection.ts'
	);
	relaxGarbageCollection();
	const module = await importSimulator<typeof import('#simulator/attach-simulator.ts')>('attach-simulator.ts');
	return module.createSimulator(options);
}

/** What the command line says about the simulator. */
export interface SimulatorFlags {
	/** Name of a scenario, or the path of a file or a folder, relative to the working directory. */
	scenario?: string;
	seed?: string;
	latencyMs?: number;
	/** The only key that is accepted. */
	key?: string;
	/** Faults in their text form, as JSON, or a file of that. */
	faults?: string;
}

/** Whether the host can be reached from this machine alone; then clients may name any MCP server. */
export interface HostFacts {
	isLoopback: boolean;
}

/**
 * The options for `startHost({ simulator })`: scenarios, faults and the servers that EARSHOT_LLM_URL and its siblings name,
 * and a log on this terminal.
 * @throws Failure that says which of them cannot be used, why, and what to do
 */
export async function loadSimulatorOptions(
	flags: SimulatorFlags,
	env: NodeJS.ProcessEnv = process.env,
	{ isLoopback }: HostFacts = { isLoopback: true }
): Promise<SimulatorOptions> {
	const { scenario, faults, ...rest } = flags;
	const log = (line: string): void => console.log(withoutControls(line));
	const { readCascadeConfig } =
		await importSimulator<typeof import('#simulator/cascade/cascade-config.ts')>('cascade/cascade-config.ts');
	const cascade = readCascadeConfig(env);
	if (!cascade.ok) throw new Failure(cascade.error);
	const { readWebhookConfig } =
		await importSimulator<typeof import('#simulator/webhooks/webhook-config.ts')>('webhooks/webhook-config.ts');
	const webhook = readWebhookConfig(env);
	if (!webhook.ok) throw new Failure(webhook.error);
	const parsedFaults = faults === undefined ? [] : await loadFaults(faults);
	const { openScenarioLibrary } =
		await importSimulator<typeof import('#simulator/scenario/scenario-library.ts')>('scenario/scenario-library.ts');
	try {
		// Last of what can fail: it watches files until the simulator disposes of it.
		const scenarios = openScenarioLibrary({ ...(scenario === undefined ? {} : { given: scenario }), log });
		return {
			...rest,
			scenarios,
			faults: parsedFaults,
			cascade: cascade.value,
			...(webhook.value ? { webhook: webhook.value } : {}),
			// Whoever reaches us from elsewhere must not reach through us what only this machine can.
			...(isLoopback ? {} : { isMcpAllowed: () => false }),
			log
		};
	} catch (error) {
		throw new Failure(`The scenario ${scenario ?? ''} cannot be used: ${(error as Error).message}`, { cause: error });
	}
}

async function loadFaults(text: string): Promise<NonNullable<SimulatorOptions['faults']>> {
	const { loadFaultsArgument } =
		await importSimulator<typeof import('#simulator/faults/load-faults.ts')>('faults/load-faults.ts');
	const read = loadFaultsArgument(text);
	if ('error' in read) throw new Failure(`The faults cannot be used: ${read.error}`);
	return read.faults;
}

/** A client chooses what is in a log line; it must not be able to steer the terminal by it. */
function withoutControls(line: string): string {
	return line.replace(/\p{Cc}/gu, '');
}

function importSimulator<Module>(file: string): Promise<Module> {
	return import(new URL(`../simulator/${file}`, import.meta.url).href) as Promise<Module>;
}
