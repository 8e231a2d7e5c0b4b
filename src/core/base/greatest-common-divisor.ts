/** The greatest whole number that divides both; `a` when `b` is 0. */
export function greatestCommonDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
