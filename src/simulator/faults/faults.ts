/** What can go wrong on purpose, as data. `parseFaults` makes it from JSON and `parseFaultText` from a short text. */

/** How often a fault happens on the occasions that its trigger names. */
export interface Chance {
	/** 0 to 1: how likely it is on each of them. */
	probability: number;
	/** True: on every nth occasion; false: on the nth, and then never again. */
	every: boolean;
}

/** So long after the session opened; with `every`, again after each such time. */
export interface TimeTrigger extends Chance {
	afterMs: number;
}

/** When the nth server event of a type (`any` is every type) is about to be sent. */
export interface EventTrigger extends Chance {
	event: string;
	nth: number;
}

/** When the nth client event of a type (`any` is every message) has come. */
export interface ClientEventTrigger extends Chance {
	clientEvent: string;
	nth: number;
}

/** When the response with this number in the session, from 1, would begin to answer. */
export interface ResponseTrigger extends Chance {
	response: number;
}

export type WireTrigger = TimeTrigger | EventTrigger | ClientEventTrigger;
export type Trigger = WireTrigger | ResponseTrigger;

/**
 * Server events arrive later, by `ms` and a random part of `jitterMs` more or less; their order stays. Without `when` all of
 * them; with `event` those that it names, and what waits behind them; with another trigger all of them from then on.
 */
export interface DelayFault {
	fault: 'delay';
	ms: number;
	jitterMs: number;
	when?: WireTrigger;
}

/**
 * The connection ends in place of an event, or at once. 1006 tears the socket without a close frame; other codes close it
 * with a reason.
 */
export interface DropFault {
	fault: 'drop';
	code: number;
	reason: string;
	when: WireTrigger;
}

/** A response ends as `failed`, because too many tokens were used. */
export interface RateLimitFault {
	fault: 'rate_limit';
	when: ResponseTrigger;
}

/** The service itself fails: a response that ends as `failed`, or an `error` event before what would be sent. */
export type ServerErrorFault =
	| { fault: 'server_error'; as: 'response'; when: ResponseTrigger }
	| { fault: 'server_error'; as: 'event'; when: Trigger };

/**
 * A frame that is not JSON in place of an event: the event cut off in the middle, or a page of a proxy. Without an event to
 * name, the next one.
 */
export interface MalformedFault {
	fault: 'malformed';
	as: 'cut' | 'html';
	when: WireTrigger;
}

/** The session reaches its end early. */
export interface ExpireFault {
	fault: 'expire';
	/** An `error` event `session_expired` comes first. Source: the API of 2024; nobody saw it since. */
	announce: boolean;
	when: WireTrigger;
}

/** The server reads nothing of what the client sends for so long, and then all of it. */
export interface SlowConsumerFault {
	fault: 'slow_consumer';
	forMs: number;
	when: WireTrigger;
}

/** The server sends nothing for so long, and then all of it: a stalled network. */
export interface SilenceFault {
	fault: 'silence';
	forMs: number;
	when: WireTrigger;
}

export type Fault =
	| DelayFault
	| DropFault
	| RateLimitFault
	| ServerErrorFault
	| MalformedFault
	| ExpireFault
	| SlowConsumerFault
	| SilenceFault;

export type FaultKind = Fault['fault'];

/** What stands for every type of event in a trigger. */
export const ANY_EVENT = 'any';

/** The events of translation sessions, which the catalog of the API's events does not have. Source: openai 7.55 types. */
export const TRANSLATION_SERVER_EVENTS: readonly string[] = [
	'session.input_transcript.delta',
	'session.output_transcript.delta',
	'session.output_audio.delta',
	'session.closed'
];
export const TRANSLATION_CLIENT_EVENTS: readonly string[] = ['session.input_audio_buffer.append', 'session.close'];
