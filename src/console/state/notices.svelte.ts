/** Something that the user must know: what happened, and what to do. */
export interface Notice {
	readonly id: number;
	readonly kind: 'error' | 'warning' | 'info';
	readonly title: string;
	readonly text: string;
	readonly action?: { readonly label: string; readonly run: () => void };
}

const MOST_SHOWN = 3;

/** The page's messages. One list for all panes; the newest last. */
class Notices {
	list = $state.raw<readonly Notice[]>([]);
	#nextId = 1;

	/** Shows a message. The same title replaces its older message, so that a repeated fault does not fill the page. */
	show(notice: Omit<Notice, 'id'>): void {
		const others = this.list.filter((known) => known.title !== notice.title);
		this.list = [...others, { ...notice, id: this.#nextId++ }].slice(-MOST_SHOWN);
	}

	dismiss(id: number): void {
		this.list = this.list.filter((notice) => notice.id !== id);
	}
}

export const notices = new Notices();
