import { numberAt, stringAt } from '../../base/json.ts';
import { parseEvent } from '../../protocol/parse-event.ts';
import type { LogEntry } from '../recorded-event.ts';
import type { EntryReader } from './audio-reader.ts';

/** A connection of a recording, and what Earshot's own events tell of it. Times are session time, ms. */
export interface RecordedConnection {
	/** Its entries: from the first one up to, and without, the last one. */
	readonly firstIndex: number;
	readonly endIndex: number;
	/** As the client called it; `null` when it was not recorded. */
	readonly url: string | null;
	/** When it began to open; of a recording that does not tell, when its first entry came. */
	readonly startedAt: number;
	/** `null` when it never opened, or was recorded by something that does not tell. */
	readonly openedAt: number | null;
	readonly endedAt: number;
	/** How it was closed; `null` when that was not recorded. */
	readonly closed: { readonly code: number | null; readonly reason: string } | null;
	/** How many of its entries crossed the wire. */
	readonly messageCount: number;
}

type Draft = { -readonly [Key in keyof RecordedConnection]: RecordedConnection[Key] };

/** The connections of a recording, in order: one, unless it was opened again. None of a recording without entries. */
export function findConnections(entries: EntryReader): RecordedConnection[] {
	const connections: Draft[] = [];
	let current: Draft | undefined;
	for (let index = 0; index < entries.length; index++) {
		const entry = entries.entry(index);
		const told = entry.from === 'console' ? readConnectionEvent(entry) : undefined;
		const isAnother = told?.type === 'earshot.connection.opening' && current && hasBegun(current);
		if (!current || isAnother) connections.push((current = begin(index, entry.at)));
		current.endIndex = index + 1;
		if (current.closed === null) current.endedAt = entry.at;
		if (entry.from !== 'console') current.messageCount++;
		if (told) apply(current, told, entry.at);
	}
	return connections;
}

function begin(index: number, at: number): Draft {
	const unknown = { url: null, openedAt: null, closed: null, messageCount: 0 };
	return { ...unknown, firstIndex: index, endIndex: index, startedAt: at, endedAt: at };
}

function hasBegun({ url, openedAt, closed, messageCount }: Draft): boolean {
	return url !== null || openedAt !== null || closed !== null || messageCount > 0;
}

interface ConnectionEvent {
	readonly type: string;
	readonly url: string;
	readonly code: number | null;
	readonly reason: string;
}

function readConnectionEvent({ text }: LogEntry): ConnectionEvent | undefined {
	// A long session has hundreds of thousands of entries, and few of them are about its connection.
	const event = text.includes('earshot.connection.') ? parseEvent(text) : undefined;
	if (!event?.ok) return undefined;
	const { type, body } = event.value;
	const code = numberAt(body, 'code') ?? null;
	return { type, url: stringAt(body, 'url') ?? '', code, reason: stringAt(body, 'reason') ?? '' };
}

function apply(connection: Draft, { type, url, code, reason }: ConnectionEvent, at: number): void {
	if (type === 'earshot.connection.opening') {
		connection.url = url;
		connection.startedAt = at;
	} else if (type === 'earshot.connection.opened') {
		connection.openedAt ??= at;
	} else if (type === 'earshot.connection.closed' && connection.closed === null) {
		connection.closed = { code, reason };
		connection.endedAt = at;
	}
}
