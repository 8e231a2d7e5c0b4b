import { expect, test } from 'vitest';
import { CallLedger } from './call-ledger.ts';

test('one request after all calls of a response, and after the response itself', () => {
	const ledger = new CallLedger();
	expect([ledger.add('r', 'a', 'x'), ledger.add('r', 'b', 'x'), ledger.add('r', 'b', 'x')]).toEqual([1, 2, null]);
	expect(ledger.settle('r', 'a', true)).toBe(false);
	expect(ledger.endResponse('r')).toBe(false);
	expect(ledger.settle('r', 'a', true)).toBe(false);
	expect(ledger.settle('r', 'b', false)).toBe(true);
	expect(ledger.settle('r', 'b', true)).toBe(false);
});

test('responses do not wait for each other', () => {
	const ledger = new CallLedger();
	ledger.add('r', 'a', 'x');
	ledger.add('s', 'b', 'x');
	expect(ledger.endResponse('r')).toBe(false);
	expect(ledger.settle('s', 'b', true)).toBe(false);
	expect(ledger.endResponse('s')).toBe(true);
	expect(ledger.settle('r', 'a', true)).toBe(true);
});

test('none when nothing was answered by us', () => {
	const ledger = new CallLedger();
	ledger.add('r', 'a', 'x');
	expect(ledger.endResponse('r')).toBe(false);
	expect(ledger.settle('r', 'a', false)).toBe(false);
	expect(ledger.endResponse('unknown')).toBe(false);
});

test('finds the call of an output again', () => {
	const ledger = new CallLedger();
	const [first, second] = [ledger.nameOutput('a'), ledger.nameOutput('b')];
	expect([ledger.callOf(first), ledger.callOf(second), ledger.callOf('mine')]).toEqual(['a', 'b', undefined]);
});
