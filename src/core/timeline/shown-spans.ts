import type { Span } from './lanes.ts';
import type { TimeScale } from './time-scale.ts';

/** Spans that are narrower than this, and nearer to one another than that, are one to the eye. CSS pixels. */
const NARROW_PX = 3;
const TOO_NEAR_PX = 1.5;

/**
 * The spans of a lane that are in sight, in their order. Narrow ones of one tone that nobody could tell apart come as one:
 * of hours there would be thousands, in a lane that is a thousand pixels wide.
 */
export function deriveShownSpans(spans: readonly Span[], scale: TimeScale): Span[] {
	const shown: Span[] = [];
	/** How many spans the last one is made of; 0 when it is wide. */
	let count = 0;
	for (const span of spans) {
		if (span.endMs < scale.startMs || span.startMs > scale.endMs) continue;
		const isNarrow = (span.endMs - span.startMs) / scale.msPerPx < NARROW_PX;
		const last = shown.at(-1);
		const isNear = last && last.tone === span.tone && (span.startMs - last.endMs) / scale.msPerPx < TOO_NEAR_PX;
		if (isNear && isNarrow && count > 0) {
			shown[shown.length - 1] = { ...last, endMs: Math.max(last.endMs, span.endMs), label: `${++count} together` };
		} else {
			shown.push(span);
			count = isNarrow ? 1 : 0;
		}
	}
	return shown;
}
