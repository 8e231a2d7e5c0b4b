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

/** Ticks at round times, at least `minGapPx` apart. */
export function deriveTicks(scale: TimeScale, minGapPx: number): Tick[] {
	const wanted = minGapPx * scale.msPerPx;
	const step = STEPS_MS.find((ms) => ms >= wanted) ?? STEPS_MS.at(-1)!;
	const ticks: Tick[] = [];
	for (let n = Math.max(0, Math.ceil(scale.startMs / step)); n * step <= scale.endMs; n++) {
		ticks.push({ ms: n * step, label: tickLabel(n * step, step) });
	}
	return ticks;
}

function tickLabel(ms: number, stepMs: number): string {
	const clock = formatMinutes(Math.floor(ms / 1000));
	if (stepMs >= 1000) return clock;
	const digits = stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
	return clock + (Math.floor(ms % 1000) / 1000).toFixed(digits).slice(1);
}
