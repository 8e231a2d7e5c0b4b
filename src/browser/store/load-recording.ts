import { isObject, numberAt, stringAt, type JsonObject } from '#core/base/json.ts';
import { RecordingLog } from '#core/recording/recording-log.ts';
import type { AudioRef, LogEntry, RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';
import { BYTES_PER_AUDIO_CHUNK, type AudioKey, type EventChunk, type EventKey } from './schema.ts';

/** A recording as it was found in the database. */
export interface StoredRecording {
	readonly summary: RecordingSummary;
	readonly log: RecordingLog;
	/** What is missing or broken, in words for the page; empty for a whole recording. All the rest is in the log. */
	readonly damage: readonly string[];
}

/** Four hours of a track: a chunk that claims to lie beyond is broken, and is not made room for. */
const MAX_TRACK_BYTES = 4 * 3600 * BYTES_PER_AUDIO_CHUNK;

/** A stretch of a track, in bytes. */
interface Stretch {
	readonly start: number;
	readonly end: number;
}

/**
 * Puts a recording together from its records. Never fails: what is missing or broken is named in `damage`, and
 * everything before and after it is kept. Missing audio is silence, so that what follows keeps its place; an entry
 * whose audio is not wholly there is kept without it.
 *
 * All audio comes first, then all events, each in the order of their keys.
 */
export class RecordingRestorer {
	readonly #summary: RecordingSummary;
	readonly #log = new RecordingLog();
	readonly #damage: string[] = [];
	readonly #holes: Record<TrackName, Stretch[]> = { caller: [], model: [] };
	readonly #decoder = new TextDecoder();
	#nextIndex = 0;
	#silencedCount = 0;

	constructor(summary: RecordingSummary) {
		this.#summary = summary;
	}

	addAudio([, track, firstByte]: AudioKey, value: ArrayBuffer): void {
		const bytes = this.#log.tracks[track];
		if (!(value instanceof ArrayBuffer) || firstByte < bytes.length || firstByte > MAX_TRACK_BYTES) {
			this.#damage.push(`A piece of the ${track}'s audio (at byte ${firstByte}) could not be read.`);
			return;
		}
		if (firstByte > bytes.length) {
			this.#holes[track].push({ start: bytes.length, end: firstByte });
			const [start, end] = [secondsOf(bytes.length), secondsOf(firstByte)];
			this.#damage.push(`The ${track}'s audio from ${start} to ${end} of its track is missing.`);
			bytes.append(new Uint8Array(firstByte - bytes.length));
		}
		bytes.append(new Uint8Array(value));
	}

	addEvents([, first]: EventKey, chunk: EventChunk): void {
		if (first > this.#nextIndex) this.#noteMissing(this.#nextIndex, first);
		const lines = linesOf(chunk, this.#decoder);
		const count = Math.max(lines.length, chunk.count);
		if (lines.length < count) this.#noteMissing(first + lines.length, first + count);
		lines.forEach((line, index) => this.#addLine(line, first + index));
		this.#nextIndex = first + count;
	}

	finish(): StoredRecording {
		const summary = this.#summary;
		this.#noteShortTrack('caller', summary.callerBytes);
		this.#noteShortTrack('model', summary.modelBytes);
		if (this.#nextIndex < summary.eventCount) this.#noteMissing(this.#nextIndex, summary.eventCount);
		const count = this.#silencedCount;
		if (count > 0) this.#damage.push(`${count} audio ${count === 1 ? 'event is' : 'events are'} kept without audio.`);
		return { summary, log: this.#log, damage: this.#damage };
	}

	#addLine(line: string, index: number): void {
		const entry = parseLine(line);
		if (!entry) {
			this.#damage.push(`Event ${index} could not be read and is left out.`);
			return;
		}
		const isWhole = !entry.audio || this.#isStored(entry.audio);
		if (!isWhole) this.#silencedCount++;
		this.#log.restore(isWhole ? entry : withoutAudio(entry));
	}

	#isStored({ track, offset, length }: AudioRef): boolean {
		const end = offset + length;
		if (end > this.#log.tracks[track].length) return false;
		return !this.#holes[track].some((hole) => offset < hole.end && end > hole.start);
	}

	#noteMissing(first: number, end: number): void {
		this.#damage.push(end - first === 1 ? `Event ${first} is missing.` : `Events ${first} to ${end - 1} are missing.`);
	}

	#noteShortTrack(track: TrackName, expectedBytes: number): void {
		const { length } = this.#log.tracks[track];
		if (length >= expectedBytes) return;
		this.#damage.push(`The ${track}'s audio ends at ${secondsOf(length)} instead of ${secondsOf(expectedBytes)}.`);
	}
}

function secondsOf(byteCount: number): string {
	return `${(byteCount / BYTES_PER_AUDIO_CHUNK).toFixed(3)} s`;
}

function linesOf(chunk: EventChunk, decoder: TextDecoder): string[] {
	if (!ArrayBuffer.isView(chunk.bytes)) return [];
	const lines = decoder.decode(chunk.bytes).split('\n');
	// The last line is ended by a line feed too, unless its end was lost.
	if (lines.at(-1) === '') lines.pop();
	return lines;
}

function withoutAudio({ seq, at, from, text, binary }: LogEntry): LogEntry {
	return { seq, at, from, text, ...(binary && { binary }) };
}

/** A line of a chunk as the entry that it was; `undefined` when it is broken. */
function parseLine(line: string): LogEntry | undefined {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return undefined;
	}
	const seq = numberAt(value, 'seq');
	const at = numberAt(value, 'at');
	const from = stringAt(value, 'from');
	const text = stringAt(value, 'text');
	if (!isObject(value) || seq === undefined || at === undefined || text === undefined) return undefined;
	if (from !== 'client' && from !== 'server' && from !== 'console') return undefined;
	const audio = value['audio'] === undefined ? undefined : parseAudioRef(value['audio'], text);
	if (value['audio'] !== undefined && !audio) return undefined;
	return { seq, at, from, text, ...(value['binary'] === true && { binary: true as const }), ...(audio && { audio }) };
}

function parseAudioRef(value: unknown, text: string): AudioRef | undefined {
	const track = stringAt(value, 'track');
	if (!isObject(value) || (track !== 'caller' && track !== 'model')) return undefined;
	const index = wholeAt(value, 'index');
	const offset = wholeAt(value, 'offset');
	const length = wholeAt(value, 'length');
	if (index === undefined || offset === undefined || length === undefined || index > text.length) return undefined;
	return { track, index, offset, length };
}

function wholeAt(object: JsonObject, key: string): number | undefined {
	const value = numberAt(object, key);
	return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
