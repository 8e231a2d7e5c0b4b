import { describe, expect, it } from 'vitest';
import { runExchange } from '#simulator/cascade/exchange.ts';
import { configFrom } from '#simulator/cascade/testing/listeners.ts';

const endpoint = configFrom({ EARSHOT_LLM_URL: 'http://127.0.0.1:1' }).llm;

/** Long enough for everything that is due. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an exchange', () => {
	it('tells nothing inside the call that starts it', async () => {
		const told: string[] = [];
		runExchange(
			endpoint,
			async (exchange) => {
				exchange.tell(() => told.push('word'));
				exchange.end(() => told.push('end'));
			},
			() => told.push('failure')
		);
		expect(told).toEqual([]);
		await settle();
		expect(told).toEqual(['word', 'end']);
	});

	it('does not begin when it is called off at once', async () => {
		let hasBegun = false;
		runExchange(
			endpoint,
			async () => {
				hasBegun = true;
			},
			() => undefined
		).cancel();
		await settle();
		expect(hasBegun).toBe(false);
	});

	it('ends once, and tells nothing after the end', async () => {
		const told: string[] = [];
		runExchange(
			endpoint,
			async (exchange) => {
				exchange.end(() => told.push('end'));
				exchange.end(() => told.push('again'));
				exchange.tell(() => told.push('word'));
			},
			() => told.push('failure')
		);
		await settle();
		expect(told).toEqual(['end']);
	});

	it('leaves a step that comes true in the moment of the cancel', async () => {
		const step = Promise.withResolvers<string>();
		const begun = Promise.withResolvers<void>();
		const told: string[] = [];
		const running = runExchange(
			endpoint,
			async (exchange) => {
				begun.resolve();
				told.push(await exchange.receive(() => step.promise));
			},
			() => told.push('failure')
		);
		await begun.promise;
		step.resolve('too late');
		running.cancel();
		await settle();
		expect(told).toEqual([]);
	});

	it('aborts its signal at the end, so that nothing stays open', async () => {
		let signal: AbortSignal | undefined;
		runExchange(
			endpoint,
			async (exchange) => {
				signal = exchange.signal;
			},
			() => undefined
		);
		await settle();
		expect(signal?.aborted).toBe(true);
	});

	it('fails with the reason of a step that throws at once', async () => {
		const failures: string[] = [];
		runExchange(
			endpoint,
			async (exchange) => {
				await exchange.receive(() => {
					throw new Error('no memory');
				});
			},
			({ message }) => failures.push(message)
		);
		await settle();
		expect(failures).toEqual([
			'The language model (EARSHOT_LLM_URL, http://127.0.0.1:1) broke its answer off: no memory.'
		]);
	});
});
