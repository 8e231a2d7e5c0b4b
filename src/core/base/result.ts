/** What a step that may fail returns: expected failures are values, our own mistakes throw. */
export type Result<T, E = string> =
	{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function succeed<T>(value: T): { readonly ok: true; readonly value: T } {
	return { ok: true, value };
}

export function fail<E>(error: E): { readonly ok: false; readonly error: E } {
	return { ok: false, error };
}
