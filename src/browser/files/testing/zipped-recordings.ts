import { encodeBase64 } from '#core/audio/base64.ts';
import { joinAudio } from '#core/recording/audio-split.ts';
import type { AudioReader } from '#core/recording/export/audio-reader.ts';
import type { LogEntry, RecordedEvent, RecordingHeader } from '#core/recording/recorded-event.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import type { ScannedEntry, SkippedLine } from '#core/recording/recording-scanner.ts';
import { openRecordingZip } from '../recording-zip-reader.ts';
import { writeRecordingZip, type ZippableRecording } from '../recording-zip-writer.ts';
import type { ZipLimits } from '../zip.ts';

export const HEADER: RecordingHeader = {
	earshot: 1,
	id: 'zipped',
	startedAt: '2026-11-20T09:00:00.000Z',
	title: 'Zipped, with 日本',
	endpoint: 'Simulator',
	transport: 'WebSocket',
	model: 'gpt-realtime-2.1',
	redacted: ['api key']
};

/** Collects what is written to a stream. */
export class Collected {
	readonly chunks: Uint8Array<ArrayBuffer>[] = [];
	isClosed = false;
	abortedFor: unknown;
	readonly stream = new WritableStream<Uint8Array>({
		write: (chunk) => void this.chunks.push(chunk.slice()),
		close: () => void (this.isClosed = true),
		abort: (reason) => void (this.abortedFor = reason)
	});

	get blob(): Blob {
		return new Blob(this.chunks);
	}
}

export function logOf(events: readonly Omit<RecordedEvent, 'seq'>[]): MemoryLog {
	const log = new MemoryLog();
	for (const event of events) log.append({ ...event, seq: log.length });
	return log;
}

export function recordingOf(log: MemoryLog, header: RecordingHeader = HEADER): ZippableRecording {
	const audio: AudioReader = {
		length: (track) => log.tracks[track].length,
		read: (track, start, length) => log.tracks[track].load(start, length)
	};
	return { header, entries: log, audio };
}

export async function zipOf(recording: ZippableRecording): Promise<Blob> {
	const target = new Collected();
	const written = await writeRecordingZip(recording, target.stream);
	if (!written.ok) throw new Error(written.error.message);
	return target.blob;
}

/** All that a zip told of its recording. */
export interface ZipScanned {
	problem: string | null;
	header: RecordingHeader | null;
	/** As they would be in a log. */
	entries: Omit<LogEntry, 'seq'>[];
	audio: (Uint8Array | undefined)[];
	skipped: SkippedLine[];
	notes: string[];
}

export async function scanZip(blob: Blob, limits?: ZipLimits): Promise<ZipScanned> {
	const result: ZipScanned = { problem: null, header: null, entries: [], audio: [], skipped: [], notes: [] };
	const zip = await openRecordingZip(blob, limits);
	if (!zip.ok) return { ...result, problem: zip.error.message };
	const scanned = await zip.value.scan({
		onheader: (header) => (result.header = header),
		onentry: ({ at, from, text, binary, audio }: ScannedEntry) => {
			const { track, index, length, trackAt } = audio ?? {};
			result.audio.push(audio?.bytes.slice());
			const ref = audio && { track: track!, index: index!, length: length!, offset: trackAt ?? -1 };
			result.entries.push({ at, from, text, ...(binary && { binary }), ...(ref && { audio: ref }) });
		},
		onskip: (line) => result.skipped.push(line),
		onnote: (note) => result.notes.push(note)
	});
	return { ...result, problem: scanned.ok ? null : scanned.error.message };
}

/** Base64 of so many bytes. */
export const soundOf = (length: number) => encodeBase64(new Uint8Array(length).map((_, i) => i * 7));

/** A message with audio of the model, in base64. */
export const delta = (audio: string) => ({
	at: 1,
	from: 'server' as const,
	raw: `{"type":"response.output_audio.delta","delta":"${audio}"}`
});

/** A message with audio of the caller, in base64. */
export const append = (audio: string) => ({
	at: 1,
	from: 'client' as const,
	raw: `{"type":"input_audio_buffer.append","audio":"${audio}"}`
});

/** So many small messages without audio. */
export const smallMessages = (count: number) =>
	Array.from({ length: count }, (_, i) => ({ at: i, from: 'server' as const, raw: `{"type":"x","n":${i * 7919}}` }));

/** The messages of a zip that was read, as they crossed the wire. */
export function rawsOf({ entries, audio }: ZipScanned): string[] {
	return entries.map(({ text, audio: ref }, index) => (ref ? joinAudio(text, ref.index, audio[index]!) : text));
}

/** The messages of a log, as they crossed the wire. */
export const rawsOfLog = (log: MemoryLog) => Array.from({ length: log.length }, (_, index) => log.raw(index));
