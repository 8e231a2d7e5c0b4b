/** Puts together the session of one connection: its scenario, seed, latency and faults, and the edges it talks to. */
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { createFaultInjector } from '#simulator/faults/fault-injector.ts';
import type { FaultInjector } from '#simulator/faults/fault-injector.ts';
import { readFaults } from '#simulator/faults/fault-text.ts';
import type { Fault } from '#simulator/faults/faults.ts';
import { parseFaults } from '#simulator/faults/parse-faults.ts';
import { openSocketEdge } from '#simulator/faults/socket-edge.ts';
import type { ScenarioLibrary } from '#simulator/scenario/scenario-library.ts';
import type { Scenario } from '#simulator/scenario/scenario.ts';
import type { SharedEdges } from '#simulator/session-edges.ts';
import { invalidRequest } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { createRandom } from '#simulator/session/ids.ts';
import { paceForLatency } from '#simulator/session/pace.ts';
import { createSimulatedSession, SESSION_SECONDS } from '#simulator/session/simulated-session.ts';
import type { SimulatedSession } from '#simulator/session/simulated-session.ts';
import type { AnyConfig } from '#simulator/sockets/connection.ts';
import { readConnectionSettings } from '#simulator/sockets/connection-settings.ts';
import type { ConnectionSettings } from '#simulator/sockets/connection-settings.ts';
import { createRun, guardEdges, guardSchedule } from '#simulator/sockets/guarded-edges.ts';
import type { Run } from '#simulator/sockets/guarded-edges.ts';
import { bindSocket, scheduleReal } from '#simulator/sockets/socket-session.ts';
import { createTranslationSession } from '#simulator/translation/translation-session.ts';

const CLOSE_BAD_REQUEST = 4000;
/** "Internal error". Source: the IANA registry of close codes. */
const CLOSE_CRASHED = 1011;

/** What the simulator was started with. */
export interface SessionDefaults {
	edges: SharedEdges;
	scenarios: ScenarioLibrary;
	seed: string;
	latencyMs: number;
	faults: readonly Fault[];
	log: (line: string) => void;
}

interface Rejection {
	error: ApiError;
	closeCode: number;
}

function reject(param: string, message: string): Rejection {
	return { error: invalidRequest('invalid_value', message, param), closeCode: CLOSE_BAD_REQUEST };
}

type Chosen = { scenario: () => Scenario; faults: readonly Fault[] } | { rejection: Rejection };

/** The faults that the simulator was started with, and those of the scenario. */
function parseOwn(scenario: Scenario, { faults, log }: SessionDefaults): { faults: readonly Fault[] } {
	const ofScenario = parseFaults(scenario.faults);
	if ('faults' in ofScenario) return { faults: [...faults, ...ofScenario.faults] };
	log(`simulator: the faults of the scenario '${scenario.name}' are not right and do not happen: ${ofScenario.error}`);
	return { faults };
}

/** The scenario and the faults of this connection: where the client names faults, exactly those happen. */
function choose(settings: ConnectionSettings, defaults: SessionDefaults): Chosen {
	const { scenarios } = defaults;
	const first = scenarios.get(settings.scenario);
	if (!first) {
		const names = scenarios.names().join(', ');
		const message = `There is no scenario '${settings.scenario ?? scenarios.defaultName}'. There are: ${names}.`;
		return { rejection: reject('earshot-scenario', message) };
	}
	const chosen = settings.faults === undefined ? parseOwn(first, defaults) : readFaults(settings.faults);
	if ('error' in chosen) return { rejection: reject('earshot-faults', chosen.error) };
	return { scenario: () => scenarios.get(settings.scenario) ?? first, faults: chosen.faults };
}

/** Opens the session on the socket, or returns why not. */
export function openSession(
	socket: WebSocket,
	request: IncomingMessage,
	url: URL,
	config: AnyConfig,
	defaults: SessionDefaults & { number: number }
): Rejection | undefined {
	const { number, log } = defaults;
	const read = readConnectionSettings(request, url);
	if ('error' in read) return reject(read.param, read.error);
	const { settings } = read;
	const chosen = choose(settings, defaults);
	if ('rejection' in chosen) return chosen.rejection;
	const seed = settings.seed ?? `${defaults.seed} ${number}`;
	const model = config.type === 'transcription' ? 'transcription' : config.model;
	const injector = createFaultInjector({
		faults: chosen.faults,
		random: createRandom(`${seed} faults`),
		nowMs: Date.now,
		schedule: scheduleReal,
		model,
		edge: openSocketEdge(socket, {
			onOverflow: (bytes) => log(`simulator: session ${number} closed: its client left ${bytes} bytes unread`)
		}),
		onFault: (fault) => log(`simulator: session ${number} fault: ${fault}`)
	});
	log(`simulator: session ${number} opened, ${config.type}, model ${model}`);
	const run = createRun((error) => {
		log(
			`simulator: session ${number} crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
		);
		socket.close(CLOSE_CRASHED, 'The simulator made a mistake. Its terminal says which.');
	});
	const session = createSession(config, settings, chosen.scenario, seed, injector, defaults, run);
	bindSocket(socket, session, injector, run);
	return undefined;
}

function createSession(
	config: AnyConfig,
	settings: ConnectionSettings,
	scenario: () => Scenario,
	seed: string,
	injector: FaultInjector,
	{ edges, latencyMs }: SessionDefaults,
	run: Run
): SimulatedSession {
	const schedule = guardSchedule(scheduleReal, run);
	const own = edges.forSession(scenario, schedule, settings.scenario !== undefined);
	const { answers, mcp, ...guarded } = guardEdges({ ...edges, answers: own.answers, hearing: own.hearing }, run);
	const shared = {
		...guarded,
		nowMs: Date.now,
		schedule,
		random: createRandom(seed),
		pace: paceForLatency(settings.latencyMs ?? latencyMs),
		lifetimeMs: injector.expireAfterMs ?? SESSION_SECONDS * 1000,
		send: injector.send,
		close: injector.close
	};
	if (config.type === 'translation') {
		// A scenario's model does not translate; its `translations` do.
		const translator = own.llmAnswers && settings.scenario === undefined ? { answers } : {};
		return createTranslationSession(config, { ...shared, ...translator, translations: scenario().translations });
	}
	return createSimulatedSession(config, {
		...shared,
		answers,
		mcp,
		faults: injector.responseFaults
	});
}
