import { onTestFinished } from 'vitest';
import { EntryBlock } from '#core/recording/entry-block.ts';
import { FIRST_ENTRY, type EntryCursor, type RecordingStore, type StoredSummary } from '../recording-store.ts';
import type { StoreProblem } from '../store-problem.ts';

/** Follows a recording and remembers what it is told. */
export class Follower {
	readonly texts: string[] = [];
	readonly summaries: StoredSummary[] = [];
	readonly damage: string[][] = [];
	problem: StoreProblem | undefined;
	readonly #ending = new AbortController();
	readonly #waiting = new Set<() => void>();

	constructor(store: RecordingStore, id: string, from: EntryCursor = FIRST_ENTRY) {
		onTestFinished(() => this.stop());
		const listener = {
			onblocks: (blocks: Parameters<typeof EntryBlock.of>[0][]) => {
				for (const data of blocks) {
					const block = EntryBlock.of(data);
					for (let index = 0; index < data.count; index++) this.texts.push(block.text(index));
				}
				this.#told();
			},
			onloaded: (damage: readonly string[]) => {
				this.damage.push([...damage]);
				this.#told();
			},
			onsummary: (summary: StoredSummary) => {
				this.summaries.push(summary);
				this.#told();
			},
			onlost: (problem: StoreProblem) => {
				this.problem = problem;
				this.#told();
			}
		};
		store.follow(id, from, listener, this.#ending.signal);
	}

	stop(): void {
		this.#ending.abort();
	}

	/** Resolves when it holds, after something was told. */
	async until(isSo: (follower: this) => boolean): Promise<void> {
		while (!isSo(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
	}

	#told(): void {
		for (const resolve of this.#waiting) resolve();
		this.#waiting.clear();
	}
}
