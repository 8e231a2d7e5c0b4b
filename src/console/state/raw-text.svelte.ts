import type { RecordingLog } from '#core/recording/recording-log.ts';
import { beginWork } from './busy.ts';

/** Reading that takes longer than this is spoken of. Milliseconds. */
const SAID_AFTER_MS = 150;

/** The raw text of the event that is looked at: at once when it is at hand, else as soon as it is read. */
export class RawText {
	/** `null` while it is not there. */
	text = $state.raw<string | null>(null);
	/** It is being read, and takes its time. */
	isSlow = $state(false);
	/** Why it cannot be read. */
	problem = $state<string | null>(null);
	/** Grows with each choice: what was chosen before comes too late. */
	#number = 0;
	#saying: ReturnType<typeof setTimeout> | undefined;

	/** Reads the event `seq` of a log; `null` reads none. */
	async choose(log: RecordingLog, seq: number | null): Promise<void> {
		const number = ++this.#number;
		clearTimeout(this.#saying);
		this.isSlow = false;
		this.problem = null;
		this.text = seq === null ? null : (log.peekRaw(seq) ?? null);
		if (seq === null || this.text !== null) return;
		const endWork = beginWork();
		this.#saying = setTimeout(() => (this.isSlow = true), SAID_AFTER_MS);
		try {
			const text = await log.loadRaw(seq);
			if (number === this.#number) this.text = text;
		} catch (error) {
			if (number !== this.#number) return;
			const reason = error instanceof Error ? error.message : String(error);
			this.problem = `The audio of this event could not be read: ${reason} Choose the event again to try once more.`;
		} finally {
			endWork();
			if (number === this.#number) {
				clearTimeout(this.#saying);
				this.isSlow = false;
			}
		}
	}
}
