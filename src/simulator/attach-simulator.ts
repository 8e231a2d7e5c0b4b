/** The simulator for any http or https server: WebSockets under /v1/realtime, and the REST half of the API. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { closeReason } from '#simulator/auth/credentials.ts';
import type { CascadeConfig } from '#simulator/cascade/cascade-config.ts';
import type { Fault } from '#simulator/faults/faults.ts';
import { createRest } from '#simulator/rest/rest.ts';
import { openScenarioLibrary } from '#simulator/scenario/scenario-library.ts';
import type { ScenarioLibrary } from '#simulator/scenario/scenario-library.ts';
import { openSharedEdges } from '#simulator/session-edges.ts';
import { invalidRequest } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { createIdMaker, createRandom } from '#simulator/session/ids.ts';
import { DEFAULT_LATENCY_MS } from '#simulator/session/pace.ts';
import { configureSession, describeSession } from '#simulator/session/session-config.ts';
import { decideConnection } from '#simulator/sockets/connection.ts';
import type { AnyConfig } from '#simulator/sockets/connection.ts';
import { openSession } from '#simulator/sockets/open-session.ts';
import type { SessionDefaults } from '#simulator/sockets/open-session.ts';
import { configureTranslation, describeTranslation } from '#simulator/translation/translation-config.ts';
import type { WebhookTarget } from '#simulator/webhooks/webhook-config.ts';
import { createWebhookRoute } from '#simulator/webhooks/webhook-route.ts';
import type { WebhookRoute } from '#simulator/webhooks/webhook-route.ts';

/** Larger messages close the socket with 1009. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export interface SimulatorOptions {
	/** The scenarios that sessions may use; the simulator disposes of them. Default: those that come with it. */
	scenarios?: ScenarioLibrary;
	/** The same seed gives the same ids and the same faults to the same sessions in the same order. Without it every run differs. */
	seed?: string;
	/** Before a client event is answered; other waits scale with it. Default 50. */
	latencyMs?: number;
	/** The only key that is accepted, besides client secrets. Without it any key is, and none. */
	key?: string;
	/** What goes wrong in every session. */
	faults?: readonly Fault[];
	/** Servers that answer, hear and speak instead of what is built in. */
	cascade?: CascadeConfig;
	/** Which MCP servers sessions may reach. Default: all. */
	isMcpAllowed?: (url: URL) => boolean;
	/** Where incoming calls are told of, and the secret that they are signed with. */
	webhook?: WebhookTarget;
	/** Told of connections and failures, one line each. No key is in it. */
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

const isSocketPath = ({ pathname }: URL): boolean => /^\/v1\/realtime(\/translations)?$/.test(pathname);

