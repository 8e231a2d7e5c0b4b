/** Formats session time (ms) as `m:ss.mmm`, or `h:mm:ss.mmm` from an hour on. Negative and non-finite times read 0. */
export function formatClock(ms: number): string {
	const whole = Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : 0;
	const millis = String(whole % 1000).padStart(3, '0');
	return `${formatMinutes(Math.floor(whole / 1000))}.${millis}`;
}

/** Formats whole seconds as `m:ss`, or `h:mm:ss` from an hour on. */
export function formatMinutes(totalSeconds: number): string {
	const seconds = String(totalSeconds % 60).padStart(2, '0');
	const minutes = Math.floor(totalSeconds / 60);
	if (minutes < 60) return `${minutes}:${seconds}`;
	return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${seconds}`;
}

/** Formats a length in ms as seconds with two decimals, `2.31 s`. */
export function formatSeconds(ms: number): string {
	return `${(ms / 1000).toFixed(2)} s`;
}
