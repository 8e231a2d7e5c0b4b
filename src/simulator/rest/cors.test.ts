/** What browser apps on other origins need. */
import { request as sendRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { PATH, startRest } from './testing/rest-server.ts';

describe('CORS', () => {
	test('a preflight is allowed what it asks for', async () => {
		const { base } = await startRest({ requiredKey: 'sk-required' });
		const asked = 'authorization,content-type,x-openai-agents-sdk,x-stainless-lang';
		const response = await fetch(`${base}${PATH}`, {
			method: 'OPTIONS',
			headers: {
				Origin: 'http://localhost:3000',
				'Access-Control-Request-Method': 'POST',
				'Access-Control-Request-Headers': asked
			}
		});
		expect(response.status).toBe(204);
		expect(response.headers.get('access-control-allow-origin')).toBe('*');
		expect(response.headers.get('access-control-allow-methods')).toBe('GET, POST, OPTIONS');
		expect(response.headers.get('access-control-allow-headers')).toBe(asked);
	});

	test('one that asks for nothing, or for no headers at all, is told what clients of the API send', async () => {
		const { base, port } = await startRest();
		const plain = await fetch(`${base}/v1/realtime/calls`, { method: 'OPTIONS', headers: { Origin: 'http://a.test' } });
		const odd = await new Promise<string>((resolve, reject) => {
			const headers = { Origin: 'http://a.test', 'Access-Control-Request-Headers': 'a"b<c>' };
			sendRequest({ port, path: PATH, method: 'OPTIONS', headers }, (response) => {
				response.resume();
				resolve(String(response.headers['access-control-allow-headers']));
			})
				.on('error', reject)
				.end();
		});
		for (const allowed of [plain.headers.get('access-control-allow-headers') ?? '', odd]) {
			for (const name of ['authorization', 'content-type', 'openai-beta', 'x-openai-agents-sdk', 'x-stainless-os'])
				expect(allowed.split(', ')).toContain(name);
		}
	});

	test('answers and errors can be read from other origins, with their headers', async () => {
		const { post, base } = await startRest();
		const origin = { Origin: 'http://localhost:3000' };
		for (const response of [
			await post({}, origin),
			await post('{', origin),
			await fetch(`${base}/v1/x`, { headers: origin })
		]) {
			expect(response.headers.get('access-control-allow-origin')).toBe('*');
			expect(response.headers.get('access-control-expose-headers')).toBe('Location, X-Request-Id');
		}
		expect((await post({})).headers.get('access-control-allow-origin')).toBeNull();
	});
});
