import type { ComposedKind } from '#core/protocol/saved-events.ts';
import { DEFAULT_EVENT_TEXT, drafts } from './drafts.svelte.ts';
import { KeptTexts } from './kept.ts';

const STORAGE_KEY = 'earshot.composer';

export const DEFAULT_SCRIPT_TEXT = `[
  {
    "type": "conversation.item.create",
    "item": { "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "Hello" }] }
  },
  { "type": "response.create" },
  { "wait_for": "response.done", "timeout_ms": 10000 },
  { "wait_ms": 500 },
  { "type": "conversation.item.retrieve", "item_id": "{{last.item_id}}" }
]
`;

const DEFAULTS: Readonly<Record<ComposedKind, string>> = {
	event: DEFAULT_EVENT_TEXT,
	script: DEFAULT_SCRIPT_TEXT,
	hex: '00 ff',
	base64: 'AP8='
};

/** A text and what it is. */
export interface Composed {
	readonly kind: ComposedKind;
	readonly text: string;
}

/**
 * What is being composed: a text for each kind. The event is one of the page's drafts; the others are kept beside them, so
 * that a reload loses nothing.
 */
export class ComposerDrafts {
	kind = $state<ComposedKind>('event');
	readonly #kept = new KeptTexts(STORAGE_KEY);
	/** What was last replaced by another text, to be brought back. */
	setAside = $state.raw<Composed | null>(null);
	/** The text that was last put here, as long as nobody has changed it. */
	#placed: string | null = null;
	#texts = $state.raw<Readonly<Record<Exclude<ComposedKind, 'event'>, string>>>(DEFAULTS);

	constructor() {
		const kind = this.#kept.read('kind');
		if (kind === 'script' || kind === 'hex' || kind === 'base64') this.kind = kind;
		const textOf = (name: Exclude<ComposedKind, 'event'>) => this.#kept.read(name) ?? DEFAULTS[name];
		this.#texts = { script: textOf('script'), hex: textOf('hex'), base64: textOf('base64') };
	}

	get text(): string {
		return this.textOf(this.kind);
	}

	textOf(kind: ComposedKind): string {
		return kind === 'event' ? drafts.event : this.#texts[kind];
	}

	choose(kind: ComposedKind): void {
		this.kind = kind;
		this.#kept.write('kind', kind);
	}

	/** Writes the text of the present kind. */
	write(text: string): void {
		if (this.kind === 'event') return drafts.write('event', text);
		this.#texts = { ...this.#texts, [this.kind]: text };
		this.#kept.write(this.kind, text);
	}

	/**
	 * Puts another text in the place of what is written, which is put aside unless nobody wrote it.
	 * @param isElsewhere the new text can be had again: it need not be put aside by the next
	 */
	replace({ kind, text }: Composed, isElsewhere: boolean): void {
		const before = this.textOf(kind);
		const isOfNobody = before.trim() === '' || before === this.#placed || before === DEFAULTS[kind];
		if (!isOfNobody && before !== text) this.setAside = { kind, text: before };
		this.#placed = isElsewhere ? text : null;
		this.choose(kind);
		this.write(text);
	}

	/** Exchanges what is written for what was put aside. */
	bringBack(): void {
		const aside = this.setAside;
		this.setAside = null;
		if (aside) this.replace(aside, false);
	}

	/** Lets go of what was put aside. */
	forget(): void {
		this.setAside = null;
	}
}
