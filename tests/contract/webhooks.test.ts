/** The webhook of an incoming call, checked by the `openai` package as a developer's server does it. */
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startReceiver } from '#simulator/webhooks/testing/receiver.ts';
import type { ReceivedWebhook, WebhookReceiver } from '#simulator/webhooks/testing/receiver.ts';
import { startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const LIMIT = { timeout: 30_000 };
const secretOf = (text: string): string => `whsec_${Buffer.from(text).toString('base64')}`;
const SECRET = secretOf('the secret of this test');
const { InvalidWebhookSignatureError } = OpenAI;

let server: ContractServer;
let receiver: WebhookReceiver;
let webhook: ReceivedWebhook;
let answer: Record<string, unknown>;

beforeAll(async () => {
	receiver = await startReceiver();
	server = await startContractServer({ webhook: { url: receiver.url, secret: SECRET } });
});
afterAll(async () => {
	await server.dispose();
	await receiver.dispose();
});
beforeEach(async () => {
	const response = await fetch(`${server.httpUrl}/earshot/incoming_call`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ from: '+14255550100', to: '+18005550199' })
	});
	answer = (await response.json()) as Record<string, unknown>;
	webhook = receiver.received.splice(0)[0] as ReceivedWebhook;
});

afterEach(() => void vi.useRealTimers());

const open = (webhookSecret = SECRET): OpenAI => new OpenAI({ apiKey: 'sk-local', webhookSecret });
const headersOf = ({ headers }: ReceivedWebhook): Headers => new Headers(headers as Record<string, string>);

describe('openai 7, webhooks', LIMIT, () => {
	it('takes the webhook for the service’s, and reads the call from it', async () => {
		const { webhooks } = open();
		await webhooks.verifySignature(webhook.body, headersOf(webhook));
		const event = await webhooks.unwrap(webhook.body, headersOf(webhook));
		if (event.type !== 'realtime.call.incoming') throw new Error(`Not an incoming call: ${event.type}`);
		expect(event.object).toBe('event');
		expect(Math.abs(event.created_at - Date.now() / 1000)).toBeLessThan(60);
		expect(event.data.sip_headers.find(({ name }) => name === 'From')?.value).toContain('+14255550100');
		expect(answer).toEqual({
			call_id: event.data.call_id,
			webhook_id: webhook.headers['webhook-id'],
			delivered: true,
			status: 200,
			error: null
		});
	});

	it('refuses a body that was altered', async () => {
		const altered = webhook.body.replace('+14255550100', '+14255550101');
		expect(altered).not.toBe(webhook.body);
		await expect(open().webhooks.unwrap(altered, headersOf(webhook))).rejects.toThrow(InvalidWebhookSignatureError);
	});

	it.each([
		['webhook-id', (id: string) => `${id.slice(0, -1)}x`],
		['webhook-timestamp', (seconds: string) => String(Number(seconds) + 1)]
	])('refuses a %s that was altered', async (name, alter) => {
		const headers = headersOf(webhook);
		headers.set(name, alter(headers.get(name) ?? ''));
		await expect(open().webhooks.unwrap(webhook.body, headers)).rejects.toThrow(
			'The given webhook signature does not match the expected signature'
		);
	});

	it('takes it for five minutes, and refuses it when it is older', async () => {
		const sentMs = Number(webhook.headers['webhook-timestamp']) * 1000;
		vi.useFakeTimers({ toFake: ['Date'], now: sentMs + 300_000 });
		await open().webhooks.verifySignature(webhook.body, headersOf(webhook));
		vi.setSystemTime(sentMs + 301_000);
		const late = open().webhooks.verifySignature(webhook.body, headersOf(webhook));
		await expect(late).rejects.toThrow('Webhook timestamp is too old');
	});

	it('refuses it with another secret', async () => {
		const { webhooks } = open(secretOf('another secret'));
		await expect(webhooks.unwrap(webhook.body, headersOf(webhook))).rejects.toThrow(InvalidWebhookSignatureError);
	});

	it('cannot accept the call: there is none behind the webhook, and the answer says so as the API does', async () => {
		const openai = new OpenAI({ apiKey: 'sk-local', baseURL: server.httpUrl, maxRetries: 0 });
		const accepted = openai.realtime.calls.accept(String(answer['call_id']), { type: 'realtime' });
		await expect(accepted).rejects.toThrow(OpenAI.NotFoundError);
	});
});
