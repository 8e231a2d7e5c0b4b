import { isObject } from '#core/base/json.ts';

/** How the user works on the session: kept in the browser. */
const STORAGE_KEY = 'earshot.session-settings';

export type SessionViewName = 'json' | 'fields';
export type SessionSending = 'all' | 'changes';

class SessionSettings {
	view = $state<SessionViewName>('json');
	/** What "Apply session" sends: all of the draft, or what differs from the session in force. */
	sending = $state<SessionSending>('all');

	constructor() {
		const saved = readSaved();
		if (saved['view'] === 'fields') this.view = 'fields';
		if (saved['sending'] === 'changes') this.sending = 'changes';
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
		try {
			localStorage.setItem(STORAGE_KEY, JSON.stringify({ view: this.view, sending: this.sending }));
		} catch {
			// A browser that keeps nothing: the choice lasts as long as the page.
		}
	}
}

function readSaved(): Readonly<Record<string, unknown>> {
	try {
		const saved: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
		return isObject(saved) ? saved : {};
	} catch {
		return {};
	}
}

export const sessionSettings = new SessionSettings();
