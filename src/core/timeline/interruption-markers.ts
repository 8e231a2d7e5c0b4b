import { SAMPLE_RATE } from '../audio/pcm16.ts';
import { formatClock, formatSeconds } from '../base/time.ts';
import { findUtterance } from '../session/apply-audio.ts';
import type { Session } from '../session/session-model.ts';
import { deriveModelPlacements, type Placement } from './placements.ts';

/** Where the playing of a model utterance stopped, and what had been heard of it. */
export interface InterruptionMarker {
	readonly itemId: string;
	/** Session time of the sample at which playing stopped. */
	readonly atMs: number;
	readonly playedMs: number;
	/** Audio received of the utterance: it may still grow while the server drains. */
	readonly receivedMs: number;
	/** From the arrival of the event that stopped it to silence at the speaker; `null` when no such event was recorded. */
	readonly silentAfterMs: number | null;
	readonly keptMs: number | null;
	readonly estimated: boolean;
	/** `Interruption at 0:41.208` */
	readonly name: string;
	/** `heard 2.31 of 4.92 s, silent after 38 ms` */
	readonly label: string;
}

/** One marker for each interruption, in the order in which they happened. */
export function deriveInterruptionMarkers(
	session: Session,
	placements: readonly Placement[] = deriveModelPlacements(session)
): InterruptionMarker[] {
	if (session.interruptions.length === 0) return [];
	const stops = placesOfStops(placements);
	return session.interruptions.map((interruption) => {
		const utterance = findUtterance(session, interruption.itemId, interruption.contentIndex);
		const receivedMs = utterance ? utterance.receivedBytes / utterance.bytesPerMs : 0;
		// Some clients claim more than they were sent.
		const playedMs = Math.min((interruption.playedSamples * 1000) / SAMPLE_RATE, receivedMs);
		const atMs = stops.get(interruption.itemId) ?? interruption.at;
		const { noticedAt, outputLatencyMs } = interruption;
		// The sound card works ahead of the clock by a buffer, so that the ring can have stopped a little "before".
		const silentAfterMs = noticedAt === null ? null : Math.max(0, interruption.at - noticedAt + outputLatencyMs);
		const about = interruption.estimated ? 'about ' : '';
		const delay =
			silentAfterMs === null || interruption.estimated ? '' : `, silent after ${Math.round(silentAfterMs)} ms`;
		return {
			itemId: interruption.itemId,
			atMs,
			playedMs,
			receivedMs,
			silentAfterMs,
			keptMs: interruption.keptMs,
			estimated: interruption.estimated,
			name: `Interruption at ${formatClock(atMs)}`,
			label: `heard ${about}${(playedMs / 1000).toFixed(2)} of ${formatSeconds(receivedMs)}${delay}`
		};
	});
}

/** The end of each item's last heard run: the exact sample, where the event's arrival is a little later. */
function placesOfStops(placements: readonly Placement[]): Map<string, number> {
	const stops = new Map<string, number>();
	for (const { itemId, state, endMs } of placements) if (itemId !== null && state === 'heard') stops.set(itemId, endMs);
	return stops;
}
