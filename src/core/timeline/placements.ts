import { SAMPLE_RATE } from '../audio/pcm16.ts';
import type { Session, Utterance } from '../session/session-model.ts';
import { playedFromMs } from './played-from.ts';

/** A run of a track's bytes and where it lies in session time. */
export interface Placement {
	readonly startMs: number;
	readonly endMs: number;
	/** First byte in the track. */
	readonly offset: number;
	readonly length: number;
	readonly bytesPerMs: number;
	/** `pending` has arrived and is still to be played; `unheard` never will be. */
	readonly state: 'heard' | 'pending' | 'unheard';
	/** The model item it belongs to; `null` on the caller track. */
	readonly itemId: string | null;
	/** Placed by arrival and pace, because no playback was recorded. */
	readonly estimated: boolean;
	/** Of unheard audio: how much more of it there is that has no place, because something else was heard there. ms */
	readonly unplacedMs?: number;
}

/** The caller's audio in session time, by samples. */
export function deriveCallerPlacements(session: Session): Placement[] {
	return session.callerSegments.map((segment) => ({
		startMs: segment.startMs,
		endMs: segment.startMs + segment.length / segment.bytesPerMs,
		offset: segment.offset,
		length: segment.length,
		bytesPerMs: segment.bytesPerMs,
		state: 'heard' as const,
		itemId: null,
		estimated: false
	}));
}

/**
 * The model's audio where the caller heard it: by playback positions, so that a stall shows as a gap and the unheard end
 * of an utterance lies behind the place where playing stopped.
 *
 *     received   |######################################|
 *     runs       |######|stall|##########|X              stopped here
 *     placements |heard |     |heard     |unheard.......|
 */
export function deriveModelPlacements(session: Session): Placement[] {
	const placements: Placement[] = [];
	const nextStarts = nextStartsMs(session);
	let freeFromMs = 0;
	session.utterances.forEach((utterance, index) => {
		const runs = playbackRuns(session, utterance, freeFromMs);
		if (runs.length === 0) return;
		const placed = playbackRanges(session, utterance, runs).flatMap((range) =>
			placeRange(utterance, range, nextStarts[index]!)
		);
		giveWay(placements, placed);
		placements.push(...placed);
		// What is only estimated to have waited does not hold up what came after it was cut off.
		const kept = placed.filter(({ estimated, state }) => !estimated || state !== 'unheard');
		freeFromMs = Math.max(freeFromMs, kept.at(-1)?.endMs ?? 0);
	});
	return placements;
}

/** The estimated unheard end of what was cut off ends where what came next is heard. */
function giveWay(placements: Placement[], next: readonly Placement[]): void {
	const startMs = next.find(({ state }) => state === 'heard')?.startMs;
	if (startMs === undefined) return;
	for (let index = placements.length - 1; index >= 0; index--) {
		const placement = placements[index]!;
		if (!placement.estimated || placement.state !== 'unheard') return;
		if (placement.endMs <= startMs) return;
		if (placement.startMs >= startMs) placements.splice(index, 1);
		else {
			const length = Math.round((startMs - placement.startMs) * placement.bytesPerMs);
			placements[index] = {
				...placement,
				endMs: startMs,
				length,
				unplacedMs: (placement.unplacedMs ?? 0) + placement.endMs - startMs
			};
		}
	}
}

interface Run {
	readonly at: number;
	readonly firstSample: number;
}

interface Range extends Run {
	readonly endSample: number;
	readonly state: Placement['state'];
	readonly estimated: boolean;
}

/** Where an utterance was played; estimated from its arrival when the log holds no playback at all. */
function playbackRuns(session: Session, utterance: Utterance, freeFromMs: number): readonly Run[] {
	const { runs } = utterance.playback;
	if (runs.length > 0 && playedFromMs(utterance) === undefined) {
		// What was stopped before it began stands in line behind the unheard end of what was cut off.
		return [{ at: Math.max(runs[0]!.at, freeFromMs), firstSample: 0 }];
	}
	if (runs.length > 0) return runs;
	const arrivedAt = utterance.pieces[0]?.at;
	if (session.connection.begunHere || arrivedAt === undefined) return [];
	return [{ at: Math.max(arrivedAt, freeFromMs), firstSample: 0 }];
}

