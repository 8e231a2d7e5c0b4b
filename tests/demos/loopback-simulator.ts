import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSimulator } from '#simulator/attach-simulator.ts';
import { parseScenario } from '#simulator/scenario/parse-scenario.ts';
import type { ScenarioLibrary } from '#simulator/scenario/scenario-library.ts';
import type { Scenario } from '#simulator/scenario/scenario.ts';

export interface LoopbackSimulator {
	readonly port: number;
	dispose(): Promise<void>;
}

/**
 * Starts the simulator on a free port of 127.0.0.1, with some scenarios by name, of which the first is the default. Throws
 * when one of them is not right.
 */
export async function startSimulator(
	seed: string,
	scenarios: Readonly<Record<string, object>>
): Promise<LoopbackSimulator> {
	const simulator = createSimulator({ seed, scenarios: libraryOf(scenarios) });
	const server = createServer((request, response) => {
		if (!simulator.handleRequest(request, response)) response.writeHead(404).end();
	});
	server.on('upgrade', (request, socket, head) => {
		if (!simulator.handleUpgrade(request, socket, head)) socket.destroy();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		port: (server.address() as AddressInfo).port,
		dispose: async () => {
			await simulator.dispose();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	};
}

function libraryOf(values: Readonly<Record<string, object>>): ScenarioLibrary {
	const scenarios = new Map(Object.entries(values).map(([name, value]) => [name, readScenario(name, value)]));
	const names = [...scenarios.keys()];
	return {
		defaultName: names[0] ?? '',
		names: () => names,
		get: (name = names[0] ?? '') => scenarios.get(name),
		dispose: () => undefined
	};
}

function readScenario(name: string, value: object): Scenario {
	const parsed = parseScenario({ scenario: 1, name, ...value });
	if ('error' in parsed) throw new Error(`The scenario ${name} is not right. ${parsed.error}`);
	return parsed.scenario;
}
