import { isObject } from '#core/base/json.ts';
import type { JsonPath } from '#core/session/event-code-path.ts';

/** What a string of an event holds besides text. */
export type Media =
	| { readonly kind: 'audio'; readonly source: 'input' | 'output' | 'console' }
	| { readonly kind: 'image'; readonly mediaType: string };

const IMAGE = /^data:(image\/(?:png|jpeg|gif|webp));base64,/;

/**
 * Whether a member is audio or an image. Audio stands at fixed places: in the events that stream it, in the parts of
 * items, in the messages of telephone services, in what Earshot itself records.
 *
 * @param gaType of the event; its parent is the object that holds the member
 */
export function findMedia(gaType: string, path: JsonPath, parent: unknown, value: string): Media | null {
	const image = IMAGE.exec(value);
	if (image) return { kind: 'image', mediaType: image[1]! };
	const source = value === '' ? null : audioSource(gaType, path.join('.'), parent);
	return source === null ? null : { kind: 'audio', source };
}

function audioSource(gaType: string, path: string, parent: unknown): 'input' | 'output' | 'console' | null {
	const whole = STREAMED[`${gaType} ${path}`];
	if (whole) return whole;
	if (!path.endsWith('.audio') || !isObject(parent)) return null;
	if (parent['type'] === 'input_audio') return 'input';
	return parent['type'] === 'output_audio' || parent['type'] === 'audio' ? 'output' : null;
}

const STREAMED: Readonly<Record<string, 'input' | 'output' | 'console'>> = {
	'input_audio_buffer.append audio': 'input',
	'response.output_audio.delta delta': 'output',
	'twilio.media media.payload': 'input',
	'earshot.audio audio': 'console'
};

/** A row of the tree. */
export interface MemberRow {
	/** Tells rows apart, also those of lists and objects. */
	readonly key: string;
	readonly path: JsonPath;
	/** The member's name or place; empty for a message that is no object or list. */
	readonly name: string;
	/** From 1. */
	readonly level: number;
	/** From 1, among `siblings`. */
	readonly place: number;
	readonly siblings: number;
	readonly value: unknown;
	/** `more` stands for the members of a long list or object that are not shown yet. */
	readonly kind: 'object' | 'list' | 'text' | 'long-text' | 'other' | 'audio' | 'image' | 'more';
	readonly media: Media | null;
	/** `null` for what cannot be opened. */
	readonly isOpen: boolean | null;
}

/** Text of more characters than this, or of several lines, is folded. */
export const MOST_TEXT = 100;
/** Members of one list or object that are shown at first, and more with each `more`. */
export const MOST_MEMBERS = 100;
/** Rows that are opened without being asked for. */
const MOST_OPENED = 200;
/** What lies deeper is not opened: the text shows it. */
const DEEPEST = 60;

/** How many members of which lists and objects are shown: 0 for one that is folded. By the rows' keys. */
export type Openings = ReadonlyMap<string, number>;

/** The same openings, but for these rows. */
export function setOpenings(openings: Openings, keys: readonly string[], shown: number): Openings {
	return new Map([...openings, ...keys.map((key): [string, number] => [key, shown])]);
}

/** No openings but those that nobody asked for. */
export const NO_OPENINGS: Openings = new Map();

/** The rows of an event's tree that are to be seen. */
export function deriveMemberRows(event: unknown, gaType: string, openings: Openings): MemberRow[] {
	const rows: MemberRow[] = [];
	const add = (value: unknown, path: JsonPath, parent: unknown, place: number, siblings: number): void => {
		const name = path.length === 0 ? '' : String(path.at(-1));
		const media = typeof value === 'string' ? findMedia(gaType, path, parent, value) : null;
		const kind = media?.kind ?? kindOf(value);
		const isFolder = kind === 'object' || kind === 'list' || kind === 'long-text' || kind === 'image';
		const canOpen = isFolder && path.length < DEEPEST && !(kind === 'list' && (value as []).length === 0);
		const key = JSON.stringify(path);
		const shown = openings.get(key) ?? defaultOpening(kind, path.length, rows.length);
		const isOpen = canOpen && !isEmpty(value) ? shown > 0 : null;
		rows.push({ key, path, name, level: Math.max(1, path.length), place, siblings, value, kind, media, isOpen });
		if (isOpen && (kind === 'object' || kind === 'list')) addMembers(value as object, path, shown);
	};
	const addMembers = (parent: object, path: JsonPath, shown: number): void => {
		const names = Object.keys(parent);
		const siblings = names.length > shown ? shown + 1 : names.length;
		for (const [index, name] of names.slice(0, shown).entries()) {
			const step = Array.isArray(parent) ? index : name;
			add((parent as Record<string, unknown>)[name], [...path, step], parent, index + 1, siblings);
		}
		if (names.length <= shown) return;
		rows.push({
			...{ key: `${JSON.stringify(path)} more`, path, name: '', level: path.length + 1, kind: 'more', media: null },
			...{ place: siblings, siblings, value: names.length - shown, isOpen: null }
		});
	};
	if (isObject(event)) addMembers(event, [], openings.get('[]') ?? MOST_MEMBERS);
	else add(event, [], null, 1, 1);
	return rows;
}

function isEmpty(value: unknown): boolean {
	return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function kindOf(value: unknown): MemberRow['kind'] {
	if (Array.isArray(value)) return 'list';
	if (isObject(value)) return 'object';
	if (typeof value !== 'string') return 'other';
	return value.length > MOST_TEXT || value.includes('\n') ? 'long-text' : 'text';
}

function defaultOpening(kind: MemberRow['kind'], depth: number, rowCount: number): number {
	if (kind === 'image') return 1;
	return kind !== 'long-text' && depth <= 3 && rowCount < MOST_OPENED ? MOST_MEMBERS : 0;
}
