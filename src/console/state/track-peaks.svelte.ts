import { PeakTrack } from '#core/audio/peaks.ts';
import type { WireFormat } from '#core/audio/wire-format.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';

/** The peaks of both tracks, built as their bytes arrive or taken in as levels that were computed elsewhere. */
export class TrackPeaks {
	readonly caller = new PeakTrack();
	readonly model = new PeakTrack();
	#version = $state.raw(0);

	/** Read by whoever draws audio, to draw it again when it changed without the session. */
	get version(): number {
		return this.#version;
	}

	/** Takes in bytes. Panes are not told: they are with the session that the bytes belong to. */
	append(track: TrackName, bytes: Uint8Array, format: WireFormat): void {
		this[track].append(bytes, format);
	}

	/** Takes in levels of 10 ms steps, from step `first` on. */
	appendLevels(track: TrackName, first: number, levels: Float32Array): void {
		this[track].appendLevels(first, levels);
		this.changed();
	}

	/** There is more to draw: levels, or bytes that were not at hand. */
	changed(): void {
		this.#version++;
	}
}
