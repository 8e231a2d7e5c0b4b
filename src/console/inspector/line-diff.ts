/** A line of two texts: in both, or in one of them. */
export interface DiffLine {
	readonly in: 'both' | 'old' | 'new';
	readonly text: string;
}

/** Texts that differ in more lines than this are shown one after the other. */
const MOST_DIFFERENT = 400;

/**
 * The lines of two texts with the fewest differences. Source: E. W. Myers, An O(ND) difference algorithm and its variations
 * (1986).
 */
export function diffLines(oldText: string, newText: string): DiffLine[] {
	const [a, b] = [oldText.split('\n'), newText.split('\n')];
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	let rest = 0;
	while (rest < a.length - start && rest < b.length - start && a.at(-1 - rest) === b.at(-1 - rest)) rest++;
	const both = (text: string): DiffLine => ({ in: 'both', text });
	return [
		...a.slice(0, start).map(both),
		...diffMiddle(a.slice(start, a.length - rest), b.slice(start, b.length - rest)),
		...a.slice(a.length - rest).map(both)
	];
}

function diffMiddle(a: readonly string[], b: readonly string[]): DiffLine[] {
	const rounds = findPath(a, b);
	if (!rounds) {
		return [...a.map((text): DiffLine => ({ in: 'old', text })), ...b.map((text): DiffLine => ({ in: 'new', text }))];
	}
	const lines: DiffLine[] = [];
	let [x, y] = [a.length, b.length];
	for (let d = rounds.length - 1; d >= 0; d--) {
		const k = x - y;
		const before = rounds[d]!;
		const isDown = k === -d || (k !== d && at(before, k - 1) < at(before, k + 1));
		const fromK = isDown ? k + 1 : k - 1;
		const fromX = d === 0 ? 0 : at(before, fromK);
		const fromY = d === 0 ? 0 : fromX - fromK;
		for (; x > fromX && y > fromY; x--, y--) lines.push({ in: 'both', text: a[x - 1]! });
		if (d > 0) lines.push(isDown ? { in: 'new', text: b[--y]! } : { in: 'old', text: a[--x]! });
	}
	return lines.reverse();
}

/** How far each diagonal was reached before each round; `null` when there are too many differences. */
function findPath(a: readonly string[], b: readonly string[]): Map<number, number>[] | null {
	const reached = new Map([[1, 0]]);
	const rounds: Map<number, number>[] = [];
	for (let d = 0; d <= Math.min(a.length + b.length, MOST_DIFFERENT); d++) {
		rounds.push(new Map(reached));
		for (let k = -d; k <= d; k += 2) {
			let x =
				k === -d || (k !== d && at(reached, k - 1) < at(reached, k + 1)) ? at(reached, k + 1) : at(reached, k - 1) + 1;
			while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
			reached.set(k, x);
			if (x >= a.length && x - k >= b.length) return rounds;
		}
	}
	return null;
}

function at(reached: ReadonlyMap<number, number>, k: number): number {
	return reached.get(k) ?? -1;
}
