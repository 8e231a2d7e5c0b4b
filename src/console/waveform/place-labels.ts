import type { InterruptionMarker } from '#core/timeline/interruption-markers.ts';
import type { TimeScale } from '#core/timeline/time-scale.ts';

/** On which side of its marker a label stands, and whether it stands there at all. */
export interface PlacedLabel {
	readonly left: boolean;
	readonly shown: boolean;
}

/**
 * Which labels there is room for: to the right of the marker, else to its left, else only in its title. Labels that print
 * over one another say nothing.
 */
export function placeLabels(markers: readonly InterruptionMarker[], scale: TimeScale): PlacedLabel[] {
	let takenPx = -Infinity;
	return markers.map((marker, index) => {
		const xPx = scale.xPx(marker.atMs);
		const wantedPx = marker.label.length * 6.8 + 18;
		const next = markers[index + 1];
		const nextPx = next ? Math.min(scale.xPx(next.atMs), scale.widthPx) : scale.widthPx;
		const fitsRight = xPx >= takenPx && xPx + wantedPx <= nextPx;
		const fitsLeft = !fitsRight && xPx - wantedPx >= Math.max(0, takenPx);
		if (fitsRight) takenPx = xPx + wantedPx;
		else takenPx = Math.max(takenPx, xPx);
		return { left: fitsLeft, shown: fitsRight || fitsLeft };
	});
}