function playbackRanges(session: Session, utterance: Utterance, runs: readonly Run[]): Range[] {
	const received = samplesOf(utterance, utterance.receivedBytes);
	const { state, heardSamples, estimated } = heardOf(session, utterance, received);
	const rest: Placement['state'] = state === 'stopped' ? 'unheard' : 'pending';
	const ranges: Range[] = [];
	runs.forEach((run, index) => {
		const end = runs[index + 1]?.firstSample ?? received;
		const heardEnd = Math.min(end, heardSamples);
		if (heardEnd > run.firstSample) ranges.push({ ...run, endSample: heardEnd, state: 'heard', estimated });
		const restStart = Math.max(run.firstSample, heardEnd);
		if (end > restStart) {
			const at = run.at + ((restStart - run.firstSample) * 1000) / SAMPLE_RATE;
			ranges.push({ at, firstSample: restStart, endSample: end, state: rest, estimated });
		}
	});
	return ranges;
}

/** How much of an utterance was heard, in samples at 24 kHz. */
function heardOf(session: Session, utterance: Utterance, received: number) {
	const { playback } = utterance;
	if (playback.state !== 'none') {
		return { state: playback.state, heardSamples: playback.playedSamples, estimated: playback.estimated };
	}
	const cut = session.interruptions.findLast((i) => i.itemId === utterance.itemId);
	if (cut) return { state: 'stopped' as const, heardSamples: cut.playedSamples, estimated: true };
	return { state: 'ended' as const, heardSamples: received, estimated: true };
}

/** Playback counts samples at 24 kHz whatever the wire's format is. */
function samplesOf(utterance: Utterance, bytes: number): number {
	return Math.floor((bytes / utterance.bytesPerMs) * (SAMPLE_RATE / 1000));
}

/** For each utterance, when the next one that was played began. */
function nextStartsMs(session: Session): number[] {
	const starts: number[] = new Array<number>(session.utterances.length);
	let next = Infinity;
	for (let index = session.utterances.length - 1; index >= 0; index--) {
		starts[index] = next;
		next = playedFromMs(session.utterances[index]!) ?? next;
	}
	return starts;
}

/** Lays one range of samples over the byte runs that hold it; what never was heard gives way to what was. */
function placeRange(utterance: Utterance, range: Range, limitMs: number): Placement[] {
	const bytesPerSample = (utterance.bytesPerMs * 1000) / SAMPLE_RATE;
	// Telephone audio has a third of a byte to a sample of playback: rounded, so that two ranges meet in one byte.
	const first = Math.round(range.firstSample * bytesPerSample);
	const end = Math.round(range.endSample * bytesPerSample);
	const placements: Placement[] = [];
	let passed = 0;
	for (const piece of utterance.pieces) {
		const from = Math.max(first, passed);
		const to = Math.min(end, passed + piece.length);
		passed += piece.length;
		if (to <= from) continue;
		const startMs = range.at + (from - first) / utterance.bytesPerMs;
		const endMs = startMs + (to - from) / utterance.bytesPerMs;
		const clippedEndMs = range.state === 'heard' ? endMs : Math.min(endMs, limitMs);
		if (clippedEndMs <= startMs) continue;
		placements.push({
			startMs,
			endMs: clippedEndMs,
			offset: piece.offset + (from - (passed - piece.length)),
			length: Math.round((clippedEndMs - startMs) * utterance.bytesPerMs),
			bytesPerMs: utterance.bytesPerMs,
			state: range.state,
			itemId: utterance.itemId,
			estimated: range.estimated
		});
	}
	const last = placements.at(-1);
	const unplacedMs = last ? range.at + (end - first) / utterance.bytesPerMs - last.endMs : 0;
	// Less than a sample is rounding.
	if (last && range.state === 'unheard' && unplacedMs > 0.04)
		placements[placements.length - 1] = { ...last, unplacedMs };
	return placements;
}
