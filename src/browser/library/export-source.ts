import { audioOfTracks, type AudioReader, type EntryReader } from '#core/recording/export/audio-reader.ts';
import { redactEntry } from '#core/recording/export/raw-text.ts';
import type { LogEntry, RecordingHeader, TrackName } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { createRedactor } from '#core/recording/redaction/redactor.ts';
import type { Redactor } from '#core/recording/redaction/redaction-options.ts';
import { silenceRange } from '#core/recording/redaction/silence.ts';
import { audioWireFormat } from '#core/protocol/session-config.ts';
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
	for (let index = 0; index < log.length; index++) {
		const entry = log.entry(index);
		const clean = redactor ? redactEntry(entry, redactor) : entry;
		if (clean !== entry) changed.set(index, clean);
		applyEntry(session, clean);
	}
	const ranges = silentRanges(session, options.silence ?? []);
	const cleanHeader = redactor ? redactHeader(header, redactor) : header;
	const kinds = [...(redactor?.counts.keys() ?? []), ...(ranges.length > 0 ? ['audio' as const] : [])];
	const redactions = mergeRedactions(redactor ? [redactor] : []);
	const counts = ranges.length > 0 ? { ...redactions.counts, audio: options.silence?.length ?? 0 } : redactions.counts;
	return {
		header: { ...cleanHeader, redacted: [...new Set([...header.redacted, ...kinds])] },
		entries: { length: log.length, entry: (index) => changed.get(index) ?? log.entry(index) },
		audio: silencedAudio(audioOfTracks(log.tracks), ranges, session),
		session,
		redactor,
		redactions: { ...redactions, counts }
	};
}

/** The bytes that lie in stretches of session time: of what was sent or heard there, and of what waited there unheard. */
function silentRanges(session: Session, stretches: NonNullable<ExportOptions['silence']>): SilentRange[] {
	if (stretches.length === 0) return [];
	const placements: Record<TrackName, readonly Placement[]> = {
		caller: deriveCallerPlacements(session),
		model: deriveModelPlacements(session)
	};
	return (['caller', 'model'] as const).flatMap((track) =>
		placements[track].flatMap((placement) =>
			stretches.flatMap(({ startMs, endMs }) => {
				const from = Math.max(startMs, placement.startMs);
				const to = Math.min(endMs, placement.endMs);
				if (to <= from) return [];
				const byteAt = (ms: number) => placement.offset + (ms - placement.startMs) * placement.bytesPerMs;
				return [{ track, start: Math.floor(byteAt(from)), end: Math.ceil(byteAt(to)) }];
			})
		)
	);
}

function silencedAudio(audio: AudioReader, ranges: readonly SilentRange[], session: Session): AudioReader {
	if (ranges.length === 0) return audio;
	const formats = {
		caller: audioWireFormat(session.config, 'input'),
		model: audioWireFormat(session.config, 'output')
	};
	return {
		length: (track) => audio.length(track),
		read: async (track, start, length) => {
			const hit = ranges.filter((range) => range.track === track && range.start < start + length && range.end > start);
			const bytes = await audio.read(track, start, length);
			if (hit.length === 0) return bytes;
			const silenced = bytes.slice();
			for (const range of hit) silenceRange(silenced, formats[track], range.start - start, range.end - start);
			return silenced;
		}
	};
}
