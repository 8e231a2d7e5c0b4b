/** The simulator for any http or https server: WebSockets at /v1/realtime, REST errors for the rest of /v1. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { connectionErrors, invalidRequest, notSupportedYet } from '#simulator/errors.ts';
import type { ApiError } from '#simulator/errors.ts';
import { createIdMaker, createRandom } from '#simulator/ids.ts';
import { DEFAULT_LATENCY_MS, paceForLatency } from '#simulator/pace.ts';
import { loadDefaultScenario } from '#simulator/scenario.ts';
import type { Scenario } from '#simulator/scenario.ts';
import { openSocketSession } from '#simulator/socket-session.ts';
import { openSpeechEngine } from '#simulator/speech.ts';
import { openSpeechDetector } from '#simulator/speech-detector.ts';

/** Larger messages close the socket with 1009. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Source: live probe: a connection that cannot become a session is closed with this. */
const CLOSE_BAD_REQUEST = 4000;

export interface SimulatorOptions {
	/** What the model says; the default says back what it noticed. */
	scenario?: Scenario;
	/** The same seed gives the same ids to the same sessions in the same order. Without it every run differs. */
	seed?: string;
	/** Before a client event is answered; other waits scale with it. Default 50. */
	latencyMs?: number;
	/** Told of connections and failures, one line each. */
	log?: (line: string) => void;
}

export interface Simulator {
	/** Takes the upgrade when its path is under /v1 and returns true; else leaves the socket alone and returns false. */
	handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
	/** Answers requests under /v1 and returns true; else leaves the response alone and returns false. */
	handleRequest: (request: IncomingMessage, response: ServerResponse) => boolean;
	/** Closes all sockets and ends the workers. */
	dispose: () => Promise<void>;
}

function parseUrl(request: IncomingMessage): URL | undefined {
	try {
		return new URL(request.url ?? '/', 'http://localhost');
	} catch {
		return undefined;
	}
}

function isOurs(url: URL | undefined): url is URL {
	return url !== undefined && (url.pathname === '/v1' || url.pathname.startsWith('/v1/'));
}

function offeredProtocols(request: IncomingMessage): string[] {
	const header = request.headers['sec-websocket-protocol'] ?? '';
	return header.split(',').map((name) => name.trim());
}

/** What keeps a connection from becoming a session, if anything. Any key is accepted, and none. */
function findConnectionError(request: IncomingMessage, url: URL): ApiError | undefined {
	const beta = String(request.headers['openai-beta'] ?? '');
	if (beta.includes('realtime=v1') || offeredProtocols(request).includes('openai-beta.realtime-v1')) {
		return connectionErrors.betaShape();
	}
	if (url.searchParams.has('call_id')) return notSupportedYet('call_id', 'sideband connections (call_id)');
	if (url.searchParams.get('intent') === 'transcription') return notSupportedYet('intent', 'transcription sessions');
	return url.searchParams.get('model') ? undefined : connectionErrors.missingModel();
}

function describeNotFound(request: IncomingMessage, url: URL): string {
	const message = `Invalid URL (${request.method ?? 'GET'} ${url.pathname})`;
	const { type, param, code } = invalidRequest(null, message);
	return JSON.stringify({ error: { message, type, param, code } }, null, 2);
}

function refuseUpgrade(request: IncomingMessage, socket: Duplex, url: URL): void {
	const body = describeNotFound(request, url);
	const headers = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
	socket.on('error', () => socket.destroy());
	socket.end(`HTTP/1.1 404 Not Found\r\n${headers}\r\n\r\n${body}`);
}

/** Sends the reason as an event, then closes with it. Source: live probe: never an HTTP error, always after the 101. */
function rejectConnection(socket: WebSocket, error: ApiError, eventId: string): void {
	const { type, code, message, param } = error;
	socket.send(
		JSON.stringify({ type: 'error', event_id: eventId, error: { type, code, message, param, event_id: null } })
	);
	socket.close(CLOSE_BAD_REQUEST, `${type}.${code}`);
}

/** Creates the simulator and starts to load its voices and its turn detector in the background. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
	const { scenario = loadDefaultScenario(), seed, latencyMs = DEFAULT_LATENCY_MS, log = () => {} } = options;
	const baseSeed = seed ?? randomBytes(16).toString('hex');
	const speech = openSpeechEngine();
	const detector = openSpeechDetector();
	speech.warmUp();
	detector.warmUp();
	const server = new WebSocketServer({
		noServer: true,
		perMessageDeflate: false,
		maxPayload: MAX_MESSAGE_BYTES,
		handleProtocols: (protocols) => (protocols.has('realtime') ? 'realtime' : false)
	});
	let sessionCount = 0;

	function accept(socket: WebSocket, request: IncomingMessage, url: URL): void {
		const random = createRandom(`${baseSeed} ${++sessionCount}`);
		socket.on('error', (error) => log(`simulator: socket error: ${error.message}`));
		const error = findConnectionError(request, url);
		if (error) {
			log(`simulator: connection rejected: ${error.code}`);
			rejectConnection(socket, error, createIdMaker(random, Date.now)('event'));
			return;
		}
		const model = url.searchParams.get('model') ?? '';
		log(`simulator: session ${sessionCount} opened, model ${model}`);
		const pace = paceForLatency(latencyMs);
		openSocketSession(socket, model, { nowMs: Date.now, random, speech, detector, scenario, pace });
	}

	return {
		handleUpgrade: (request, socket, head) => {
			const url = parseUrl(request);
			if (!isOurs(url)) return false;
			if (url.pathname === '/v1/realtime') {
				server.handleUpgrade(request, socket, head, (webSocket) => accept(webSocket, request, url));
			} else refuseUpgrade(request, socket, url);
			return true;
		},
		handleRequest: (request, response) => {
			const url = parseUrl(request);
			if (!isOurs(url)) return false;
			request.resume();
			response.writeHead(404, { 'Content-Type': 'application/json' });
			response.end(describeNotFound(request, url));
			return true;
		},
		dispose: async () => {
			for (const socket of server.clients) socket.close(1001, 'The simulator is stopping.');
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			for (const socket of server.clients) setTimeout(() => socket.terminate(), 500).unref();
			await Promise.all([closed, speech.dispose(), detector.dispose()]);
		}
	};
}
