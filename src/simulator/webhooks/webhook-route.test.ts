/** The trigger of an incoming call, over real sockets. What the `openai` package makes of the webhook is in tests/contract. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { startReceiver } from './testing/receiver.ts';
import type { WebhookReceiver } from './testing/receiver.ts';
import { createWebhookRoute, INCOMING_CALL_PATH } from './webhook-route.ts';
import type { WebhookRouteOptions } from './webhook-route.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NOW_MS = 1_790_000_000_400;
const call = { from: '+14255550100', to: '+18005550199' };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0)) await close();
});

interface Trigger {
	base: string;
	secrets: ClientSecrets<unknown>;
	receiver: WebhookReceiver;
	post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
}

async function start(options: Partial<WebhookRouteOptions> = {}): Promise<Trigger> {
	const receiver = await startReceiver();
	const secrets = new ClientSecrets<unknown>();
	const route = createWebhookRoute({
		webhook: { url: receiver.url, secret: SECRET },
		secrets,
		nowMs: () => NOW_MS,
		log: () => {},
		...options
	});
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? '/', 'http://localhost');
		if (!route.handle(request, response, url)) response.writeHead(418).end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	closers.push(async () => {
		route.dispose();
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
		await receiver.dispose();
	});
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const post: Trigger['post'] = (body, headers = {}) =>
		fetch(`${base}${INCOMING_CALL_PATH}`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json', ...headers },
			body: typeof body === 'string' ? body : JSON.stringify(body)
		});
	return { base, secrets, receiver, post };
}

const errorOf = async (response: Response): Promise<{ code: string; param: string | null; message: string }> =>
	((await response.json()) as { error: { code: string; param: string | null; message: string } }).error;

describe('the trigger of an incoming call', () => {
	it('sends the event of the service, with its keys in their order, and says what became of it', async () => {
		const { post, receiver } = await start();
		const response = await post({
			...call,
			sip_headers: [
				{ name: 'X-Tenant', value: 'a' },
				{ name: 'X-Tenant', value: 'b' }
			]
		});
		expect(response.status).toBe(200);
		const answer = (await response.json()) as Record<string, unknown>;
		const body = receiver.received[0]?.body ?? '';
		const event = JSON.parse(body) as { data: { sip_headers: { value: string }[] } };
		expect(event).toEqual({
			object: 'event',
			id: expect.stringMatching(/^evt_[0-9a-f]{32}$/) as string,
			type: 'realtime.call.incoming',
			created_at: 1_790_000_000,
			data: {
				call_id: expect.stringMatching(/^rtc_[0-9a-f]{32}$/) as string,
				sip_headers: [
					{ name: 'From', value: 'sip:+14255550100@sip.example.com' },
					{ name: 'To', value: 'sip:+18005550199@sip.example.com' },
					{ name: 'Call-ID', value: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
					{ name: 'X-Tenant', value: 'a' },
					{ name: 'X-Tenant', value: 'b' }
				]
			}
		});
		expect(body).toMatch(/^\{"object":"event","id":"[^"]+","type":"[^"]+","created_at":\d+,"data":\{"call_id"/);
		expect(answer).toEqual({
			call_id: (event.data as unknown as { call_id: string }).call_id,
			webhook_id: receiver.received[0]?.headers['webhook-id'],
			delivered: true,
			status: 200,
			error: null
		});
	});

	it('takes SIP addresses as they are, and tells of the protection of the sound when it is told', async () => {
		const { post, receiver } = await start();
		await post({ from: '"Ann" <sip:ann@a.test>;tag=1', to: 'tel:+18005550199', sip_media_security: 'srtp' });
		expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
			data: {
				sip_headers: [{ value: '"Ann" <sip:ann@a.test>;tag=1' }, { value: 'tel:+18005550199' }, {}],
				sip_media_security: 'srtp'
			}
		});
	});

	it('makes new ids for each call', async () => {
		const { post } = await start();
		const [a, b] = [await (await post(call)).json(), await (await post(call)).json()] as Record<string, string>[];
		expect(a?.['call_id']).not.toBe(b?.['call_id']);
		expect(a?.['webhook_id']).not.toBe(b?.['webhook_id']);
	});

	it('says how it is set up where it is not', async () => {
		const receiver = await startReceiver();
		closers.push(receiver.dispose);
		const { post } = await start({ webhook: undefined as never });
		const response = await post({ ...call, url: receiver.url });
		expect(response.status).toBe(400);
		const { code, message } = await errorOf(response);
		expect(code).toBe('webhook_not_configured');
		expect(message).toContain('EARSHOT_WEBHOOK_URL');
		expect(message).toContain('EARSHOT_WEBHOOK_SECRET');
		expect(receiver.received).toEqual([]);
	});

	it.each([
		[{}, 'from', 'missing_required_parameter'],
		[{ from: '+1' }, 'to', 'missing_required_parameter'],
		[{ ...call, url: 'http://a.test' }, 'url', 'unknown_parameter'],
		[{ ...call, from: 5 }, 'from', 'invalid_type'],
		[{ ...call, from: ' ' }, 'from', 'invalid_value'],
		[{ ...call, to: '+1\r\nX: y' }, 'to', 'invalid_value'],
		[{ ...call, sip_headers: [{ name: 'X' }] }, 'sip_headers[0].value', 'missing_required_parameter'],
		[{ ...call, sip_headers: [{ name: 'X y', value: 'z' }] }, 'sip_headers[0].name', 'invalid_value'],
		[{ ...call, sip_media_security: 'none' }, 'sip_media_security', 'invalid_value'],
		[[], 'body', 'invalid_type']
	])('refuses %j', async (body, param, code) => {
		const { post, receiver } = await start();
		const response = await post(body);
		expect(response.status).toBe(400);
		expect(await errorOf(response)).toMatchObject({ param, code });
		expect(receiver.received).toEqual([]);
	});

	it('refuses what is no JSON, and what a form of another page could send', async () => {
		const { post, receiver } = await start();
		expect((await post('{')).status).toBe(400);
		const form = await post(JSON.stringify(call), { 'Content-Type': 'text/plain' });
		expect(await errorOf(form)).toMatchObject({ code: 'unsupported_content_type' });
		expect(receiver.received).toEqual([]);
	});

	it('wants the required key, and not a client secret', async () => {
		const { post, secrets, receiver } = await start({ requiredKey: 'sk-right' });
		const { value } = secrets.mint({}, 60, NOW_MS);
		for (const [key, status] of [
			[undefined, 401],
			['sk-wrong', 401],
			[value, 403],
			['sk-right', 200]
		] as const) {
			const response = await post(call, key === undefined ? {} : { Authorization: `Bearer ${key}` });
			expect(response.status, key).toBe(status);
			await response.body?.cancel();
		}
		expect(receiver.received).toHaveLength(1);
	});

	it('is posted to, and leaves other addresses alone', async () => {
		const { base } = await start();
		const read = await fetch(`${base}${INCOMING_CALL_PATH}`);
		expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
		expect((await fetch(`${base}/v1/models`)).status).toBe(418);
		const preflight = await fetch(`${base}${INCOMING_CALL_PATH}`, {
			method: 'OPTIONS',
			headers: { Origin: 'http://a.test' }
		});
		expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
	});
});
