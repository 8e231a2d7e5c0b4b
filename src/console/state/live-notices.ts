import { objectAt, stringAt, type JsonObject } from '#core/base/json.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import type { Endpoint } from './endpoints.ts';
import { notices } from './notices.svelte.ts';

/** Says that the connection is gone, or never was, and where the recording is. */
export function showLostConnection(
	endpoint: Endpoint,
	wasConnected: boolean,
	closeText: string,
	isStored: boolean
): void {
	const kept = isStored ? 'What was recorded is in the library.' : 'What was recorded is still on this page.';
	notices.show({
		kind: 'error',
		title: wasConnected ? `${endpoint.name} went away` : `${endpoint.name} could not be reached`,
		text: `${closeText} ${kept}`
	});
}

/** A refusal must be seen where one works; in the list it is one row among hundreds. */
export function showRefusal(body: JsonObject): void {
	const error = objectAt(body, 'error');
	const message = stringAt(error, 'message') ?? 'It did not say why.';
	notices.show({ kind: 'warning', title: 'The server refused an event', text: message });
}

/** Says that a message was no event. */
export function showBrokenMessage(entry: LogEntry): void {
	notices.show({
		kind: 'warning',
		title: 'The server sent a message that is no event',
		text: `It is not a JSON object with a type. It was kept as it came; see event ${entry.seq} in the list.`
	});
}
