import { SampleRing } from './sample-ring.ts';
import type { PlaybackOptions, PlaybackReport, ToPlaybackWorklet } from './playback-protocol.ts';

/** The page's side of the ring. */
export interface RingFeed {
	/** Samples written so far: the position that the next one gets. */
	readonly written: number;
	/** Samples that left the ring: now where the ring is shared, else when the worklet last said so. */
	readonly played: number;
	/** Writes what there is room for; returns how many samples that were. */
	write(samples: Int16Array<ArrayBuffer>): number;
	/** Asks for silence: all that was written is dropped. The worklet answers with `stopped`. */
	requestStop(stopCount: number): void;
	/** Takes note of what the worklet said. */
	heed(report: PlaybackReport): void;
}

/** What connects a feed to its worklet. */
export interface FeedParts {
	readonly options: PlaybackOptions;
	attach(send: (message: ToPlaybackWorklet, transfer?: Transferable[]) => void): RingFeed;
}

/** A ring in shared memory: no message on the way of a sample, and the position is exact at any moment. */
export function sharedFeed(ringSamples: number): FeedParts {
	const samples = new SharedArrayBuffer(ringSamples * Int16Array.BYTES_PER_ELEMENT);
	const control = new SharedArrayBuffer(SampleRing.controlBytes);
	const ring = new SampleRing(samples, control);
	return {
		options: { ringSamples, shared: { samples, control } },
		attach: (send) => ({
			get written() {
				return ring.written;
			},
			get played() {
				return ring.played;
			},
			write: (added) => ring.write(added),
			requestStop: (stopCount) => {
				ring.requestStop(ring.written, stopCount);
				// A suspended context does not look at the ring; the message makes it.
				send({ kind: 'stop', discardTo: ring.written, stopCount });
			},
			heed: () => undefined
		})
	};
}

/** The worklet's own ring, filled by messages: for pages that are not cross-origin isolated. */
export function messageFeed(ringSamples: number): FeedParts {
	let written = 0;
	let played = 0;
	return {
		options: { ringSamples },
		attach: (send) => ({
			get written() {
				return written;
			},
			get played() {
				return played;
			},
			write: (added) => {
				const count = Math.min(added.length, ringSamples - (written - played));
				if (count === 0) return 0;
				const samples = added.slice(0, count);
				send({ kind: 'samples', samples }, [samples.buffer]);
				written += count;
				return count;
			},
			requestStop: (stopCount) => send({ kind: 'stop', discardTo: written, stopCount }),
			heed: ({ kind, position }) => {
				played = kind === 'stopped' ? written : position;
			}
		})
	};
}
