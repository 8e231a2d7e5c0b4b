import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeMeaning } from './close-meaning.ts';
import { fitReason, type ConnectionCallbacks } from './connection.ts';
import { openScriptedConnection } from './testing/scripted-connection.ts';

function recordCalls(log: string[], onmessage: (text: string) => void = () => undefined): ConnectionCallbacks {
	return {
		onopen: () => log.push('open'),
		onmessage: (text) => {
			log.push(`message ${text}`);
			onmessage(text);
		},
		onbinary: (bytes) => log.push(`binary ${bytes.join()}`),
		onclose: ({ code, reason, wasClean }) => log.push(`close ${code} ${reason} ${wasClean}`),
		onproblem: ({ kind }) => log.push(`problem ${kind}`)
	};
}

/** Lets what was put off to a microtask happen. */
const settle = () => Promise.resolve();

describe('closeMeaning', () => {
	it.each([
		[1000, 'normally'],
		[1001, 'longest duration'],
		[1005, 'without saying why'],
		[1006, 'lost'],
		[1008, 'refused'],
		[1009, 'larger'],
		[1011, 'failed'],
		[3000, 'API key'],
		[4000, 'reason of its own']
	])('has words for %i', (code, words) => {
		expect(closeMeaning(code, '')).toContain(words);
	});

	it('quotes what the other side said', () => {
		const reason = 'Your session hit the maximum duration of 60 minutes.';
		expect(closeMeaning(1001, reason)).toContain(`“${reason}”`);
	});

	it('has words for every code that can be sent', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 65_535 }), fc.string(), (code, reason) => {
				expect(closeMeaning(code, reason)).toMatch(/\.( It said: “[^]*”)?$/);
			})
		);
		expect(closeMeaning(4429, '')).toContain('4429');
	});
});

describe('fitReason', () => {
	it('gives what a close frame has room for, at whole characters', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (reason) => {
				const fitting = fitReason(reason);
				expect(new TextEncoder().encode(fitting).length).toBeLessThanOrEqual(123);
				expect(reason.startsWith(fitting)).toBe(true);
			}),
			{ numRuns: 20 }
		);
		expect(fitReason('ä'.repeat(100))).toBe('ä'.repeat(61));
	});
});

describe('openScriptedConnection', () => {
	it('plays its script after it was opened, in order', async () => {
		const calls: string[] = [];
		const connection = openScriptedConnection(recordCalls(calls), [
			{ do: 'open' },
			{ do: 'message', text: 'a' },
			{ do: 'binary', bytes: new Uint8Array([1, 2]) },
			{ do: 'close', close: { code: 1011, reason: 'oops', wasClean: true } },
			{ do: 'message', text: 'never' }
		]);
		expect(calls).toEqual([]);
		expect(connection.send('too early')).toBe(false);
		await settle();
		expect(calls).toEqual(['open', 'message a', 'binary 1,2', 'close 1011 oops true']);
		expect(connection.send('too late')).toBe(false);
		expect(connection.sent).toEqual([]);
	});

	it('waits for what the client sends, each text counted once', async () => {
		const calls: string[] = [];
		const connection = openScriptedConnection(recordCalls(calls), [
			{ do: 'open' },
			{ do: 'expect', passes: (sent) => sent === 'ping' },
			{ do: 'message', text: 'first' },
			{ do: 'expect', passes: (sent) => sent === 'ping' },
			{ do: 'message', text: 'second' }
		]);
		await settle();
		connection.send('other');
		expect(calls).toEqual(['open']);
		connection.send('ping');
		expect(calls).toEqual(['open', 'message first']);
		expect(connection.waitingSteps).toBe(2);
		connection.send('ping');
		expect(calls).toEqual(['open', 'message first', 'message second']);
	});

	it('keeps the order when a callback answers at once', async () => {
		const calls: string[] = [];
		const connection = openScriptedConnection(
			recordCalls(calls, (text) => connection.send(`re ${text}`)),
			[
				{ do: 'open' },
				{ do: 'message', text: 'a' },
				{ do: 'expect', passes: (sent) => sent === 're a' },
				{ do: 'message', text: 'b' }
			]
		);
		await settle();
		expect(calls).toEqual(['open', 'message a', 'message b']);
		expect(connection.sent).toEqual(['re a', 're b']);
	});

	it('closes once, also when it never opened', async () => {
		const calls: string[] = [];
		const opened = openScriptedConnection(recordCalls(calls), [{ do: 'open' }]);
		await settle();
		opened.close(4000, 'bye');
		opened.close(1000);
		opened.play({ do: 'close', close: { code: 1006, reason: '', wasClean: false } });
		await settle();
		expect(calls).toEqual(['open', 'close 1006  false']);
		expect(opened.closedWith).toEqual({ code: 4000, reason: 'bye' });
		const never: string[] = [];
		openScriptedConnection(recordCalls(never)).close();
		await settle();
		expect(never).toEqual(['close 1000  true']);
		expect(() => opened.close(1006)).toThrow();
	});

	it('is silent after it was disposed of', async () => {
		const calls: string[] = [];
		const connection = openScriptedConnection(
			recordCalls(calls, () => connection.dispose()),
			[
				{ do: 'open' },
				{ do: 'message', text: 'last' },
				{ do: 'message', text: 'never' },
				{ do: 'close', close: { code: 1000, reason: '', wasClean: true } }
			]
		);
		await settle();
		connection.play({ do: 'message', text: 'never' });
		connection.close();
		await settle();
		expect(calls).toEqual(['open', 'message last']);
		expect(connection.send('x')).toBe(false);
		expect(connection.isDisposed).toBe(true);
	});
});
