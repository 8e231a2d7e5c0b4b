/** Starts the real simulator on real ports, plain and TLS, for clients that are not ours. */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, expect } from 'vitest';
import { createSimulator } from '#simulator/attach-simulator.ts';
import type { SimulatorOptions } from '#simulator/attach-simulator.ts';
import { parseScenario } from '#simulator/scenario/parse-scenario.ts';
import type { ScenarioLibrary } from '#simulator/scenario/scenario-library.ts';
import { compileFlite } from '#simulator/speech/flite-wasi.ts';
import { synthesizeClause } from '#simulator/speech/speech-synthesis.ts';
import { checkServerEvent } from '#simulator/testing/server-event-schema.ts';

export interface ContractServer {
	/** Ends in /v1. */
	httpUrl: string;
	wsUrl: string;
	tlsUrl: string;
	certificate: string;
	dispose: () => Promise<void>;
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

/** A library of one scenario. */
export function onlyScenario(value: object): ScenarioLibrary {
	const parsed = parseScenario({ scenario: 1, name: 'test', ...value });
	if ('error' in parsed) throw new Error(parsed.error);
	return { defaultName: 'test', names: () => ['test'], get: () => parsed.scenario, dispose: () => {} };
}

export async function startContractServer(options: SimulatorOptions = {}): Promise<ContractServer> {
	const simulator = createSimulator({ seed: 'contract', ...options });
	const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
		extensions: [
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: 'localhost' },
					{ type: 7, ip: '127.0.0.1' }
				]
			}
		]
	});
	const answer = (request: IncomingMessage, response: ServerResponse): void => {
		if (!simulator.handleRequest(request, response)) response.writeHead(404).end();
	};
	const plain = createServer(answer);
	const tls = createTlsServer({ key: pems.private, cert: pems.cert }, answer);
	for (const server of [plain, tls]) {
		server.on('upgrade', (request, socket, head) => {
			if (!simulator.handleUpgrade(request, socket, head)) socket.destroy();
		});
	}
	const [plainPort, tlsPort] = [await listen(plain), await listen(tls)];
	return {
		httpUrl: `http://127.0.0.1:${plainPort}/v1`,
		wsUrl: `ws://127.0.0.1:${plainPort}/v1/realtime`,
		tlsUrl: `https://localhost:${tlsPort}/v1`,
		certificate: pems.cert,
		dispose: async () => {
			await simulator.dispose();
			for (const server of [plain, tls]) {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			}
		}
	};
}

/** A caller who says something after half a second of silence and then is silent for a second; 16-bit mono at 24 kHz. */
export function makeCallerAudio(text = 'Hello, I would like to know when my parcel arrives.'): Int16Array {
	const speech = synthesizeClause(compileFlite(), text, 'ash', 1);
	if (!speech) throw new Error('Flite has no sounds for the text of the caller');
	const audio = new Int16Array(12_000 + speech.length + 24_000);
	audio.set(speech, 12_000);
	return audio;
}

/** Hands audio over in chunks of 100 ms, `everyMs` apart. */
export async function feedAudio(audio: Int16Array, send: (chunk: Uint8Array) => void, everyMs = 40): Promise<void> {
	for (let at = 0; at < audio.length; at += 2400) {
		const chunk = audio.slice(at, at + 2400);
		send(new Uint8Array(chunk.buffer));
		await new Promise((resolve) => setTimeout(resolve, everyMs));
	}
}

/** What is wrong with the server events that came during a test. */
const eventFaults: string[] = [];
afterEach(() => expect(eventFaults.splice(0)).toEqual([]));

/** Collects the server events of a connection, and lets a test wait for one. A test with one that the service could not have sent fails. */
export class Collector<T extends { type: string }> {
	readonly all: T[] = [];
	#waiting: { isIt: (item: T) => boolean; resolve: (item: T) => void }[] = [];

	add(item: T): void {
		eventFaults.push(...checkServerEvent(item));
		this.all.push(item);
		const ready = this.#waiting.filter(({ isIt }) => isIt(item));
		this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
		for (const { resolve } of ready) resolve(item);
	}

	/** The next one that is it, from now on; the test's own time limit applies. */
	next(isIt: (item: T) => boolean): Promise<T> {
		return new Promise((resolve) => this.#waiting.push({ isIt, resolve }));
	}

	/** The first one that is it, of those that came or will come. */
	first(isIt: (item: T) => boolean): Promise<T> {
		const found = this.all.find(isIt);
		return found ? Promise.resolve(found) : this.next(isIt);
	}
}
