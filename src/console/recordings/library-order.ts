import type { RecordingSummary } from '#core/recording/recorded-event.ts';

/** The columns by which the library can be put in order. */
export type SortKey =
	'title' | 'startedAt' | 'lengthMs' | 'model' | 'endpoint' | 'turns' | 'interruptions' | 'errors' | 'bytes';

export interface Order {
	readonly key: SortKey;
	readonly isDescending: boolean;
}

export const NEWEST_FIRST: Order = { key: 'startedAt', isDescending: true };

/** Texts are looked through upwards, everything else from the largest down: that is how each is first wanted. */
export function nextOrder(order: Order, key: SortKey): Order {
	if (order.key === key) return { key, isDescending: !order.isDescending };
	return { key, isDescending: !['title', 'model', 'endpoint'].includes(key) };
}

/** The bytes that a recording takes, audio and events. */
export function sizeOf({ callerBytes, modelBytes, eventBytes = 0 }: RecordingSummary): number {
	return callerBytes + modelBytes + eventBytes;
}

/** The recordings in order; equal ones with the newest first. */
export function sortRecordings(
	recordings: readonly RecordingSummary[],
	{ key, isDescending }: Order
): RecordingSummary[] {
	const sign = isDescending ? -1 : 1;
	return recordings.toSorted((a, b) => {
		const [left, right] = [valueOf(a, key), valueOf(b, key)];
		const compared =
			typeof left === 'number' && typeof right === 'number'
				? left - right
				: String(left).localeCompare(String(right), undefined, { numeric: true, sensitivity: 'base' });
		return compared * sign || b.header.startedAt.localeCompare(a.header.startedAt);
	});
}

function valueOf(recording: RecordingSummary, key: SortKey): string | number {
	switch (key) {
		case 'title':
		case 'startedAt':
		case 'model':
		case 'endpoint':
			return recording.header[key];
		case 'bytes':
			return sizeOf(recording);
		default:
			return recording[key];
	}
}

/** Tags as they are typed: parted by commas, without doubles. */
export function parseTags(text: string): string[] {
	const tags = text.split(',').map((tag) => tag.trim());
	return [...new Set(tags.filter((tag) => tag !== ''))];
}

const STAMP = /^\s*(?:(\d+):)?(?:(\d{1,2}):)?(\d+(?:\.\d+)?)\s*$/;

/** Session time as it is typed, `1:05.2`, `65.2` or `1:01:05`, in ms; `undefined` when it is no time. */
export function parseClock(text: string): number | undefined {
	const match = STAMP.exec(text);
	if (!match) return undefined;
	const [, first, second, seconds] = match;
	if (first !== undefined && Number(seconds) >= 60) return undefined;
	const parts = [first, second].filter((part) => part !== undefined).map(Number);
	const minutes = parts.length === 2 ? parts[0]! * 60 + parts[1]! : (parts[0] ?? 0);
	return Math.round((minutes * 60 + Number(seconds)) * 1000);
}

/**
 * Stretches of session time as they are typed, one a line: `0:12 - 0:15.5`. `bad` holds the lines that are none, or that
 * lie behind the end.
 */
export function parseStretches(
	text: string,
	lengthMs = Infinity
): { stretches: { startMs: number; endMs: number }[]; bad: string[] } {
	const stretches: { startMs: number; endMs: number }[] = [];
	const bad: string[] = [];
	for (const line of text.split('\n').filter((typed) => typed.trim() !== '')) {
		const [from = '', to = '', ...more] = line.split(/\s*[-–]\s*/);
		const startMs = parseClock(from);
		const endMs = parseClock(to);
		const isStretch = startMs !== undefined && endMs !== undefined && endMs > startMs && startMs < lengthMs;
		if (!isStretch || more.length > 0) bad.push(line.trim());
		else stretches.push({ startMs, endMs });
	}
	return { stretches, bad };
}
