import { MOST_SENT, type ComposerStore, type SentText } from '#browser/composer/composer-store.ts';
import { findSecretIn } from './composer-secrets.ts';

/** Longer texts are remembered as long as the page is open. Characters. */
export const LONGEST_KEPT = 64_000;

/** One row of the history. */
export interface SentRow extends SentText {
	/** Grows in the order in which they were sent or read. */
	readonly id: number;
}

/**
 * What was sent from the composer, on this page and on earlier ones, newest first. What is long, or looks as if it held a
 * key, is remembered on this page only.
 */
export class SentHistory {
	rows = $state.raw<readonly SentRow[]>([]);
	/** Why nothing is kept beyond this page; `null` while it is. */
	problem = $state<string | null>(null);
	readonly #store: ComposerStore;
	/** What is on this page only. */
	#unkept: readonly SentRow[] = [];
	#kept: readonly SentRow[] = [];
	#nextId = 1;

	constructor(store: ComposerStore) {
		this.#store = store;
	}

	/** Reads what earlier pages, and other tabs, have sent. */
	async load(): Promise<void> {
		const loaded = await this.#store.loadSent();
		if (!loaded.ok) {
			this.problem = loaded.error;
			return;
		}
		this.#kept = loaded.value.map((sent) => this.#row(sent));
		this.#show();
	}

	/** Shows it at once, and keeps it when it may be kept. */
	async add(sent: SentText): Promise<void> {
		const row = this.#row(sent);
		this.#unkept = [...this.#unkept, row];
		this.#show();
		const whole = sent.sent ?? sent.text;
		if (sent.text.length + whole.length > LONGEST_KEPT * 2) return;
		if ((await findSecretIn(sent.kind, sent.text)) ?? (await findSecretIn(sent.kind, whole))) return;
		const kept = await this.#store.addSent(sent);
		this.problem = kept.ok ? null : kept.error;
		if (!kept.ok) return;
		this.#unkept = this.#unkept.filter((other) => other !== row);
		this.#kept = [...this.#kept, row].slice(-MOST_SENT);
	}

	/** Forgets all of it, here and in the browser. */
	async clear(): Promise<void> {
		this.#unkept = [];
		this.#kept = [];
		this.#show();
		const cleared = await this.#store.clearSent();
		this.problem = cleared.ok ? null : cleared.error;
	}

	#row(sent: SentText): SentRow {
		return { ...sent, id: this.#nextId++ };
	}

	#show(): void {
		const rows = [...this.#kept, ...this.#unkept].sort((a, b) => b.sentAtMs - a.sentAtMs || b.id - a.id);
		this.rows = rows.slice(0, MOST_SENT);
	}
}
