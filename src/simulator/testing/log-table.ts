/** For tests: what the comparison of recorded sessions with the simulator found, as tables in Markdown. */
import { fieldsOf } from '#simulator/testing/log-comparison.ts';
import type { Difference, WireEvent } from '#simulator/testing/log-comparison.ts';

export interface KnownDifference {
	/** The logs that have it. */
	logs: RegExp;
	/** As the comparison names it. */
	event: string;
	/** What the comparison says begins with this. */
	what: string;
	explanation: string;
}

export interface ComparedLog {
	name: string;
	recorded: readonly WireEvent[];
	simulated: readonly WireEvent[];
	differences: (Difference & { explanation: string | undefined })[];
}

/** A log's result, its differences with their explanations; undefined where the list has none. */
export function explainLog(
	log: Omit<ComparedLog, 'differences'>,
	differences: readonly Difference[],
	known: readonly KnownDifference[]
): ComparedLog {
	return {
		...log,
		differences: differences.map((difference) => ({
			...difference,
			explanation: known.find((entry) => isKnown(entry, log.name, difference))?.explanation
		}))
	};
}

/** Whether an entry of the list is about a difference. */
export function isKnown({ logs, event, what }: KnownDifference, log: string, difference: Difference): boolean {
	return logs.test(log) && event === difference.event && difference.what.startsWith(what);
}

/** Three tables: the logs, the event types with their fields, the differences. */
export function formatTables(logs: readonly ComparedLog[]): string {
	return [formatLogs(logs), formatTypes(logs), formatDifferences(logs)].join('\n\n');
}

function formatLogs(logs: readonly ComparedLog[]): string {
	return formatTable(
		['log', 'events recorded', 'events simulated', 'differences', 'of these unexplained'],
		logs.map(({ name, recorded, simulated, differences }) => [
			name,
			recorded.length,
			simulated.length,
			differences.length,
			differences.filter(({ explanation }) => explanation === undefined).length
		])
	);
}

function formatTypes(logs: readonly ComparedLog[]): string {
	const all = logs.flatMap(({ recorded, simulated }) => [...recorded, ...simulated]);
	const types = [...new Set(all.map(({ type }) => type))].sort();
	const rows = types.map((type) => {
		const pick = (events: readonly WireEvent[]): WireEvent[] => events.filter((event) => event.type === type);
		const counts = logs.map(({ recorded, simulated }) => `${pick(recorded).length} / ${pick(simulated).length}`);
		const paths = pick(logs.flatMap(({ recorded }) => recorded)).flatMap(fieldsOf);
		const fields = new Set(paths.map((path) => path.replaceAll(/\[\d+\]/g, '[]')));
		const others = logs.filter(({ differences }) =>
			differences.some(({ event, what }) => event.startsWith(`${type} `) && what.startsWith('field '))
		);
		const verdict = others.length === 0 ? 'the same' : `not the same in: ${others.map(shortName).join(', ')}`;
		return [type, fields.size, verdict, ...counts];
	});
	return formatTable(
		['event type (recorded / simulated)', 'fields recorded', 'fields simulated', ...logs.map(shortName)],
		rows
	);
}

function shortName({ name }: ComparedLog): string {
	return name
		.replaceAll(/test_|_ws_/g, ' ')
		.replaceAll('_', ' ')
		.replaceAll(/\s+/g, ' ')
		.trim();
}

function formatDifferences(logs: readonly ComparedLog[]): string {
	const rows = logs.flatMap(({ name, differences }) =>
		differences.map(({ event, what, explanation }) => [name, event, what, explanation ?? '**unexplained**'])
	);
	return formatTable(['log', 'event', 'difference', 'explanation'], rows);
}

function formatTable(head: string[], rows: (string | number)[][]): string {
	const lines = [head, head.map(() => '---'), ...rows].map(
		(cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
	);
	return lines.join('\n');
}
