import { isObject, listAt, numberAt, stringAt } from '../base/json.ts';
import { fail, succeed, type Result } from '../base/result.ts';

/** What a composed text is: one event, a script, or a binary frame in one of two notations. */
export type ComposedKind = 'event' | 'script' | 'hex' | 'base64';

const KINDS: readonly ComposedKind[] = ['event', 'script', 'hex', 'base64'];

/** An event that its writer keeps, under a name of its own. */
export interface SavedEvent {
	readonly name: string;
	readonly note: string;
	readonly kind: ComposedKind;
	/** As it was written, variables and all. */
	readonly text: string;
}

/** The version of the file of saved events that this code writes; all up to it are read. */
const FILE_VERSION = 1;

export const LONGEST_NAME = 100;
export const LONGEST_NOTE = 1000;
/** Characters of one saved text. */
export const LONGEST_TEXT = 2_000_000;
const MOST_IN_A_FILE = 5000;

/** A file of saved events, for `JSON.parse` and people. */
export function formatSavedEvents(events: readonly SavedEvent[]): string {
	const rows = events.map(({ name, note, kind, text }) => ({ name, note, kind, text }));
	return `${JSON.stringify({ earshot_events: FILE_VERSION, events: rows }, null, 2)}\n`;
}

/** Reads a file of saved events. All of it or nothing: the error says which event is wrong, counted from 1. */
export function parseSavedEvents(text: string): Result<readonly SavedEvent[]> {
	let file: unknown;
	try {
		file = JSON.parse(text);
	} catch (error) {
		return fail(`The file is not JSON: ${error instanceof Error ? error.message : String(error)}`);
	}
	const version = numberAt(file, 'earshot_events');
	if (version === undefined)
		return fail('The file holds no saved events of Earshot: "earshot_events" is missing. Was it exported elsewhere?');
	if (version > FILE_VERSION)
		return fail(`The file has version ${version}, and this Earshot reads up to ${FILE_VERSION}. Take a newer one.`);
	if (!Number.isInteger(version) || version < 1) return fail(`The file has version ${version}, which never was.`);
	const rows = listAt(file, 'events');
	if (rows.length > MOST_IN_A_FILE) return fail(`The file has ${rows.length} events; ${MOST_IN_A_FILE} are the most.`);
	const events: SavedEvent[] = [];
	for (const [index, row] of rows.entries()) {
		const event = parseSavedEvent(row);
		if (!event.ok) return fail(`Event ${index + 1} of the file: ${event.error}`);
		events.push(event.value);
	}
	return succeed(events);
}

/** Reads one saved event: of a file, of the browser's store, or as it is about to be saved. Spaces around a name go. */
export function parseSavedEvent(value: unknown): Result<SavedEvent> {
	if (!isObject(value)) return fail('It is no object.');
	const name = stringAt(value, 'name')?.trim() ?? '';
	const note = stringAt(value, 'note')?.trim() ?? '';
	const text = stringAt(value, 'text');
	const kind = KINDS.find((known) => known === value['kind']);
	if (name === '') return fail('It needs a name.');
	if (name.length > LONGEST_NAME) return fail(`Its name is longer than ${LONGEST_NAME} characters.`);
	if (note.length > LONGEST_NOTE) return fail(`Its note is longer than ${LONGEST_NOTE} characters.`);
	if (!kind) return fail(`Its kind is none of ${KINDS.join(', ')}.`);
	if (text === undefined) return fail('It has no text.');
	if (text.length > LONGEST_TEXT) return fail(`Its text is longer than ${LONGEST_TEXT} characters.`);
	return succeed({ name, note, kind, text });
}

export function isSameEvent(a: SavedEvent, b: SavedEvent): boolean {
	return a.name === b.name && a.note === b.note && a.kind === b.kind && a.text === b.text;
}

/** The name, or the name with a number behind it when it is taken: `Greeting (2)`. Never longer than a name may be. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
	for (let number = 2, free = name; ; number++) {
		if (!isTaken(free)) return free;
		const end = ` (${number})`;
		free = name.slice(0, LONGEST_NAME - end.length) + end;
	}
}
