/** Plain WebSockets: what one connection can ask for itself, its scenario, seed, latency and faults. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { attempt, randomPart, settle } from './socket-attempt.ts';
import type { Attempt } from './socket-attempt.ts';

const LIMIT = { timeout: 30_000 };
let server: ContractServer;
const log: string[] = [];

beforeAll(async () => {
	server = await startContractServer({ log: (line) => log.push(line) });
});
afterAll(() => server.dispose());

const ways = ['query', 'header'] as const;

/** Connects with settings, each under the name that it has after `earshot-`. */
function connect(settings: Record<string, string>, way: (typeof ways)[number] = 'query'): Attempt {
	const url = new URL(server.wsUrl);
	url.searchParams.set('model', 'gpt-realtime');
	if (way === 'query') {
		for (const [name, value] of Object.entries(settings)) url.searchParams.set(`earshot-${name}`, value);
	}
	const named = Object.entries(settings).map(([name, value]): [string, string] => [`x-earshot-${name}`, value]);
	return attempt(String(url), [], { headers: way === 'header' ? Object.fromEntries(named) : {} });
}

/** What the model says to a typed text. */
async function ask(one: Attempt, text: string): Promise<string> {
	await one.first('session.created');
	one.send({
		type: 'conversation.item.create',
		item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }
	});
	one.send({ type: 'response.create', response: { output_modalities: ['text'] } });
	const done = await one.first('response.output_text.done');
	await one.first('rate_limits.updated');
	return String(done['text']);
}

describe.each(ways)('a connection of its own, by %s', LIMIT, (way) => {
	it('has the scenario that it names', async () => {
		const [interpreter, usual] = [connect({ scenario: 'interpreter' }, way), connect({}, way)];
		expect(await ask(interpreter, 'Tengo una reserva.')).toBe('I have a reservation.');
		expect(await ask(usual, 'Tengo una reserva.')).not.toBe('I have a reservation.');
		for (const { socket } of [interpreter, usual]) socket.close();
	});

	it('has the ids of its seed', async () => {
		const idsOf = async (seed: string): Promise<string[]> => {
			const one = connect({ seed }, way);
			await one.first('session.created');
			await settle(one);
			one.socket.close();
			return one.events.all.map((event) => randomPart(event['event_id']));
		};
		const [first, second, other] = [await idsOf('mine'), await idsOf('mine'), await idsOf('yours')];
		expect(first).toHaveLength(2);
		expect(second).toEqual(first);
		expect(other).not.toEqual(first);
	});

	it('has its latency: who asked for a minute waits while another is answered', async () => {
		const slow = connect({ 'latency-ms': '60000' }, way);
		const quick = connect({ 'latency-ms': '0' }, way);
		await Promise.all([slow.first('session.created'), quick.first('session.created')]);
		slow.send({ type: 'session.update', session: { type: 'realtime' } });
		const pong = once(slow.socket, 'pong');
		slow.socket.ping();
		await pong;
		for (let count = 0; count < 20; count++) await settle(quick);
		expect(slow.events.all).toHaveLength(1);
		for (const { socket } of [slow, quick]) socket.close();
	});

	it('has its faults: a torn connection', async () => {
		const one = connect({ faults: 'drop@response.created' }, way);
		await one.first('session.created');
		one.send({ type: 'response.create' });
		expect(await one.closed).toEqual({ code: 1006, reason: '' });
		expect(log.join('\n')).toContain('fault: drop:1006@response.created/1');
	});
});

describe('faults of one connection', LIMIT, () => {
	it('an internal error closes with 1011, after what was sent', async () => {
		const one = connect({ faults: 'drop:1011@response.created' });
		await one.first('session.created');
		one.send({ type: 'session.update', session: { type: 'realtime' } });
		one.send({ type: 'response.create' });
		expect(await one.closed).toEqual({ code: 1011, reason: 'Internal server error' });
		expect(one.events.all.map(({ type }) => type)).toEqual(['session.created', 'session.updated']);
	});

	it('a malformed event is no JSON, and what follows is whole', async () => {
		const one = connect({ faults: 'malformed@session.updated/1,malformed:html@session.updated/2' });
		await one.first('session.created');
		for (let count = 0; count < 2; count++) one.send({ type: 'session.update', session: { type: 'realtime' } });
		await settle(one);
		expect(one.malformed).toHaveLength(2);
		expect(one.malformed[0]).toMatch(/^\{"type":"session\.updated"/);
		expect(one.malformed[1]).toMatch(/^<html>/);
		expect(one.events.all.map(({ type }) => type)).toEqual(['session.created', 'session.updated']);
		one.socket.close();
	});

	it('a rate limit fails a response and a server error comes before another, and the session goes on', async () => {
		const faults = [
			{ fault: 'rate_limit', when: { response: 1 } },
			{ fault: 'server_error', as: 'event', when: { event: 'response.created', nth: 2 } }
		];
		const one = connect({ faults: JSON.stringify(faults) });
		await one.first('session.created');
		for (let count = 0; count < 2; count++) {
			const finished = one.events.next(({ type }) => type === 'rate_limits.updated');
			one.send({ type: 'response.create', response: { output_modalities: ['text'] } });
			await finished;
		}
		const told = one.events.all.flatMap(({ type, error, response }) => {
			const { status, status_details: details } = (response ?? {}) as {
				status?: string;
				status_details?: { error?: { code: string } } | null;
			};
			if (type === 'error') return [[type, error?.message.slice(0, 23)]];
			return type === 'response.done' ? [[status, details?.error?.code]] : [];
		});
		expect(told).toEqual([
			['failed', 'rate_limit_exceeded'],
			['error', 'The server had an error'],
			['completed', undefined]
		]);
		one.socket.close();
	});

	it('are this connection’s alone', async () => {
		const [torn, whole] = [connect({ faults: 'drop@session.updated' }), connect({})];
		await Promise.all([torn.first('session.created'), whole.first('session.created')]);
		torn.send({ type: 'session.update', session: { type: 'realtime' } });
		await torn.closed;
		await settle(whole);
		whole.socket.close();
	});
});

describe('settings that are wrong', LIMIT, () => {
	it.each([
		['fault', 'drop', 'earshot-fault', "There is no setting 'earshot-fault'."],
		['scenario', 'nope', 'earshot-scenario', "There is no scenario 'nope'. There are: default, interpreter"],
		['latency-ms', 'fast', 'earshot-latency-ms', "'earshot-latency-ms' must be a number of milliseconds up to 60000."],
		['latency-ms', '60001', 'earshot-latency-ms', 'up to 60000'],
		['faults', 'drop@nowhere', 'earshot-faults', 'nowhere'],
		['faults', 'earthquake', 'earshot-faults', 'earthquake'],
		['faults', '[{"fault":"drop"', 'earshot-faults', 'neither JSON']
	])('%s=%s is explained', async (name, value, param, words) => {
		for (const way of ways) {
			const { events, closed } = connect({ [name]: value }, way);
			expect(await closed).toEqual({ code: 4000, reason: 'invalid_request_error.invalid_value' });
			expect(events.all).toMatchObject([{ type: 'error', error: { param } }]);
			expect(events.all[0]?.error?.message).toContain(words);
		}
	});
});
