import { isObject, numberAt, parseJson, stringAt } from '../base/json.ts';
import { fail, succeed, type Result } from '../base/result.ts';

/** One step of a script. */
export type ScriptStep =
	/** A client event, as JSON on one line; its variables are filled in when it is sent. */
	| { readonly kind: 'send'; readonly type: string; readonly text: string }
	| { readonly kind: 'wait'; readonly ms: number }
	/** Goes on when the server has sent an event of this type, and fails when it does not in time. */
	| { readonly kind: 'await'; readonly type: string; readonly timeoutMs: number };

/** Longer scripts are refused: their progress could not be followed. */
export const MOST_STEPS = 500;
/** The longest wait, ms: a session of the service lasts an hour at most. */
export const LONGEST_WAIT_MS = 3_600_000;
/** How long an event is awaited when the script does not say, ms. */
export const USUAL_TIMEOUT_MS = 10_000;

const WAIT_KEYS: ReadonlySet<string> = new Set(['wait_ms']);
const AWAIT_KEYS: ReadonlySet<string> = new Set(['wait_for', 'timeout_ms']);

/**
 * Reads a script: a JSON array of client events, `{"wait_ms": 500}`, and `{"wait_for": "response.done", "timeout_ms":
 * 10000}`. The error names the step, counted from 1. What is no wait is sent, whatever it is.
 */
export function parseScript(text: string): Result<readonly ScriptStep[]> {
	const list = parseJson(text);
	if (list === undefined) return fail('The script is not JSON. It is an array of events and waits; correct it first.');
	if (!Array.isArray(list)) return fail('A script is a JSON array: put [ and ] around its events.');
	if (list.length === 0) return fail('The script has no steps. Insert an event first.');
	if (list.length > MOST_STEPS) return fail(`The script has ${list.length} steps; ${MOST_STEPS} are the most.`);
	const steps: ScriptStep[] = [];
	for (const [index, value] of (list as unknown[]).entries()) {
		const step = parseStep(value);
		if (!step.ok) return fail(`Step ${index + 1}: ${step.error}`);
		steps.push(step.value);
	}
	return succeed(steps);
}

function parseStep(value: unknown): Result<ScriptStep> {
	if (isObject(value) && Object.hasOwn(value, 'wait_ms')) {
		const ms = numberAt(value, 'wait_ms');
		if (ms === undefined || ms < 0 || ms > LONGEST_WAIT_MS)
			return fail(`wait_ms is a number from 0 to ${LONGEST_WAIT_MS}.`);
		return refuseOthers(value, WAIT_KEYS) ?? succeed({ kind: 'wait', ms });
	}
	if (isObject(value) && Object.hasOwn(value, 'wait_for')) {
		const type = stringAt(value, 'wait_for');
		const timeoutMs = Object.hasOwn(value, 'timeout_ms') ? numberAt(value, 'timeout_ms') : USUAL_TIMEOUT_MS;
		if (!type) return fail('wait_for is the type of a server event, as "response.done".');
		if (timeoutMs === undefined || timeoutMs <= 0 || timeoutMs > LONGEST_WAIT_MS)
			return fail(`timeout_ms is a number above 0 and up to ${LONGEST_WAIT_MS}.`);
		return refuseOthers(value, AWAIT_KEYS) ?? succeed({ kind: 'await', type, timeoutMs });
	}
	return succeed({ kind: 'send', type: stringAt(value, 'type') ?? '(no type)', text: JSON.stringify(value) });
}

/** A wait that is also an event, or misspelt, is not what was meant. */
function refuseOthers(value: object, known: ReadonlySet<string>): Result<never> | undefined {
	const other = Object.keys(value).find((key) => !known.has(key));
	if (other === undefined) return undefined;
	return fail(`${JSON.stringify(other)} does not belong into a wait. Make it a step of its own, or take it out.`);
}
