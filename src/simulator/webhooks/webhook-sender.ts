/** Delivers webhooks to one address: signed, once, with a limit on how long it waits. */
import type { JsonObject } from '#simulator/session/shapes.ts';
import { newHexId } from '#simulator/webhooks/hex-id.ts';
import type { WebhookTarget } from '#simulator/webhooks/webhook-config.ts';
import { parseWebhookSecret, signWebhook } from '#simulator/webhooks/webhook-signature.ts';

/** How long the receiver may take to answer. Ours: no source shows the service's limit. */
const LIMIT_MS = 10_000;

/** What became of a webhook. `status` is the receiver's, or null when it gave none; `error` says what to do. */
export type Delivery = { webhookId: string } & (
	{ delivered: true; status: number; error: null } | { delivered: false; status: number | null; error: string }
);

export interface WebhookSender {
	/** Sends the event once; it is not tried again. A failure is a value. */
	send: (event: JsonObject) => Promise<Delivery>;
	/** Calls off what is still being sent. */
	dispose: () => void;
}

export interface WebhookSenderOptions extends WebhookTarget {
	nowMs: () => number;
	/** Told of each webhook, one line. Neither the secret nor the path of the address is in it. */
	log: (line: string) => void;
	/** Default 10000. */
	limitMs?: number;
}

/**
 * @throws Error when url or secret are not what `readWebhookConfig` lets through
 */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
	const { nowMs, log, limitMs = LIMIT_MS } = options;
	const key = parseWebhookSecret(options.secret);
	if (!key.ok) throw new Error(`The secret of webhooks ${key.error}`);
	const url = new URL(options.url);
	const stopped = new AbortController();

	async function post(body: string, headers: Record<string, string>): Promise<{ status: number } | { error: string }> {
		const signal = AbortSignal.any([AbortSignal.timeout(limitMs), stopped.signal]);
		try {
			// A signed call is for this address alone.
			const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
			await response.body?.cancel();
			return { status: response.status };
		} catch (error) {
			if (stopped.signal.aborted) return { error: 'The simulator is stopping.' };
			return { error: explainFailure(error, url.origin, limitMs) };
		}
	}

	return {
		send: async (event) => {
			const webhookId = newHexId('wh', nowMs());
			const timestampS = Math.floor(nowMs() / 1000);
			const body = JSON.stringify(event);
			// Source of the headers: the example of the service's documentation.
			const outcome = await post(body, {
				'user-agent': 'OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)',
				'content-type': 'application/json',
				'webhook-id': webhookId,
				'webhook-timestamp': String(timestampS),
				'webhook-signature': signWebhook({ id: webhookId, timestampS, body }, key.value)
			});
			const delivery = judgeOutcome(webhookId, outcome, url.origin);
			log(`simulator: webhook ${webhookId} to ${url.origin}: ${delivery.error ?? delivery.status}`);
			return delivery;
		},
		dispose: () => stopped.abort()
	};
}

function judgeOutcome(webhookId: string, outcome: { status: number } | { error: string }, origin: string): Delivery {
	if ('error' in outcome) return { webhookId, delivered: false, status: null, error: outcome.error };
	const { status } = outcome;
	if (status >= 200 && status < 300) return { webhookId, delivered: true, status, error: null };
	const advice =
		status >= 300 && status < 400
			? 'Redirects are not followed: set EARSHOT_WEBHOOK_URL to the address that answers.'
			: 'A webhook is taken with a status of 2xx: look for the reason in the log of that server.';
	return { webhookId, delivered: false, status, error: `${origin} answered with status ${status}. ${advice}` };
}

function explainFailure(error: unknown, origin: string, limitMs: number): string {
	if (error instanceof Error && error.name === 'TimeoutError') {
		return (
			`${origin} did not answer within ${limitMs} ms. ` + 'Answer a webhook first, and do what takes time afterwards.'
		);
	}
	// fetch says "fetch failed"; why is in its cause.
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const { code, message } = cause as { code?: string; message?: string };
	const reason = [code, message].find((text) => text) ?? String(cause);
	return `${origin} could not be reached: ${reason}. Is the server of EARSHOT_WEBHOOK_URL running?`;
}
