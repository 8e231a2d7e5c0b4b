import { encodeBase64 } from '#core/audio/base64.ts';
import type { From } from '#core/recording/recorded-event.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import type { RecordingWriter } from '../recording-writer.ts';

/** A log and a writer that is fed from it, as a live session does it. */
export class LiveRecording {
	readonly log = new MemoryLog();
	readonly #writer: Pick<RecordingWriter, 'append'>;

	constructor(writer: Pick<RecordingWriter, 'append'>) {
		this.#writer = writer;
	}

	record(from: From, raw: string): void {
		const { entry, audio } = this.log.append({ seq: this.log.length, at: this.log.length * 10, from, raw });
		this.#writer.append(entry, audio);
	}

	/** So many events without audio. */
	recordTexts(count: number): void {
		for (let index = 0; index < count; index++) this.record('server', `{"type":"test.event","n":${this.log.length}}`);
	}

	recordAudio(track: 'caller' | 'model', bytes: Uint8Array): void {
		const base64 = encodeBase64(bytes);
		if (track === 'caller') this.record('client', `{"type":"input_audio_buffer.append","audio":"${base64}"}`);
		else this.record('server', `{"type":"response.output_audio.delta","item_id":"item_1","delta":"${base64}"}`);
	}
}

/** Bytes that are different at every place, so that a wrong offset shows. */
export function countingBytes(length: number, seed = 0): Uint8Array {
	return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 7 + seed) & 255);
}

/** Bytes that nothing can pack. */
export function randomBytes(length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let start = 0; start < length; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536));
	return bytes;
}

/** All raw texts of a log, in order. */
export function rawsOf(log: MemoryLog): string[] {
	return Array.from({ length: log.length }, (_, index) => log.raw(index));
}

/** A track's bytes. */
export function bytesOf(log: MemoryLog, track: 'caller' | 'model'): Uint8Array {
	return log.tracks[track].read(0, log.tracks[track].length);
}
