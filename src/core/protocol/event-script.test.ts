import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_STEPS, parseScript } from './event-script.ts';

function errorOf(script: unknown): string {
	const parsed = parseScript(typeof script === 'string' ? script : JSON.stringify(script));
	return parsed.ok ? 'it was read' : parsed.error;
}

describe('a script', () => {
	it('is events and waits, in their order', () => {
		const script = [
			{ type: 'response.create' },
			{ wait_for: 'response.done' },
			{ wait_for: 'error', timeout_ms: 50 },
			{ wait_ms: 0 },
			'no event'
		];
		expect(parseScript(JSON.stringify(script, null, '\t'))).toEqual({
			ok: true,
			value: [
				{ kind: 'send', type: 'response.create', text: '{"type":"response.create"}' },
				{ kind: 'await', type: 'response.done', timeoutMs: 10_000 },
				{ kind: 'await', type: 'error', timeoutMs: 50 },
				{ kind: 'wait', ms: 0 },
				{ kind: 'send', type: '(no type)', text: '"no event"' }
			]
		});
	});

	it.each([
		['', 'not JSON'],
		['{"type":"response.create"}', 'put [ and ] around'],
		['[]', 'no steps'],
		[[{ wait_ms: 1 }, { wait_ms: -1 }], 'Step 2: wait_ms is a number'],
		[[{ wait_ms: '5' }], 'Step 1: wait_ms'],
		[[{ wait_ms: 1e9 }], 'Step 1: wait_ms'],
		[[{ wait_for: 7 }], 'Step 1: wait_for is the type'],
		[[{ wait_for: 'error', timeout_ms: null }], 'Step 1: timeout_ms'],
		[[{ wait_for: 'error', timeout: 5 }], 'Step 1: "timeout" does not belong'],
		[[{ type: 'response.create', wait_ms: 5 }], 'Step 1: "type" does not belong'],
		[Array.from({ length: MOST_STEPS + 1 }, () => ({})), 'are the most']
	])('that is wrong says where and why: %j', (script, words) => {
		expect(errorOf(script)).toContain(words);
	});

	it('of any JSON is read or refused, and a read one has a step for each element', () => {
		fc.assert(
			fc.property(fc.array(fc.jsonValue()), (list) => {
				const parsed = parseScript(JSON.stringify(list));
				if (parsed.ok) expect(parsed.value.length).toBe(list.length);
				else expect(parsed.error).not.toBe('');
			})
		);
	});
});
