import { parseJson } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { formatCount } from '#core/base/words.ts';
import { parseScript } from '#core/protocol/event-script.ts';
import { fillVariables, type FilledText } from '#core/protocol/event-variables.ts';
import type { ComposedKind, SavedEvent } from '#core/protocol/saved-events.ts';
import { parseBinaryText } from '#core/recording/binary-text.ts';
import type { Session } from '#core/session/session-model.ts';
import { findSessionVariable, readSessionVariable } from '#core/session/session-variables.ts';
import { openComposerStore, type ComposerStore } from '#browser/composer/composer-store.ts';
import { beginWork } from './busy.ts';
import { ComposerDrafts, type Composed } from './composer-drafts.svelte.ts';
import { SentHistory } from './composer-history.svelte.ts';
import { addImageTo } from './composer-image.ts';
import { SavedEvents } from './composer-library.svelte.ts';
import { ScriptRun } from './composer-script.svelte.ts';
import { liveSession, type LiveSession } from './live-session.svelte.ts';

/** Texts that are longer are not laid out again: it would take longer than a page may stand still. */
const MOST_INDENTED = 1_000_000;

/** Where client events are written, kept and sent. One for the page: it outlives the tab that shows it. */
export class Composer {
	readonly drafts = new ComposerDrafts();
	readonly saved: SavedEvents;
	readonly history: SentHistory;
	view = $state<'write' | 'saved' | 'history'>('write');
	/** Why what is written was not sent, or not taken. */
	problem = $state<string | null>(null);
	/** What was done, in words; empty while there is nothing to say. */
	status = $state('');
	/** The last script that was run. */
	run = $state.raw<ScriptRun | null>(null);
	readonly #live: LiveSession;
	#loading: Promise<void> | null = null;
	#adding: Promise<void> = Promise.resolve();

	constructor(live: LiveSession, openStore: (onchange: () => void) => ComposerStore) {
		this.#live = live;
		const store = openStore(() => void this.#load());
		this.saved = new SavedEvents(store);
		this.history = new SentHistory(store);
	}

	/** Reads what is kept, when it is first needed. */
	open(): Promise<void> {
		this.#loading ??= this.#load();
		return this.#loading;
	}

	/** What the written event would be with its variables filled in from the session as it is shown. */
	get preview(): FilledText | null {
		const { kind, text } = this.drafts;
		return kind === 'event' && text.includes('{{') ? fill(text, this.#live.recording.view.session) : null;
	}

	write(text: string): void {
		// The editor also tells of what was put into it.
		if (text === this.drafts.text) return;
		this.drafts.write(text);
		this.#changed();
	}

	/** Brings a text that can be had again into the composer, in the place of what is written. */
	replace(composed: Composed): void {
		this.#place(composed, true);
	}

	#place(composed: Composed, isElsewhere: boolean): void {
		this.drafts.replace(composed, isElsewhere);
		this.view = 'write';
		this.#changed();
	}

	/** Exchanges what is written for what it replaced. */
	bringBack(): void {
		this.drafts.bringBack();
		this.#changed();
	}

	/** Turns to another kind of message; each has a text of its own. */
	choose(kind: ComposedKind): void {
		this.drafts.choose(kind);
		this.#changed();
	}

	/** Shows one of the composer's views. */
	show(view: 'write' | 'saved' | 'history'): void {
		this.view = view;
	}

	/** Says what is wrong with what the user wanted to do. */
	complain(problem: string): void {
		this.problem = problem;
	}

	/** Takes over a recorded message, to be edited and sent again. `isBinary`: the text is a frame's bytes as base64. */
	takeOver(raw: string, isBinary: boolean): void {
		this.replace(isBinary ? { kind: 'base64', text: raw } : { kind: 'event', text: layOut(raw) });
	}

	/** Sends what is written, or runs it. What is wrong stands in `problem`. */
	send(): void {
		const { kind, text } = this.drafts;
		const sent = this.#send(kind, text);
		this.problem = sent.ok ? null : sent.error;
		if (!sent.ok) return;
		this.status = sent.value.status;
		const asSent = sent.value.text;
		const differs = asSent !== undefined && asSent !== text;
		const endWork = beginWork();
		void this.history.add({ kind, text, sentAtMs: Date.now(), ...(differs && { sent: asSent }) }).finally(endWork);
	}

	/** Saves what is written under a name. */
	save(name: string, note: string): Promise<Result<void>> {
		const { kind, text } = this.drafts;
		return this.#work(this.saved.save({ name, note, kind, text }));
	}

	useSaved({ kind, text }: SavedEvent): void {
		this.replace({ kind, text });
	}

	/** Puts images into the message that is written, or into a new one, one after the other. */
	addImages(files: readonly File[]): Promise<void> {
		for (const file of files) this.#adding = this.#adding.then(() => this.#addImage(file));
		return this.#adding;
	}

	async #addImage(file: File): Promise<void> {
		const name = file.name || 'The image';
		try {
			const added = await this.#work(addImageTo(this.drafts.textOf('event'), file, name));
			if (added.ok) {
				this.#place({ kind: 'event', text: added.value.text }, false);
				this.status = added.value.about;
			} else this.problem = added.error;
		} catch (error) {
			this.problem = `${name} was not taken: ${error instanceof Error ? error.message : String(error)}`;
		}
	}