/** A WebSocket to an address that has none is refused in the form of the API. */
function refuseUpgrade(request: IncomingMessage, socket: Duplex, url: URL): void {
	const { message, type, param, code } = invalidRequest(
		null,
		`Invalid URL (${request.method ?? 'GET'} ${url.pathname})`
	);
	const body = JSON.stringify({ error: { message, type, param, code } }, null, 2);
	socket.on('error', () => socket.destroy());
	socket.end(
		`HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
			`Connection: close\r\n\r\n${body}`
	);
}

/** Tells the client after the handshake, as the service does: an `error` event, then a close with a code of its own. */
function rejectConnection(socket: WebSocket, error: ApiError, closeCode: number, eventId: string): void {
	const { type, code, message, param } = error;
	socket.send(
		JSON.stringify({ type: 'error', event_id: eventId, error: { type, code, message, param, event_id: null } })
	);
	socket.close(closeCode, closeReason(error));
}

function describeAny(config: AnyConfig, id: string, expiresAtS: number): ReturnType<typeof describeSession> {
	return config.type === 'translation'
		? describeTranslation(config, id, expiresAtS)
		: describeSession(config, id, expiresAtS);
}

/** Closes every socket, gently and then for good. */
async function closeSockets(server: WebSocketServer): Promise<void> {
	for (const socket of server.clients) socket.close(1001, 'The simulator is stopping.');
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	for (const socket of server.clients) setTimeout(() => socket.terminate(), 500).unref();
	await closed;
}

/** What is not a WebSocket: the REST half of the API, and the trigger of webhooks, which is ours. */
function openRequests(
	{ key: requiredKey, webhook, log = () => {} }: SimulatorOptions,
	secrets: ClientSecrets<AnyConfig>,
	newId: (kind: string) => string
): WebhookRoute {
	const shared = { secrets, nowMs: Date.now, ...(requiredKey === undefined ? {} : { requiredKey }), log };
	const webhooks = createWebhookRoute({ ...shared, ...(webhook ? { webhook } : {}) });
	const rest = createRest<AnyConfig>({
		...shared,
		configure: configureSession,
		configureTranslation,
		describe: describeAny,
		newId
	});
	return {
		handle: (request, response, url) => webhooks.handle(request, response, url) || rest.handle(request, response, url),
		dispose: webhooks.dispose
	};
}

/** A mistake of ours costs the one connection. */
function guardConnection(socket: WebSocket, log: (line: string) => void, action: () => void): void {
	try {
		action();
	} catch (error) {
		log(`simulator: a connection crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
		socket.close(1011, 'The simulator made a mistake. Its terminal says which.');
	}
}

/** Creates a simulator; nothing listens until a server hands its requests and upgrades over. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
	const { key: requiredKey, log = () => {} } = options;
	const scenarios = options.scenarios ?? openScenarioLibrary({ log });
	const edges = openSharedEdges({
		cascade: options.cascade ?? {},
		...(options.isMcpAllowed ? { isMcpAllowed: options.isMcpAllowed } : {}),
		log
	});
	const seed = options.seed ?? randomBytes(8).toString('hex');
	const newId = createIdMaker(createRandom(`${seed} api`), Date.now);
	const secrets = new ClientSecrets<AnyConfig>();
	const defaults: SessionDefaults = {
		edges,
		scenarios,
		seed,
		latencyMs: options.latencyMs ?? DEFAULT_LATENCY_MS,
		faults: options.faults ?? [],
		log
	};
	const requests = openRequests(options, secrets, newId);
	const server = new WebSocketServer({
		noServer: true,
		perMessageDeflate: false,
		maxPayload: MAX_MESSAGE_BYTES,
		handleProtocols: (protocols) => (protocols.has('realtime') ? 'realtime' : false)
	});
	let sessionCount = 0;

	function accept(socket: WebSocket, request: IncomingMessage, url: URL): void {
		const number = ++sessionCount;
		socket.on('error', (error) => log(`simulator: socket error: ${error.message}`));
		const decision = decideConnection(request, url, { secrets, requiredKey, nowMs: Date.now() });
		const rejection =
			'error' in decision ? decision : openSession(socket, request, url, decision.config, { ...defaults, number });
		if (!rejection) return;
		log(`simulator: connection rejected: ${rejection.error.code ?? rejection.error.message}`);
		rejectConnection(socket, rejection.error, rejection.closeCode, newId('event'));
	}

	return {
		handleUpgrade: (request, socket, head) => {
			const url = parseUrl(request);
			if (!isOurs(url)) return false;
			if (isSocketPath(url)) {
				server.handleUpgrade(request, socket, head, (webSocket) =>
					guardConnection(webSocket, log, () => accept(webSocket, request, url))
				);
			} else refuseUpgrade(request, socket, url);
			return true;
		},
		handleRequest: (request, response) => {
			const url = parseUrl(request);
			return isOurs(url) && requests.handle(request, response, url);
		},
		dispose: async () => {
			scenarios.dispose();
			requests.dispose();
			await Promise.all([closeSockets(server), edges.dispose()]);
		}
	};
}
