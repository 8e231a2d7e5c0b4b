import type { From } from '../recorded-event.ts';

/** What is taken out. Secrets and addresses always are, unless `redaction` as a whole is switched off. */
export interface RedactionOptions {
	/**
	 * Dotted paths of members whose values are taken out, as `session.instructions` or `item.content[*].text`; `*` is any
	 * one key, `**` any number of them. A path goes on into JSON that stands in a string, as in `item.arguments.city`.
	 */
	readonly paths?: readonly string[];
	readonly emails?: boolean;
	readonly phones?: boolean;
	readonly cards?: boolean;
}

/** Kinds of what is taken out, as they stand in a header's `redacted` and in the marks `[redacted: api key]`. */
export type RedactionKind =
	| 'api key'
	| 'authorization'
	| 'client secret'
	| 'token'
	| 'password'
	| 'secret'
	| 'cookie'
	| 'ip address'
	| 'email'
	| 'phone number'
	| 'card number'
	| 'path'
	| 'audio';

/** One thing that was taken out, for the preview. */
export interface Redaction {
	readonly kind: RedactionKind;
	/** Where: an event's type and the path in it, a header's name, `address`. */
	readonly where: string;
	/** How it begins and how long it is, never the whole: `sk-p… (56 characters)`. */
	readonly hint: string;
}

/** Takes secrets out of one recording. Remembers what it took out, and what a text that goes on over several events began. */
export interface Redactor {
	/**
	 * Takes note of a message before any of them is asked for, where that is possible: so personal data is found that several
	 * messages spell. `message` must get the same ones in the same order then.
	 */
	foresee(from: From, raw: string): void;
	/** A message's text without its secrets; the same string when there are none. All else stays byte for byte. */
	message(from: From, raw: string): string;
	/**
	 * A binary frame, as base64, without the secrets of the text that it may hold; the same string when there are none or it
	 * is not canonical base64.
	 */
	binary(from: From, base64: string): string;
	/** A header of a HTTP exchange. */
	headerValue(name: string, value: string): string;
	/** An address, with what its query holds. */
	url(url: string): string;
	/** Any other text that leaves with a recording: its title, its note. */
	text(text: string, where: string): string;
	/** How many of each kind so far. */
	readonly counts: ReadonlyMap<RedactionKind, number>;
	/** The first 500 of them. */
	readonly found: readonly Redaction[];
}