	/** What was said of the text before holds no longer. */
	#changed(): void {
		this.problem = null;
		this.status = '';
	}

	async #load(): Promise<void> {
		await this.#work(Promise.all([this.saved.load(), this.history.load()]));
	}

	#work<T>(work: Promise<T>): Promise<T> {
		const endWork = beginWork();
		return work.finally(endWork);
	}

	#send(kind: ComposedKind, text: string): Result<{ readonly status: string; readonly text?: string }> {
		if (kind === 'event') return this.#sendEvent(text);
		if (kind === 'script') return this.#runScript(text);
		const bytes = parseBinaryText(text, kind);
		if (!bytes.ok) return bytes;
		const sent = this.#live.sendBinary(bytes.value.slice());
		return sent.ok ? succeed({ status: `Sent ${formatCount(bytes.value.length, 'byte')} as a binary frame` }) : sent;
	}

	/** Sends a text with its variables filled in; nothing is sent while one of them has no value. */
	#sendEvent(written: string): Result<{ readonly status: string; readonly text: string }> {
		const { text, missing } = fill(written, this.#live.recording.view.current);
		if (missing.length > 0) return fail(`Not sent. ${describeMissing(missing)}`);
		const sent = this.#live.sendRaw(text);
		return sent.ok ? succeed({ status: 'Sent', text }) : sent;
	}

	#runScript(text: string): Result<{ readonly status: string }> {
		if (this.run?.state === 'running') return fail('A script is running. Stop it first.');
		const steps = parseScript(text);
		if (!steps.ok) return steps;
		if (!this.#live.isConnected) return fail('Not connected. Press Connect, then run the script.');
		this.run = new ScriptRun(steps.value, this.#live, (event) => {
			const sent = this.#sendEvent(event);
			return sent.ok ? succeed(undefined) : sent;
		});
		return succeed({ status: '' });
	}
}

/** Which variables have no value, and why. */
export function describeMissing(names: readonly string[]): string {
	const reasons = names.map((name) => `{{${name}}} has no value: ${findSessionVariable(name)?.without ?? ''}.`);
	return reasons.join(' ');
}

function fill(text: string, session: Session): FilledText {
	const nowMs = Date.now();
	return fillVariables(text, (name) => readSessionVariable(session, name, nowMs));
}

/** Laid out for reading, when that changes nothing but white space; else as it is. */
function layOut(raw: string): string {
	if (raw.length > MOST_INDENTED) return raw;
	const value = parseJson(raw);
	return value !== undefined && JSON.stringify(value) === raw ? `${JSON.stringify(value, null, 2)}\n` : raw;
}

/** The page's one composer. */
export const composer = new Composer(liveSession, openComposerStore);
