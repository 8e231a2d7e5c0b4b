/** The REST half of the API alone, on a free port of this machine, for tests. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { createRest } from '#simulator/rest/rest.ts';
import type { RestOptions } from '#simulator/rest/rest.ts';
import { createIdMaker, createRandom } from '#simulator/session/ids.ts';
import { configureSession, describeSession } from '#simulator/session/session-config.ts';
import type { SessionConfig } from '#simulator/session/session-config.ts';

/** The time that it has. */
export const NOW_MS = 1_790_000_000_400;
export const PATH = '/v1/realtime/client_secrets';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0)) await close();
});

/** Ends with the test. `post` sends to `PATH`. */
export async function startRest(options: Partial<RestOptions<SessionConfig>> = {}) {
	const secrets = new ClientSecrets<SessionConfig>();
	const log: string[] = [];
	const rest = createRest({
		secrets,
		configure: (session) => configureSession(session),
		describe: describeSession,
		newId: createIdMaker(createRandom('rest'), () => NOW_MS),
		nowMs: () => NOW_MS,
		log: (line) => log.push(line),
		...options
	});
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? '/', 'http://localhost');
		if (!rest.handle(request, response, url)) response.writeHead(418).end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	closers.push(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});
	const base = `http://127.0.0.1:${port}`;
	const post = (body: unknown, headers: Record<string, string> = {}, path = PATH) =>
		fetch(`${base}${path}`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json', ...headers },
			body: typeof body === 'string' ? body : JSON.stringify(body)
		});
	return { base, port, post, secrets, log };
}
