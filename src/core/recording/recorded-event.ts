import type { From } from '../protocol/direction.ts';

export type { From };

/**
 * One message as it crossed the wire, stamped before anything parsed it.
 *
 * The raw text is the truth: it is kept byte for byte, also when it is not JSON or of a type that nobody knows.
 */
export interface RecordedEvent {
	/** Position in the recording, from 0, without gaps. */
	readonly seq: number;
	/** Milliseconds since the recording began; monotonic, fractional. */
	readonly at: number;
	readonly from: From;
	/** The message's text; for a binary frame its bytes as base64. */
	readonly raw: string;
	readonly binary?: true;
}

/** The two speakers' tracks: caller audio goes up, model audio comes down. */
export type TrackName = 'caller' | 'model';

export const TRACK_NAMES: readonly TrackName[] = ['caller', 'model'];

/** Where the audio that was taken out of an event's text lies. */
export interface AudioRef {
	readonly track: TrackName;
	/** Index in `text` at which the base64 stood. */
	readonly index: number;
	/** First byte in the track. */
	readonly offset: number;
	/** Number of bytes. */
	readonly length: number;
}

/**
 * A recorded event as it is kept: the audio payload is held once, as bytes in its track, and `text` is the raw text
 * without it. Putting the base64 back at `audio.index` gives the raw text, byte for byte.
 */
export interface LogEntry {
	readonly seq: number;
	readonly at: number;
	readonly from: From;
	readonly text: string;
	readonly binary?: true;
	readonly audio?: AudioRef;
	/** Audio entries whose text differs in its `event_id` alone may have the same one: they need to be read only once. */
	readonly shape?: object | undefined;
}

/** The first line of a recording file, and what the library knows of a recording from its first moment. */
export interface RecordingHeader {
	/** Version of the recording format. */
	readonly earshot: 1;
	readonly id: string;
	/** Wall time of the recording's zero, ISO 8601. A label only: order and lengths come from `at`. */
	readonly startedAt: string;
	readonly title: string;
	/** Name of the endpoint, e.g. `Simulator`. */
	readonly endpoint: string;
	readonly transport: string;
	readonly model: string;
	/** Kinds of content that were redacted; empty when nothing was. */
	readonly redacted: readonly string[];
	/** Where the times come from; Earshot's own monotonic clock when it is absent. See `RecordingClock`. */
	readonly clock?: 'monotonic' | 'wall' | 'order';
	/** The kind of file that it was read from, for people: `Chrome HAR`. Absent for Earshot's own. */
	readonly source?: string;
	/** Words by which its keeper finds it again. */
	readonly tags?: readonly string[];
	/** What its keeper wrote about it. */
	readonly note?: string;
}

/**
 * How a recording ended: it is being made, was closed, or its tab died before it could close it; `importing` is being read
 * from a file.
 */
export type RecordingStatus = 'live' | 'importing' | 'closed' | 'interrupted';

/** What the library shows of a recording without opening it. */
export interface RecordingSummary {
	readonly header: RecordingHeader;
	readonly status: RecordingStatus;
	readonly lengthMs: number;
	readonly eventCount: number;
	readonly callerBytes: number;
	readonly modelBytes: number;
	/** Bytes of the events as they are stored; absent where nobody counted them. */
	readonly eventBytes?: number;
	readonly turns: number;
	readonly interruptions: number;
	readonly errors: number;
}
