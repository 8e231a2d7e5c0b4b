// How the benchmarks count and print.

/** The value that `part` (0 to 1) of the values do not exceed. NaN for none. */
export function percentile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Rounds to what can be read in a table: two decimals below ten, one below a hundred, none above. */
export function round(value: number): number {
	return Number(value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0));
}

/** Prints rows under a title; the first column names the row. Columns in the order of the first row. */
export function printTable(title: string, rows: readonly Record<string, string | number>[]): void {
	console.log(`\n${title}`);
	console.table(
		Object.fromEntries(
			rows.map((row) => {
				const [[, name] = ['', ''], ...cells] = Object.entries(row);
				return [
					name,
					Object.fromEntries(cells.map(([key, cell]) => [key, typeof cell === 'number' ? round(cell) : cell]))
				];
			})
		)
	);
}
