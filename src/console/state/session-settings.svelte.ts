import { stringAt } from '#core/base/json.ts';
import { readKept, writeKept } from './kept.ts';

/** How the user works on the session: kept in the browser. */
const STORAGE_KEY = 'earshot.session-settings';

export type SessionViewName = 'json' | 'fields';
export type SessionSending = 'all' | 'changes';

class SessionSettings {
	view = $state<SessionViewName>('json');
	/** What "Apply session" sends: all of the draft, or what differs from the session in force. */
	sending = $state<SessionSending>('all');

	constructor() {
		const saved = readKept(STORAGE_KEY);
		if (stringAt(saved, 'view') === 'fields') this.view = 'fields';
		if (stringAt(saved, 'sending') === 'changes') this.sending = 'changes';
	}

	show(view: SessionViewName): void {
		this.view = view;
		this.#save();
	}

	send(sending: SessionSending): void {
		this.sending = sending;
		this.#save();
	}

	#save(): void {
		writeKept(STORAGE_KEY, { view: this.view, sending: this.sending });
	}
}

export const sessionSettings = new SessionSettings();
