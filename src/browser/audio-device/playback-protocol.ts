/** What the page and the playback worklet say to each other. Positions count samples since the speaker was opened. */

export const PLAYBACK_PROCESSOR = 'earshot-playback';

/** Words of the control block. */
export const CONTROL = {
	/** Samples written to the ring. Only the writer sets it. */
	written: 0,
	/** Samples that left the ring. Only the worklet sets it. */
	played: 1,
	/** Samples before this position are not to be played any more. Set before `stopCount`. */
	discardTo: 2,
	/** Grows with each stop. */
	stopCount: 3
} as const;
export const CONTROL_WORDS = 4;

/** How the worklet is started. Its ring is shared with the page, or (without buffers) its own and fed by messages. */
export interface PlaybackOptions {
	readonly ringSamples: number;
	readonly shared?: { readonly samples: SharedArrayBuffer; readonly control: SharedArrayBuffer };
}

export type ToPlaybackWorklet =
	/** Samples for the ring; there is room, because the page counts. */
	| { readonly kind: 'samples'; readonly samples: Int16Array<ArrayBuffer> }
	/** Stop now. In shared mode only a knock: the control block says it too. */
	| { readonly kind: 'stop'; readonly discardTo: number; readonly stopCount: number };

/** Something the worklet saw at a position, with the frame of the context's time in which it happened. */
export interface PlaybackReport {
	/**
	 * `flowing`: the sample at `position` is the first after silence. `playing`: so many were played so far. `dry`: the
	 * ring is empty. `stopped`: silence since `frame`; all before the stop's position is dropped.
	 */
	readonly kind: 'flowing' | 'playing' | 'dry' | 'stopped';
	/** Samples that have left the ring. */
	readonly position: number;
	/** The frame at which the next sample would leave, or left, the ring. */
	readonly frame: number;
	/** The loudest absolute sample (0 to 1) since the last `playing`. */
	readonly peak: number;
	/** Which stop this answers; of `stopped` only, else 0. */
	readonly stopCount: number;
}
