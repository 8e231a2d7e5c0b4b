/** What a browser asks of the simulator for a page of another origin. Which origins may ask at all is the host's business. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const ORIGIN = 'http://localhost:3000';
/** What the `openai` package sends from a browser. */
const ASKED = 'authorization,content-type,x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-runtime';
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer({ key: 'sk-right' });
});
afterAll(() => server.dispose());

/** Does what the Fetch standard does with the answer to a preflight for these headers and POST. */
async function passesPreflight(path: string, headers: string): Promise<boolean> {
	const response = await fetch(`${server.httpUrl}${path}`, {
		method: 'OPTIONS',
		headers: {
			Origin: ORIGIN,
			'Access-Control-Request-Method': 'POST',
			'Access-Control-Request-Headers': headers,
			'Sec-Fetch-Mode': 'cors',
			'Sec-Fetch-Site': 'same-site'
		}
	});
	const list = (name: string): string[] =>
		(response.headers.get(name) ?? '').split(',').map((one) => one.trim().toLowerCase());
	const allowed = new Set(list('access-control-allow-headers'));
	return (
		response.ok &&
		['*', ORIGIN].includes(response.headers.get('access-control-allow-origin') ?? '') &&
		list('access-control-allow-methods').includes('post') &&
		headers.split(',').every((name) => allowed.has(name))
	);
}

describe('a page of another origin', () => {
	it('may send what clients send, also without a key in the preflight', async () => {
		for (const path of [
			'/realtime/client_secrets',
			'/realtime/translations/client_secrets',
			'/earshot/incoming_call'
		]) {
			expect(await passesPreflight(path, ASKED), path).toBe(true);
		}
	});

	it('may read answers, errors and the id of the request', async () => {
		const post = (key: string): Promise<Response> =>
			fetch(`${server.httpUrl}/realtime/client_secrets`, {
				method: 'POST',
				headers: { Origin: ORIGIN, Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
				body: '{}'
			});
		for (const [key, status] of [
			['sk-right', 200],
			['sk-wrong', 401]
		] as const) {
			const response = await post(key);
			expect(response.status).toBe(status);
			expect(response.headers.get('access-control-allow-origin')).toBe('*');
			expect(response.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('x-request-id');
			await response.body?.cancel();
		}
	});
});
