import { numberAt, stringAt } from '../base/json.ts';
import type { From } from '../protocol/direction.ts';
import { mediaStreamId } from '../protocol/media-stream.ts';
import { parseEvent, type WireEvent } from '../protocol/parse-event.ts';
import type { LogEntry, TrackName } from '../recording/recorded-event.ts';
import { readEventIds } from './event-ids.ts';
import { DeltaReader } from './read-delta.ts';

/** A run that may still go on. */
interface OpenRun {
	readonly run: number;
	readonly from: From;
	readonly stream: string;
	readonly item: string | undefined;
	readonly response: string | undefined;
}

/** Runs that may go on at the same time; a session has a handful. With one more the oldest is over. */
const MOST_OPEN = 64;

/** Events by the hundred that continue one another. */
const PIECES = /\.delta$|^earshot\.playback\.position$/;

/**
 * The runs of a log: events that continue one another, such as the pieces of one text, or of a caller's audio. Events of
 * one run have the same type and sender and are of the same part of the same item; of audio that is sent up, the same
 * sender. A run ends with any other event of its stream: of the same item, or response, by the same sender; of caller audio
 * with any other event of the input buffer (speech began, committed). What is sent in between on other streams does not
 * end it: the deltas of a text and of its audio come by turns.
 */
export class EventRuns {
	/** Events that were looked at. */
	length = 0;
	/** Runs so far, those of one event among them; they are numbered from 1. */
	count = 0;
	#runOf = new Uint32Array(4096);
	readonly #open = new Map<string, OpenRun>();
	readonly #audio: Readonly<Record<TrackName, AudioRun>> = { caller: new AudioRun(), model: new AudioRun() };

	/** Looks at the log's next event. */
	add(entry: LogEntry): void {
		if (this.length === this.#runOf.length) {
			const grown = new Uint32Array(this.#runOf.length * 2);
			grown.set(this.#runOf);
			this.#runOf = grown;
		}
		this.#runOf[this.length++] = entry.audio ? this.#addAudio(entry, entry.audio.track) : this.#addText(entry);
	}

	/** The run of an event that was looked at; 0 for an event that is of none. */
	runOf(seq: number): number {
		return this.#runOf[seq]!;
	}

	#addAudio(entry: LogEntry, track: TrackName): number {
		const latest = this.#audio[track];
		const event = latest.reader.read(entry);
		if (event !== latest.event || entry.from !== latest.from) {
			latest.event = event;
			latest.from = entry.from;
			latest.key = event.ok ? keyOf(entry.from, event.value) : '';
		}
		return event.ok ? this.#join(latest.key, entry.from, event.value) : 0;
	}

	#addText(entry: LogEntry): number {
		const event = entry.binary ? null : parseEvent(entry.text);
		if (!event?.ok) return 0;
		if (PIECES.test(event.value.gaType)) return this.#join(keyOf(entry.from, event.value), entry.from, event.value);
		this.#end(entry.from, event.value);
		return 0;
	}

	#join(key: string, from: From, event: WireEvent): number {
		const known = this.#open.get(key);
		if (known) return known.run;
		if (this.#open.size === MOST_OPEN) this.#open.delete(this.#open.keys().next().value!);
		const run = ++this.count;
		const item = stringAt(event.body, 'item_id');
		this.#open.set(key, { run, from, stream: streamOf(event), item, response: stringAt(event.body, 'response_id') });
		return run;
	}

	/** Ends the runs whose stream an event is of. */
	#end(from: From, event: WireEvent): void {
		if (this.#open.size === 0) return;
		const { item, response } = readEventIds(event.body);
		const stream = streamOf(event);
		// An event that names an item and its response is about the item.
		const isOfOneItem = ['item', 'item_id'].some((name) => Object.hasOwn(event.body, name));
		for (const [key, run] of this.#open) {
			const isOfStream = stream !== '' && stream === run.stream && (stream === INPUT || from === run.from);
			const isOfItem = from === run.from && run.item !== undefined && item.includes(run.item);
			const isOfResponse =
				from === run.from && !isOfOneItem && run.response !== undefined && response.includes(run.response);
			if (isOfStream || isOfItem || isOfResponse) this.#open.delete(key);
		}
	}
}

const INPUT = 'input_audio_buffer';

/** The stream that events without an item are of: the input buffer, or that of a telephone service. */
function streamOf({ gaType, body }: WireEvent): string {
	const name = gaType.startsWith('session.') ? gaType.slice('session.'.length) : gaType;
	if (name.startsWith(`${INPUT}.`)) return INPUT;
	return gaType.startsWith('twilio.') ? `twilio ${mediaStreamId(body) ?? ''}` : '';
}

function keyOf(from: From, { type, body }: WireEvent): string {
	const ids = ['response_id', 'item_id', 'call_id'].map((key) => stringAt(body, key) ?? '');
	const indexes = ['output_index', 'content_index'].map((key) => numberAt(body, key) ?? '');
	return JSON.stringify([from, type, mediaStreamId(body) ?? '', ...ids, ...indexes]);
}

/** What the audio event of one track that was seen last was like. */
class AudioRun {
	readonly reader = new DeltaReader();
	event: ReturnType<DeltaReader['read']> | null = null;
	from: From | null = null;
	key = '';
}
