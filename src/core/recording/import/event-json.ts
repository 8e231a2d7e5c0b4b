import { decodeUtf8 } from '../../base/utf8.ts';
import { formatCount } from '../../base/words.ts';
import { findEventDefinition, gaType } from '../../protocol/catalog.ts';
import type { From } from '../recorded-event.ts';
import { ConnectionWriter } from './connection-writer.ts';
import { ElidedAudioCount } from './elided-audio.ts';
import { isRealtime, readLinePrefix, readLoggedEvent, type LoggedEvent } from './event-wrapper.ts';
import type { FormatReader, ImportFormat, ImportSink } from './import-sink.ts';
import { ObjectFinder, type FoundObject, type ObjectPlace } from './object-finder.ts';

/**
 * Any text that holds event JSON: JSONL, a list, one event, a log with events between other text, each by itself or in
 * a wrapper. Who sent an event is what its wrapper says, or else what its type says.
 */
export const EVENT_JSON_FORMAT: ImportFormat = {
	id: 'event-json',
	name: 'Event JSON',
	isForeign: true,
	sniff: sniffEventJson,
	open: (sink) => new EventJsonReader(sink)
};

/** Types with a dot are Realtime's own; of a log's first events one of them must be. */
const TYPE = /"type\\?"\s*:\s*\\?"([a-z_]+(?:\.[a-z_]+)+)\\?"/g;

function sniffEventJson(head: Uint8Array): number {
	if (head.length === 0 || head.includes(0)) return 0;
	const text = decodeUtf8(head.subarray(0, 65_536));
	if (text.split('\uFFFD').length > 2 + text.length / 20) return 0;
	for (const [, type = ''] of text.matchAll(TYPE)) if (findEventDefinition(gaType(type))) return 0.6;
	return text.includes('{') ? 0.1 : 0.05;
}

/** Objects of which only later ones tell whether they are events. */
const MAX_HELD = 256;
const MAX_HELD_CHARS = 4 * 2 ** 20;

interface HeldEvent {
	readonly event: LoggedEvent;
	readonly place: ObjectPlace;
}

class EventJsonReader implements FormatReader {
	readonly #sink: ImportSink;
	readonly #finder: ObjectFinder;
	readonly #elided = new ElidedAudioCount();
	#writer: ConnectionWriter | undefined;
	#hasServerEvent = false;
	#usesOwnTimes = false;
	/** While nothing is known to be Realtime. */
	#held: HeldEvent[] = [];
	#heldChars = 0;
	#guessed = 0;
	readonly #guessedTypes = new Set<string>();

	constructor(sink: ImportSink) {
		this.#sink = sink;
		this.#finder = new ObjectFinder({
			object: (found) => this.#object(found),
			untaken: (found) => this.#untaken(found),
			broken: (place, reason) => this.#sink.skip({ place: describePlace(place), reason })
		});
	}

	push(bytes: Uint8Array): void {
		this.#finder.push(bytes);
	}

	end(): void {
		this.#finder.end();
		for (const held of this.#held.splice(0)) this.#skipHeld(held);
		if (!this.#writer) this.#sink.skip({ place: 'the file', reason: NO_EVENTS });
		else if (this.#finder.prose.count > 0) this.#sink.note(passedOver(this.#finder.prose));
		if (this.#guessed > 0) this.#sink.note(guessed(this.#guessed, [...this.#guessedTypes]));
		this.#elided.report(this.#sink);
	}

	/** Takes what is an event beyond doubt, or is in a session. */
	#object(found: FoundObject): boolean {
		const event = readFound(found);
		if (!event) return false;
		const isSure = isRealtime(event) || (event.isWrapped && event.saidFrom !== undefined);
		const isLikely = event.hasEventId || (this.#writer && event.knownFrom);
		if (isSure || (isLikely && this.#writer)) {
			for (const held of this.#held.splice(0)) this.#take(held.event);
			this.#take(event);
		} else if (isLikely) this.#hold(event, found);
		else return false;
		return true;
	}

	/** An object with nothing in it that was taken. */
	#untaken(found: FoundObject): void {
		const event = readFound(found);
		if (!event) this.#sink.skip({ place: describePlace(found), reason: NO_EVENT });
		else if (this.#writer) this.#take(event);
		else this.#hold(event, found);
	}

	#hold(event: LoggedEvent, { line, index }: ObjectPlace): void {
		this.#held.push({ event, place: { line, index } });
		this.#heldChars += event.raw.length;
		while (this.#held.length > MAX_HELD || this.#heldChars > MAX_HELD_CHARS) this.#skipHeld(this.#held.shift()!);
	}

	#skipHeld({ event, place }: HeldEvent): void {
		this.#heldChars -= event.raw.length;
		const type = JSON.stringify(event.type.slice(0, 100));
		this.#sink.skip({ place: describePlace(place), reason: `${type} is no type of a Realtime event.` });
	}

	#take(event: LoggedEvent): void {
		const from = event.saidFrom ?? event.knownFrom ?? this.#guess(event);
		if (from === 'server' && SESSION_BEGINS.includes(event.type) && this.#hasServerEvent) {
			this.#writer = undefined;
			this.#hasServerEvent = false;
		}
		if (!this.#writer) {
			this.#writer = new ConnectionWriter(this.#sink, this.#elided, '');
			this.#usesOwnTimes = event.time === undefined && event.ownTime !== undefined;
		}
		if (from === 'server' && isRealtime(event)) this.#hasServerEvent = true;
		this.#writer.message(from, event.time ?? (this.#usesOwnTimes ? event.ownTime : undefined), event.raw);
	}

	#guess({ type, hasEventId }: LoggedEvent): From {
		this.#guessed++;
		if (this.#guessedTypes.size < 5) this.#guessedTypes.add(type.slice(0, 100));
		return hasEventId ? 'server' : 'client';
	}
}

const SESSION_BEGINS = ['session.created', 'transcription_session.created'];
const NO_EVENT = 'There is no Realtime event in this JSON object.';
const NO_EVENTS =
	'There are no Realtime events in this file. Earshot looks for JSON objects with a "type" such as "session.created".';

function guessed(count: number, types: readonly string[]): string {
	const what = count === 1 ? '1 event is' : `${count.toLocaleString('en-US')} events are`;
	const names = types.map((type) => JSON.stringify(type)).join(', ');
	return (
		`${what} of a type that Earshot does not know (${names}), and the file does not say who sent it: ` +
		'with an event_id it counts as the server’s, else as the client’s.'
	);
}

function passedOver({ count, first }: ObjectFinder['prose']): string {
	if (count === 1) return `Passed over: 1 line without a JSON object, line ${first}.`;
	return `Passed over: ${formatCount(count, 'line')} without a JSON object, the first is line ${first}.`;
}

function readFound(found: FoundObject): LoggedEvent | undefined {
	const event = readLoggedEvent(decodeUtf8(found.bytes));
	if (!event || found.prefix === '') return event;
	const prefix = readLinePrefix(found.prefix);
	return { ...event, saidFrom: event.saidFrom ?? prefix.saidFrom, time: event.time ?? prefix.time };
}

function describePlace({ line, index }: ObjectPlace): string {
	return index === 0 ? `line ${line}` : `line ${line}, object ${index + 1}`;
}
