/** What a sender makes of servers that do not do what they should, over real connections. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerResponse } from 'node:http';
import { startReceiver } from './testing/receiver.ts';
import type { WebhookReceiver } from './testing/receiver.ts';
import { createWebhookSender } from './webhook-sender.ts';
import type { WebhookSender } from './webhook-sender.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NOW_MS = 1_790_000_000_400;
const event = { type: 'realtime.call.incoming' };
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0)) await close();
});

async function start(answer?: (response: ServerResponse) => void): Promise<WebhookReceiver> {
	const receiver = await startReceiver(answer);
	closers.push(receiver.dispose);
	return receiver;
}

function open(url: string, limitMs?: number): WebhookSender & { log: string[] } {
	const log: string[] = [];
	const sender = createWebhookSender({
		url,
		secret: SECRET,
		nowMs: () => NOW_MS,
		log: (line) => log.push(line),
		...(limitMs === undefined ? {} : { limitMs })
	});
	return { ...sender, log };
}

const originOf = ({ url }: WebhookReceiver): string => new URL(url).origin;

describe('a webhook', () => {
	it.each([200, 204])('is delivered when its receiver says %i, and says whose it is', async (status) => {
		const receiver = await start((response) => void response.writeHead(status).end());
		const { send, log } = open(`${receiver.url}?token=hidden`);
		const delivery = await send(event);
		expect(delivery).toEqual({
			webhookId: expect.stringMatching(/^wh_6ab13b80[0-9a-f]{24}$/) as string,
			delivered: true,
			status,
			error: null
		});
		const [webhook] = receiver.received;
		expect(webhook).toMatchObject({ method: 'POST', path: '/hook?token=hidden', body: JSON.stringify(event) });
		expect(webhook?.headers).toMatchObject({
			'content-type': 'application/json',
			'user-agent': 'OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)',
			'webhook-id': delivery.webhookId,
			'webhook-timestamp': '1790000000'
		});
		expect(log).toEqual([`simulator: webhook ${delivery.webhookId} to ${originOf(receiver)}: ${status}`]);
	});

	it('is not when it says 500, and is not sent again', async () => {
		const receiver = await start((response) => void response.writeHead(500).end('oh'));
		const { send, log } = open(receiver.url);
		const delivery = await send(event);
		expect(delivery).toMatchObject({ delivered: false, status: 500 });
		expect(delivery.error).toContain(`${originOf(receiver)} answered with status 500.`);
		expect(receiver.received).toHaveLength(1);
		expect(log.join()).not.toMatch(/whsec|MfKQ9r8/);
	});

	it('does not go where a redirect points', async () => {
		const elsewhere = await start();
		const receiver = await start((response) => void response.writeHead(307, { Location: elsewhere.url }).end());
		const delivery = await open(receiver.url).send(event);
		expect(delivery).toMatchObject({ delivered: false, status: 307 });
		expect(delivery.error).toContain('Redirects are not followed: set EARSHOT_WEBHOOK_URL');
		expect(elsewhere.received).toEqual([]);
	});

	it('is not when nobody listens', async () => {
		const gone = await startReceiver();
		await gone.dispose();
		const delivery = await open(gone.url).send(event);
		expect(delivery).toMatchObject({ delivered: false, status: null });
		expect(delivery.error).toMatch(
			/could not be reached: ECONNREFUSED\. Is the server of EARSHOT_WEBHOOK_URL running\?$/
		);
	});

	it('is not when the answer does not come in time', async () => {
		const receiver = await start(() => {});
		const delivery = await open(receiver.url, 100).send(event);
		expect(delivery).toMatchObject({ delivered: false, status: null });
		expect(delivery.error).toContain(`${originOf(receiver)} did not answer within 100 ms.`);
	});

	it('is called off when the simulator stops', async () => {
		const sender = { current: undefined as WebhookSender | undefined };
		const receiver = await start(() => sender.current?.dispose());
		sender.current = open(receiver.url);
		expect(await sender.current.send(event)).toMatchObject({
			delivered: false,
			status: null,
			error: 'The simulator is stopping.'
		});
	});
});
