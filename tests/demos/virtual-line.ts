import { SAMPLE_RATE, samplesOfMs } from '#core/audio/pcm16.ts';

/** What the console's caller line sends in one piece. */
const FRAME_SAMPLES = samplesOfMs(40);

interface Speech {
	/** Position in the line at which its first sample lies. */
	readonly start: number;
	readonly samples: Int16Array;
	readonly resolve: () => void;
}

/**
 * The caller's line without a device: what is spoken flows at 24,000 samples a second of the clock and is handed on in
 * frames of 40 ms, each when its last sample is due. Silence is sent as zeros.
 */
export class VirtualLine {
	readonly #onaudio: (pcm16: Uint8Array) => void;
	#speeches: Speech[] = [];
	/** Position of the first sample that was not handed on; `null` while nothing is sent. */
	#next: number | null = null;

	constructor(onaudio: (pcm16: Uint8Array) => void) {
		this.#onaudio = onaudio;
	}

	/** Speaks samples (24 kHz) from now on. Resolves when the last one is in the line. */
	speak(samples: Int16Array): Promise<void> {
		return new Promise((resolve) => this.#speeches.push({ start: positionNow(), samples, resolve }));
	}

	/** Frames are handed on from now on, or no longer: the last may be shorter. */
	setSending(isSending: boolean): void {
		const now = positionNow();
		this.advance();
		if (!isSending && this.#next !== null && now > this.#next) this.#onaudio(this.#read(this.#next, now - this.#next));
		this.#next = isSending ? (this.#next ?? now) : null;
	}

	/** Hands on the frames that are due. To be called every few milliseconds. */
	advance(): void {
		const now = positionNow();
		while (this.#next !== null && this.#next + FRAME_SAMPLES <= now) {
			const frame = this.#read(this.#next, FRAME_SAMPLES);
			this.#next += FRAME_SAMPLES;
			this.#onaudio(frame);
		}
		const isOver = ({ start, samples }: Speech) => start + samples.length <= (this.#next ?? now);
		const over = this.#speeches.filter(isOver);
		this.#speeches = this.#speeches.filter((speech) => !isOver(speech));
		for (const { resolve } of over) resolve();
	}

	#read(position: number, count: number): Uint8Array {
		const frame = new Int16Array(count);
		for (const { start, samples } of this.#speeches) {
			for (let index = 0; index < count; index++) {
				frame[index] = (frame[index] ?? 0) + (samples[position + index - start] ?? 0);
			}
		}
		return new Uint8Array(frame.buffer);
	}
}

function positionNow(): number {
	return Math.floor((performance.now() * SAMPLE_RATE) / 1000);
}
