/**
 * The number of elements for which `isBefore` holds, in a list where all such elements come first; so it is also the
 * index of the first element for which it does not hold.
 */
export function countBefore(length: number, isBefore: (index: number) => boolean): number {
	let low = 0;
	let high = length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (isBefore(middle)) low = middle + 1;
		else high = middle;
	}
	return low;
}
