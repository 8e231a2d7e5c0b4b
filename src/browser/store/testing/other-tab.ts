import { onTestFinished } from 'vitest';
import type { OtherTabOrder } from './other-tab.worker.ts';

/** A worker that stands for another tab: it has the recordings open through a connection of its own. */
export class OtherTab {
	readonly #worker = new Worker(new URL('./other-tab.worker.ts', import.meta.url), { type: 'module' });
	#answers: Promise<unknown> = Promise.resolve();

	constructor() {
		onTestFinished(() => this.kill());
	}

	/** Resolves with the answer when it is done; orders are obeyed one after the other. */
	tell<Answer>(order: OtherTabOrder): Promise<Answer> {
		const answered = this.#answers.then(
			() =>
				new Promise((resolve, reject) => {
					this.#worker.onmessage = ({ data }) => resolve(data);
					this.#worker.onerror = ({ message }) => reject(new Error(message));
					this.#worker.postMessage(order);
				})
		);
		this.#answers = answered.catch(() => undefined);
		return answered as Promise<Answer>;
	}

	/** Ends it as a crash does. */
	kill(): void {
		this.#worker.terminate();
	}
}
