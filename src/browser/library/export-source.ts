import { audioOfTracks, type AudioReader, type EntryReader } from '#core/recording/export/audio-reader.ts';
import { redactEntry } from '#core/recording/export/raw-text.ts';
import type { LogEntry, RecordingHeader, TrackName } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { createRedactor } from '#core/recording/redaction/redactor.ts';
import type { Redactor } from '#core/recording/redaction/redaction-options.ts';
import { silentByte } from '#core/recording/redaction/silence.ts';
import { TrackCodings } from '#core/recording/recording-zip.ts';
import { applyEntry } from '#core/session/apply-event.ts';
import { createSession, type Session } from '#core/session/session-model.ts';
import { deriveCallerPlacements, deriveModelPlacements, type Placement } from '#core/timeline/placements.ts';
import type { ExportOptions, RedactionReport } from './library-api.ts';
import { mergeRedactions, redactHeader } from './redaction-report.ts';

/** A recording as it is to leave: nothing is in it that is not to be seen or heard. */
export interface ExportSource {
	readonly header: RecordingHeader;
	readonly entries: EntryReader;
	readonly audio: AudioReader;
	/** Folded from the entries as they leave. */
	readonly session: Session;
	/** For what else leaves with it, such as its address in a HAR; `undefined` when nothing is taken out. */
	readonly redactor: Redactor | undefined;
	readonly redactions: RedactionReport;
}

/** A stretch of a track that falls silent, in bytes. */
interface SilentRange {
	readonly track: TrackName;
	readonly start: number;
	readonly end: number;
}

/**
 * Prepares a recording to leave. Its entries are looked through once, so that the header can say what was taken out before
 * the first of them is written.
 */
export function prepareExport(header: RecordingHeader, log: RecordingLog, options: ExportOptions): ExportSource {
	const redactor = options.redaction ? createRedactor(options.redaction) : undefined;
	const changed = new Map<number, LogEntry>();
	const session = createSession();
	const codings = new TrackCodings();
	const { emails, phones, cards } = options.redaction ?? {};
	if (redactor && (emails || phones || cards)) foreseeAll(redactor, log);
	for (let index = 0; index < log.length; index++) {
		const entry = log.entry(index);
		const clean = redactor ? redactEntry(entry, redactor) : entry;
		if (clean !== entry) changed.set(index, clean);
		applyEntry(session, clean);
		codings.add(clean);
	}
	const ranges = silentRanges(session, options.silence ?? []);
	const cleanHeader = redactor ? redactHeader(header, redactor) : header;
	const kinds = [...(redactor?.counts.keys() ?? []), ...(ranges.length > 0 ? ['audio' as const] : [])];
	const redactions = mergeRedactions(redactor ? [redactor] : []);
	const counts = ranges.length > 0 ? { ...redactions.counts, audio: options.silence?.length ?? 0 } : redactions.counts;
	return {
		header: { ...cleanHeader, redacted: [...new Set([...cleanHeader.redacted, ...kinds])] },
		entries: { length: log.length, entry: (index) => changed.get(index) ?? log.entry(index) },
		audio: silencedAudio(audioOfTracks(log.tracks), ranges, codings),
		session,
		redactor,
		redactions: { ...redactions, counts }
	};
}

/** Personal data may be spelled by several messages: all are looked at before the first leaves. */
function foreseeAll(redactor: Redactor, log: RecordingLog): void {
	for (let index = 0; index < log.length; index++) {
		const { from, text, binary, audio } = log.entry(index);
		if (!binary && !audio) redactor.foresee(from, text);
	}
}

type Stretches = NonNullable<ExportOptions['silence']>;

/** The bytes that lie in stretches of session time: what was sent or heard there, and what waited there unheard. */
function silentRanges(session: Session, stretches: Stretches): SilentRange[] {
	if (stretches.length === 0) return [];
	const caller = rangesOf('caller', deriveCallerPlacements(session), stretches);
	const placements = deriveModelPlacements(session);
	const model = rangesOf('model', placements, stretches);
	return [...caller, ...model, ...unplacedRanges(session, placements, stretches)];
}

function rangesOf(track: TrackName, placements: readonly Placement[], stretches: Stretches): SilentRange[] {
	return placements.flatMap((placement) =>
		stretches.flatMap(({ startMs, endMs }) => {
			const from = Math.max(startMs, placement.startMs);
			const to = Math.min(endMs, placement.endMs);
			if (to <= from) return [];
			const { offset, length } = placement;
			// To its ends where the stretch reaches them: a length may have been rounded.
			const byteAt = (ms: number) => offset + (ms - placement.startMs) * placement.bytesPerMs;
			const start = from === placement.startMs ? offset : Math.floor(byteAt(from));
			return [{ track, start, end: to === placement.endMs ? offset + length : Math.ceil(byteAt(to)) }];
		})
	);
}

/**
 * Model audio that has no place in session time, because it was cut off and something else was heard: it falls silent with
 * the utterance that it belongs to. Where none of that was placed, its arrival tells.
 */
function unplacedRanges(session: Session, placements: readonly Placement[], stretches: Stretches): SilentRange[] {
	const isSilent = (fromMs: number, toMs: number) =>
		stretches.some(({ startMs, endMs }) => startMs < toMs && endMs > fromMs);
	return session.utterances.flatMap(({ pieces }) => {
		const inside = ({ offset }: Placement) =>
			pieces.some((piece) => offset >= piece.offset && offset < piece.offset + piece.length);
		const placed = placements.filter(inside);
		const arrivedAt = pieces[0]?.at ?? 0;
		const isHit =
			placed.length === 0
				? isSilent(arrivedAt, arrivedAt + 1)
				: placed.some(({ startMs, endMs }) => isSilent(startMs, endMs + 1));
		return isHit ? pieces.flatMap((piece) => gapsIn(piece, placed)) : [];
	});
}

/** The bytes of a piece that no placement shows. */
function gapsIn({ offset, length }: { offset: number; length: number }, placed: readonly Placement[]): SilentRange[] {
	const end = offset + length;
	const gaps: SilentRange[] = [];
	let from = offset;
	for (const placement of placed.toSorted((a, b) => a.offset - b.offset)) {
		if (placement.offset + placement.length <= from || placement.offset >= end) continue;
		if (placement.offset > from) gaps.push({ track: 'model', start: from, end: placement.offset });
		from = Math.max(from, placement.offset + placement.length);
	}
	if (from < end) gaps.push({ track: 'model', start: from, end });
	return gaps;
}

function silencedAudio(audio: AudioReader, ranges: readonly SilentRange[], codings: TrackCodings): AudioReader {
	if (ranges.length === 0) return audio;
	return {
		length: (track) => audio.length(track),
		read: async (track, start, length) => {
			const hit = ranges.filter((range) => range.track === track && range.start < start + length && range.end > start);
			const bytes = await audio.read(track, start, length);
			if (hit.length === 0) return bytes;
			const silenced = bytes.slice();
			const changes = codings.of(track);
			changes.forEach(({ from, coding }, index) => {
				const to = changes[index + 1]?.from ?? Infinity;
				for (const range of hit) {
					// Samples lie at even places of the track, wherever this piece of it begins.
					const size = coding === 'pcm16' ? 2 : 1;
					const first = Math.floor(Math.max(range.start, from) / size) * size;
					const last = Math.ceil(Math.min(range.end, to) / size) * size;
					if (last > first) silenced.fill(silentByte(coding), Math.max(0, first - start), Math.max(0, last - start));
				}
			});
			return silenced;
		}
	};
}
