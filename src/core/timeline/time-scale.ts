import { formatMinutes } from '../base/time.ts';

/** The one place where session time becomes pixels. */
export class TimeScale {
	/** Session time at the left edge, ms. */
	readonly startMs: number;
	/** Milliseconds that one CSS pixel stands for. */
	readonly msPerPx: number;
	readonly widthPx: number;

	constructor(startMs: number, msPerPx: number, widthPx: number) {
		this.startMs = startMs;
		this.msPerPx = msPerPx;
		this.widthPx = widthPx;
	}

	get endMs(): number {
		return this.startMs + this.widthPx * this.msPerPx;
	}

	xPx(ms: number): number {
		return (ms - this.startMs) / this.msPerPx;
	}

	msAt(xPx: number): number {
		return this.startMs + xPx * this.msPerPx;
	}
}

export interface Tick {
	readonly ms: number;
	readonly label: string;
}

const STEPS_MS = [
	1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
	1_800_000, 3_600_000
];

/** Ticks at round times, at least `minGapPx` (1 or more) apart; none where a scale tells no time. */
export function deriveTicks(scale: TimeScale, minGapPx: number): Tick[] {
	const gapPx = Math.max(1, minGapPx);
	const step = stepOf(gapPx * scale.msPerPx);
	const first = Math.max(0, Math.ceil(scale.startMs / step));
	const last = Math.floor(scale.endMs / step);
	// The steps were chosen so that there are few; where numbers are too large to tell steps apart there are none.
	if (!(scale.msPerPx > 0) || !Number.isSafeInteger(last) || last - first > scale.widthPx / gapPx + 1) return [];
	const ticks: Tick[] = [];
	for (let n = first; n <= last; n++) {
		if (Number.isFinite(n * step)) ticks.push({ ms: n * step, label: tickLabel(n * step, step) });
	}
	return ticks;
}

/** The least round step of at least so many ms: beyond an hour 2, 5 and 10 hours, 20, 50 and so on. */
function stepOf(wantedMs: number): number {
	const listed = STEPS_MS.find((ms) => ms >= wantedMs);
	if (listed !== undefined) return listed;
	let unit = STEPS_MS.at(-1)!;
	while (unit * 10 < wantedMs) unit *= 10;
	return unit * ([2, 5, 10].find((times) => unit * times >= wantedMs) ?? 10);
}

function tickLabel(ms: number, stepMs: number): string {
	const clock = formatMinutes(Math.floor(ms / 1000));
	if (stepMs >= 1000) return clock;
	const digits = stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
	return clock + (Math.floor(ms % 1000) / 1000).toFixed(digits).slice(1);
}
