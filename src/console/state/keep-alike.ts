/**
 * A list that was derived anew, with the elements of the earlier one in all places where they say the same; and the earlier
 * list itself when all do. Panes draw again only what is another object.
 */
export function keepAlike<T>(before: readonly T[], after: readonly T[]): readonly T[] {
	let isSame = before.length === after.length;
	const kept = after.map((element, index) => {
		const known = before[index];
		if (known !== undefined && isAlike(known, element)) return known;
		isSame = false;
		return element;
	});
	return isSame ? before : kept;
}

/** Derived things are plain, and not deep. */
function isAlike(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
	const keys = Object.keys(a);
	if (keys.length !== Object.keys(b).length) return false;
	return keys.every((key) => isAlike(a[key as never], b[key as never]));
}
