import { timeInText, type ConnectionClock, type MessageTime } from './message-time.ts';

/** What comes before a log line's message is no longer than this; a search in it costs the same for every line. */
export const LONGEST_PREFIX = 300;

const DAY_MS = 86_400_000;
const QUARTER_HOUR_MS = 900_000;

// eslint-disable-next-line no-control-regex
const COLOURS = /\x1b\[[0-9;]*m/g;

/** The line without the codes that colour it in a terminal. */
export function withoutColours(line: string): string {
	return line.includes('\x1b') ? line.replace(COLOURS, '') : line;
}

/** The time in what comes before a log line's message. */
export function timeOfPrefix(prefix: string): MessageTime | undefined {
	return timeInText(prefix.slice(0, LONGEST_PREFIX));
}

/**
 * When a connection began, ISO 8601, or `null` when its date is not known. Logs seldom name their time zone: a moment in
 * UTC that was written at about the same time tells it.
 *
 * @param nearbyMs milliseconds since 1970 of such a moment, `null` when there is none
 */
export function startedAtOf(clock: ConnectionClock, nearbyMs: number | null): string | null {
	if (clock.startedAt === null || nearbyMs === null) return clock.startedAt;
	const ms = Date.parse(clock.startedAt);
	const offsetMs = Math.round((ms - nearbyMs) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
	return Math.abs(offsetMs) < DAY_MS ? new Date(ms - offsetMs).toISOString() : clock.startedAt;
}
