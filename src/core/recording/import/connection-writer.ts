import type { From } from '../recorded-event.ts';
import type { ElidedAudioCount } from './elided-audio.ts';
import type { ConnectionStart, ImportSink, MessageSink } from './import-sink.ts';
import { modelOfSession } from './line-reader.ts';
import { ConnectionClock, type MessageTime } from './message-time.ts';

/** What may become known of a connection at any time, before its messages or after. */
export interface KnownOfConnection {
	readonly endpoint?: string;
	readonly model?: string;
	/** When it was opened, ISO 8601: for one whose messages have no time on the wall. */
	readonly openedAt?: string;
}

/** The session's own events tell its model at the beginning or never. */
const LOOKED_FOR_MODEL = 50;

/**
 * Writes the messages of one connection into a sink: begins it with its first message, lays times on its line, learns
 * the model from the session's own events, and passes on what becomes known.
 */
export class ConnectionWriter {
	readonly #sink: ImportSink;
	readonly #elided: ElidedAudioCount;
	readonly #transport: string;
	readonly #clock = new ConnectionClock();
	#messages: MessageSink | undefined;
	#known: Required<KnownOfConnection> = { endpoint: '', model: '', openedAt: '' };
	#lookedForModel = 0;

	constructor(sink: ImportSink, elided: ElidedAudioCount, transport: string) {
		this.#sink = sink;
		this.#elided = elided;
		this.#transport = transport;
	}

	know(known: KnownOfConnection): void {
		this.#known = { ...this.#known, ...known };
		if (!this.#messages) return;
		const { endpoint, model, openedAt } = known;
		this.#messages.update({
			...(endpoint === undefined ? {} : { endpoint }),
			...(model === undefined ? {} : { model }),
			...(openedAt === undefined || this.#clock.startedAt !== null ? {} : { startedAt: isoOf(openedAt) })
		});
	}

	message(from: From, time: MessageTime | undefined, raw: string): void {
		const at = this.#place(time);
		this.#elided.look(raw);
		this.#messages!.message(from, at, raw);
		if (from === 'server' && this.#known.model === '' && this.#lookedForModel < LOOKED_FOR_MODEL) {
			this.#lookedForModel++;
			const model = modelOfSession(raw);
			if (model) this.know({ model });
		}
	}

	/** @param base64 a binary frame's bytes */
	binary(from: From, time: MessageTime | undefined, base64: string): void {
		const at = this.#place(time);
		this.#messages!.binary(from, at, base64);
	}

	#place(time: MessageTime | undefined): number {
		const hadTime = this.#clock.hasTime;
		const at = this.#clock.next(time);
		if (!this.#messages) {
			const { endpoint, model } = this.#known;
			this.#messages = this.#sink.begin({ endpoint, model, transport: this.#transport, ...this.#times() });
		} else if (this.#clock.hasTime && !hadTime) {
			this.#messages.update(this.#times());
		}
		return at;
	}

	#times(): Pick<ConnectionStart, 'startedAt' | 'clock'> {
		const { hasTime, startedAt } = this.#clock;
		return { startedAt: startedAt ?? isoOf(this.#known.openedAt), clock: hasTime ? 'wall' : 'order' };
	}
}

function isoOf(text: string): string | null {
	const ms = Date.parse(text.slice(0, 64));
	return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
