/** Plain WebSockets: who may connect when a key is required, and what client secrets open. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { attempt } from './socket-attempt.ts';
import type { Attempt } from './socket-attempt.ts';

const LIMIT = { timeout: 30_000 };
const QUERY = '?model=gpt-realtime';
const log: string[] = [];
let strict: ContractServer;
let open: ContractServer;

beforeAll(async () => {
	strict = await startContractServer({ key: 'sk-right', log: (line) => log.push(line) });
	open = await startContractServer();
});
afterAll(async () => {
	await strict.dispose();
	await open.dispose();
});
afterEach(() => void vi.useRealTimers());

const ways = ['header', 'subprotocol'] as const;

/** Connects with a key in the header of servers or in the subprotocol of browsers. */
function connect(to: ContractServer, way: (typeof ways)[number], key: string | undefined, query = QUERY): Attempt {
	if (key === undefined) return attempt(`${to.wsUrl}${query}`);
	return way === 'header'
		? attempt(`${to.wsUrl}${query}`, [], { headers: { Authorization: `Bearer ${key}` } })
		: attempt(`${to.wsUrl}${query}`, ['realtime', `openai-insecure-api-key.${key}`]);
}

async function opens(one: Attempt): Promise<Record<string, unknown>> {
	const { session } = await one.first('session.created');
	one.socket.close();
	return session as Record<string, unknown>;
}

interface Secret {
	value: string;
	expires_at: number;
}

async function mint(to: ContractServer, session: object, seconds = 60): Promise<Secret> {
	const response = await fetch(`${to.httpUrl}/realtime/client_secrets`, {
		method: 'POST',
		headers: { Authorization: 'Bearer sk-right', 'Content-Type': 'application/json' },
		body: JSON.stringify({ expires_after: { anchor: 'created_at', seconds }, session })
	});
	expect(response.status).toBe(200);
	return (await response.json()) as Secret;
}

describe('a required key', LIMIT, () => {
	it.each(ways)('opens in the %s', async (way) => {
		expect(await opens(connect(strict, way, 'sk-right'))).toMatchObject({ type: 'realtime' });
	});

	it('counts in the header when both are sent', async () => {
		const headers = { Authorization: 'Bearer sk-right' };
		await opens(attempt(`${strict.wsUrl}${QUERY}`, ['realtime', 'openai-insecure-api-key.sk-wrong'], { headers }));
	});

	it('that is missing is told after the 101, with 3000', async () => {
		const { events, closed } = connect(strict, 'header', undefined);
		expect(await closed).toEqual({ code: 3000, reason: 'invalid_request_error' });
		expect(events.all).toMatchObject([
			{
				type: 'error',
				error: { code: null, message: 'Missing bearer or basic authentication in header', event_id: null }
			}
		]);
	});

	it.each(ways)('that is wrong in the %s is told after the 101, with 3000, and shown to nobody', async (way) => {
		const wrong = 'sk-proj-wrong0123456789wrongBBBB';
		const { events, closed, socket } = connect(strict, way, wrong);
		expect(await closed).toEqual({ code: 3000, reason: 'invalid_request_error.invalid_api_key' });
		expect(socket.protocol).toBe(way === 'header' ? '' : 'realtime');
		expect(events.all).toMatchObject([{ type: 'error', error: { code: 'invalid_api_key', param: null } }]);
		expect(events.all[0]?.error?.message).toBe(
			'Incorrect API key provided: sk-proj-********************BBBB. ' +
				'You can find your API key at https://platform.openai.com/account/api-keys.'
		);
		expect(log.join('\n')).toContain('invalid_api_key');
		expect(log.join('\n')).not.toContain('wrong0123456789wrong');
	});

	it('is asked for before the model is looked at', async () => {
		const { closed } = connect(strict, 'header', undefined, '?model=gpt-nope');
		expect(await closed).toMatchObject({ code: 3000 });
	});
});

describe('a client secret', LIMIT, () => {
	const session = { type: 'realtime', instructions: 'Whisper.', audio: { output: { voice: 'sage' } } };

	it.each(ways)('opens in the %s the session that it was made for, more than once and without a model', async (way) => {
		const { value } = await mint(strict, session);
		for (const query of ['', QUERY]) expect(await opens(connect(strict, way, value, query))).toMatchObject(session);
	});

	it('opens the kind of session that it was made for, at its own address only', async () => {
		const { value } = await mint(strict, { type: 'transcription' });
		expect(await opens(connect(strict, 'subprotocol', value, ''))).toMatchObject({ type: 'transcription' });
		const { closed } = connect(strict, 'subprotocol', value, '/translations?model=gpt-realtime-translate');
		expect(await closed).toMatchObject({ code: 4000 });
	});

	it('does not change with the sessions that it opened', async () => {
		const { value } = await mint(strict, session);
		const one = connect(strict, 'header', value);
		await one.first('session.created');
		one.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Shout.' } });
		await one.first('session.updated');
		one.socket.close();
		expect(await opens(connect(strict, 'header', value))).toMatchObject(session);
	});

	it('that is unknown is refused, also where no key is required', async () => {
		const foreign = (await mint(open, session)).value;
		for (const [to, value] of [
			[strict, foreign],
			[open, `ek_${'0'.repeat(32)}`]
		] as const) {
			const { events, closed } = connect(to, 'subprotocol', value);
			expect(await closed).toEqual({ code: 3000, reason: 'invalid_request_error.invalid_api_key' });
			expect(JSON.stringify(events.all)).not.toContain(value);
		}
	});

	it('opens to its last second, is refused after it, and what it opened goes on', async () => {
		const { value, expires_at } = await mint(strict, session, 10);
		// Of the clock only the date moves: sockets and timers run as always.
		vi.useFakeTimers({ toFake: ['Date'], now: expires_at * 1000 - 1 });
		const inTime = connect(strict, 'subprotocol', value);
		await inTime.first('session.created');
		vi.setSystemTime(expires_at * 1000);
		const { events, closed } = connect(strict, 'subprotocol', value);
		expect(await closed).toEqual({ code: 3000, reason: 'invalid_request_error.client_secret_expired' });
		const when = new Date(expires_at * 1000).toISOString().replace('.000Z', 'Z');
		expect(events.all[0]?.error?.message).toContain(`The client secret expired at ${when}.`);
		inTime.send({ type: 'session.update', session: { type: 'realtime' } });
		await inTime.first('session.updated');
		inTime.socket.close();
	});
});
