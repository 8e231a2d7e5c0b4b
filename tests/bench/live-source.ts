// A session that is being recorded, made up: 100 events a second, of which 60 carry 20 ms of the caller's audio, 30 of the
// model's, and 10 are text. The same number of an event always gives the same event, so that whoever finds it later can
// tell whether it is whole. For pages of benchmarks.
import { encodeBase64 } from '#core/audio/base64.ts';
import { MemoryLog, type AppendedEntry } from '#core/recording/recording-log.ts';
import type { From, TrackName } from '#core/recording/recorded-event.ts';
import type { RecordingWriter } from '#browser/store/recording-writer.ts';

const AUDIO_BYTES = 960;

export interface SourceEvent {
	readonly from: From;
	readonly raw: string;
	readonly track?: TrackName;
}

/** The event of a number, from 0. */
export function eventOf(index: number): SourceEvent {
	const kind = index % 10;
	if (kind < 6) {
		const audio = encodeBase64(audioOf(index));
		return { from: 'client', track: 'caller', raw: `{"type":"input_audio_buffer.append","audio":"${audio}"}` };
	}
	if (kind < 9) {
		const ids = `"event_id":"event_${index}","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0`;
		const delta = encodeBase64(audioOf(index));
		return {
			from: 'server',
			track: 'model',
			raw: `{"type":"response.output_audio.delta",${ids},"delta":"${delta}"}`
		};
	}
	return {
		from: 'server',
		raw: `{"type":"test.event","event_id":"event_${index}","text":"${'word '.repeat(index % 40)}"}`
	};
}

/** The audio of an event: bytes that do not come again soon. */
export function audioOf(index: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(AUDIO_BYTES);
	let state = (index + 1) * 2_654_435_761;
	for (let i = 0; i < AUDIO_BYTES; i++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		bytes[i] = state >>> 24;
	}
	return bytes;
}

/** So many events as a log takes them in, 10 ms apart, and the log. */
export function recordEvents(count: number): { log: MemoryLog; appended: readonly AppendedEntry[] } {
	const log = new MemoryLog();
	const appended = Array.from({ length: count }, (_, index) => {
		const { from, raw } = eventOf(index);
		return log.append({ seq: index, at: index * 10, from, raw });
	});
	return { log, appended };
}

/** Hands entries that were made beforehand to a writer, so that making them is not measured. */
export class LiveSource {
	readonly writer: RecordingWriter;
	readonly #entries: readonly AppendedEntry[];
	/** When those entries came that may still wait, ms. */
	#cameAt: number[] = [];
	#count = 0;

	constructor(writer: RecordingWriter, entries: readonly AppendedEntry[]) {
		this.writer = writer;
		this.#entries = entries;
	}

	get count(): number {
		return this.#count;
	}

	append(): void {
		const { entry, audio } = this.#entries[this.#count++]!;
		this.#cameAt.push(performance.now());
		this.writer.append(entry, audio);
	}

	/** How long the oldest entry has been waiting that is not stored, ms. */
	waitedMs(): number {
		const waiting = this.writer.pendingEntries;
		this.#cameAt = waiting === 0 ? [] : this.#cameAt.slice(-waiting);
		return waiting === 0 ? 0 : performance.now() - this.#cameAt[0]!;
	}
}
