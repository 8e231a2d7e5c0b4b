/** Throws when a condition that our own code guarantees does not hold. Never for input from outside. */
export function assert(condition: unknown, message: string): asserts condition {
	if (!condition) throw new Error(`Earshot made a mistake: ${message}`);
}

/** Returns `value`, which our own code guarantees to be there. Throws with `what` when it is not. */
export function assertPresent<T>(value: T | null | undefined, what: string): T {
	assert(value !== null && value !== undefined, `${what} is missing`);
	return value;
}
