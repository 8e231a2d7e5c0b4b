import { untrack } from 'svelte';

/** Something that the user must know: what happened, and what to do. */
export interface Notice {
	readonly id: number;
	readonly kind: 'error' | 'warning' | 'info';
	readonly title: string;
	readonly text: string;
	readonly action?: { readonly label: string; readonly run: () => void };
	/** Called when the message is taken away without its action. */
	readonly ondismiss?: () => void;
}

const MOST_SHOWN = 3;
/** So long stands what asks for nothing. Milliseconds. */
const PASSING_MS = 12_000;

/** The page's messages. One list for all panes; the newest last. */
class Notices {
	list = $state.raw<readonly Notice[]>([]);
	#nextId = 1;

	/**
	 * Shows a message. The same title replaces its older message, so that a repeated fault does not fill the page; but a
	 * message with an action stands until it is dismissed, because the action would be lost with it.
	 */
	show(notice: Omit<Notice, 'id'>): void {
		// Whoever shows one from an effect does not wait for others.
		const others = untrack(() => this.list).filter(
			(known) => known.action !== undefined || known.title !== notice.title
		);
		const kept = others.filter((known) => known.action !== undefined);
		const passing = others.filter((known) => known.action === undefined).slice(1 - MOST_SHOWN);
		const shown = [...kept, ...passing].sort((a, b) => a.id - b.id);
		const id = this.#nextId++;
		this.list = [...shown, { ...notice, id }];
		if (notice.kind === 'info' && !notice.action) setTimeout(() => this.dismiss(id), PASSING_MS);
	}

	/** Takes away what has no action: it was about something that is over. */
	clear(): void {
		this.list = this.list.filter((notice) => notice.action !== undefined);
	}

	/** @param withAction its action was taken */
	dismiss(id: number, withAction = false): void {
		if (!withAction) this.list.find((notice) => notice.id === id)?.ondismiss?.();
		this.list = this.list.filter((notice) => notice.id !== id);
	}
}

export const notices = new Notices();
