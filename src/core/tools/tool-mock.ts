/** What answers a function's calls instead of the function: data, kept with the draft. */
import { isObject, numberAt, stringAt } from '../base/json.ts';

/** `none` answers nothing, `fixed` a text, `script` what JavaScript returns, `hand` what a person writes then. */
export type MockKind = 'none' | 'fixed' | 'script' | 'hand';

export const MOCK_KINDS: readonly MockKind[] = ['none', 'fixed', 'script', 'hand'];

export interface ToolMock {
	readonly kind: MockKind;
	/** Of `fixed`: JSON or any text, sent as it is. */
	readonly result: string;
	/** Of `script`: the body of an async function of `args` and `count`. */
	readonly code: string;
	/** Of `script`: it is stopped after that, ms. */
	readonly limitMs: number;
	/** The answer waits so long, ms. */
	readonly delayMs: number;
	/** Which calls fail: none, or every n-th (1 is all). */
	readonly failEvery: number | null;
	/** What a failed call is answered with. */
	readonly errorText: string;
}

export const NO_MOCK: ToolMock = {
	kind: 'none',
	result: '{"status": "ok"}',
	code: 'return { ok: true, args };\n',
	limitMs: 2000,
	delayMs: 0,
	failEvery: null,
	errorText: 'The service is not available.'
};

/** Bounds of the numbers of a mock, both included. */
export const MOCK_BOUNDS = { limitMs: [10, 60_000], delayMs: [0, 600_000], failEvery: [1, 1000] } as const;

/** A mock that was stored or came in a file. What is missing or wrong in it is as in `NO_MOCK`. */
export function readToolMock(value: unknown): ToolMock {
	const number = (key: keyof typeof MOCK_BOUNDS, otherwise: number) => {
		const [least, most] = MOCK_BOUNDS[key];
		return Math.round(Math.min(most, Math.max(least, numberAt(value, key) ?? otherwise)));
	};
	return {
		kind: MOCK_KINDS.find((kind) => kind === stringAt(value, 'kind')) ?? NO_MOCK.kind,
		result: stringAt(value, 'result') ?? NO_MOCK.result,
		code: stringAt(value, 'code') ?? NO_MOCK.code,
		limitMs: number('limitMs', NO_MOCK.limitMs),
		delayMs: number('delayMs', NO_MOCK.delayMs),
		failEvery: isObject(value) && typeof value['failEvery'] === 'number' ? number('failEvery', 1) : null,
		errorText: stringAt(value, 'errorText') ?? NO_MOCK.errorText
	};
}

/** Whether the mock lets its `count`-th call fail, from 1. */
export function failsCall({ failEvery }: ToolMock, count: number): boolean {
	return failEvery !== null && count % failEvery === 0;
}

/** The output of a call that failed. The protocol has no field for it, so that it failed is told to the model in words. */
export function errorOutput(text: string): string {
	return JSON.stringify({ error: text });
}

/** A fixed result that looks like JSON and is none: the parser's words. `null` for JSON, and for plain text. */
export function findJsonProblem(text: string): string | null {
	if (!/^\s*[[{]/.test(text)) return null;
	try {
		JSON.parse(text);
		return null;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
