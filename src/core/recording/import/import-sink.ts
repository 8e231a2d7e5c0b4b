import type { From, RecordingHeader } from '../recorded-event.ts';

/**
 * What is known of a connection when its first message is read. Each becomes one recording; several in one file become
 * several.
 */
export interface ConnectionStart {
	/** For people; the page's default is the file's name. */
	readonly title?: string;
	/** Host of the address, or whatever names the other side; empty when nothing does. */
	readonly endpoint: string;
	readonly transport: string;
	/** The model that the address asks for; the session's own events may tell it later. */
	readonly model: string;
	/** Wall time of the connection's zero, ISO 8601; `null` when the file has none. */
	readonly startedAt: string | null;
	readonly clock: RecordingClock;
}

/**
 * Where a recording's times come from: `monotonic` (Earshot's own), `wall` (another tool's clock on the wall, which may
 * jump), `order` (the file has none: events stand a millisecond apart, and their distances mean nothing).
 */
export type RecordingClock = NonNullable<RecordingHeader['clock']>;

/** Something of a file that is in no recording. */
export interface SkippedPart {
	/** Where it stood: `line 12`, `entry 3, message 7`, `resources/ab12.jsonl, line 4`. */
	readonly place: string;
	/** A sentence for the page. */
	readonly reason: string;
}

/** Takes in what a reader finds. */
export interface ImportSink {
	/** A connection begins. */
	begin(start: ConnectionStart): MessageSink;
	skip(part: SkippedPart): void;
	/** Something that was put right, or that holds for all of it: a sentence for the page. Each is said once. */
	note(text: string): void;
}

/** Takes in the messages of one connection, in the order of the file. */
export interface MessageSink {
	/** A text message. `at` is ms since the connection's zero; a time before the last one's counts as the last one's. */
	message(from: From, at: number, raw: string): void;
	/** A binary frame, as base64. */
	binary(from: From, at: number, base64: string): void;
	/** What became known later: the model of `session.created`, for one. */
	update(known: Partial<ConnectionStart>): void;
}

/** Reads one file. Is given its bytes in order, in pieces of any size; calls its sink synchronously. */
export interface FormatReader {
	push(bytes: Uint8Array): void;
	/** The file has ended, or was given up: what is whole by now is handed over, what is not is skipped with a reason. */
	end(): void;
}

/** A kind of file that can be read. */
export interface ImportFormat {
	/** Short and stable: `chrome-har`. */
	readonly id: string;
	/** For the page: `Chrome HAR`. */
	readonly name: string;
	/** Written by other tools: secrets are taken out unless the user wants them kept. */
	readonly isForeign: boolean;
	/** How sure the first bytes of the file make it, 0 (no) to 1. Never looks at the file's name. */
	sniff(head: Uint8Array): number;
	open(sink: ImportSink): FormatReader;
}
