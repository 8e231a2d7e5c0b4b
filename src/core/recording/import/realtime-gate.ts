import { findEventDefinition, gaType } from '../../protocol/catalog.ts';
import { parseEvent } from '../../protocol/parse-event.ts';
import type { From } from '../recorded-event.ts';
import { ConnectionWriter, type KnownOfConnection } from './connection-writer.ts';
import { ElidedAudioCount } from './elided-audio.ts';
import { parseEndpointAddress } from './endpoint-address.ts';
import type { ImportSink } from './import-sink.ts';
import type { MessageTime } from './message-time.ts';

/** A Realtime session shows what it is in its first messages. */
const LOOKED_AT = 1000;
const LOOKED_AT_CHARS = 4 * 2 ** 20;
/** What is held of others, all together, in case that there is nothing else. */
const HELD_CHARS = 32 * 2 ** 20;
const HELD_MESSAGES = 100_000;

/**
 * Lets those WebSockets of one file through that speak Realtime: by their address, or by their first messages. Others
 * are skipped with a reason, unless there is nothing else: then all are taken, and a note says so.
 *
 * A connection begins in the sink when it is known for what it is. Its messages are held until then; when more are held
 * than memory should bear, and nothing was recognised so far, they are taken as they are.
 */
export class RealtimeGate {
	readonly #sink: ImportSink;
	readonly #elided = new ElidedAudioCount();
	/** Not recognised so far. */
	readonly #waiting = new Set<GatedConnection>();
	#heldChars = 0;
	#heldMessages = 0;
	#isAnyRealtime = false;

	constructor(sink: ImportSink) {
		this.#sink = sink;
	}

	/** @param place where the connection stands in the file: `entry 3` */
	open(place: string): GatedConnection {
		const writer = new ConnectionWriter(this.#sink, this.#elided, 'WebSocket');
		const connection = new GatedConnection(writer, place, {
			recognised: () => this.#recognised(connection),
			held: (chars) => {
				this.#heldMessages++;
				this.#heldChars += chars;
			},
			review: () => this.#review(connection),
			ended: () => this.#ended(connection)
		});
		this.#waiting.add(connection);
		return connection;
	}

	/** The file has ended. */
	end(): void {
		if (this.#isAnyRealtime) this.#dropWhere(() => true);
		else this.#takeAll();
		this.#elided.report(this.#sink);
	}

	#recognised(connection: GatedConnection): void {
		this.#isAnyRealtime = true;
		this.#take(connection);
		this.#dropWhere((other) => other.hasShown);
	}

	/** Something more is held, of a connection that was not recognised by it. */
	#review(connection: GatedConnection): void {
		if (this.#isAnyRealtime && connection.hasShown) this.#drop(connection);
		else if (this.#heldChars > HELD_CHARS || this.#heldMessages > HELD_MESSAGES) {
			if (this.#isAnyRealtime) this.#drop(connection);
			else this.#takeAll();
		}
	}

	#ended(connection: GatedConnection): void {
		if (connection.count === 0) this.#waiting.delete(connection);
		else if (this.#isAnyRealtime) this.#drop(connection);
	}

	#takeAll(): void {
		const taken = [...this.#waiting].filter((connection) => connection.count > 0);
		if (taken.length > 0) this.#sink.note(TOOK_OTHERS);
		for (const connection of taken) this.#take(connection);
	}

	#take(connection: GatedConnection): void {
		this.#forget(connection);
		connection.take();
	}

	#dropWhere(isDropped: (connection: GatedConnection) => boolean): void {
		for (const connection of [...this.#waiting]) if (isDropped(connection)) this.#drop(connection);
	}

	#drop(connection: GatedConnection): void {
		this.#forget(connection);
		connection.drop();
		if (connection.count === 0) return;
		const whom = connection.endpoint === '' ? '' : ` to ${connection.endpoint}`;
		this.#sink.skip({ place: connection.place, reason: `This WebSocket${whom} is no Realtime session.` });
	}

	#forget(connection: GatedConnection): void {
		this.#waiting.delete(connection);
		this.#heldMessages -= connection.heldMessages;
		this.#heldChars -= connection.heldChars;
	}
}

const TOOK_OTHERS =
	'No WebSocket in this file looks like a Realtime session, so those that it holds were taken as they are.';

interface GateCalls {
	recognised(): void;
	held(chars: number): void;
	review(): void;
	ended(): void;
}

/** One WebSocket on its way through a `RealtimeGate`. */
export class GatedConnection {
	readonly place: string;
	readonly #writer: ConnectionWriter;
	readonly #gate: GateCalls;
	#state: 'looking' | 'taken' | 'dropped' = 'looking';
	/** Messages that wait; each writes itself. */
	#held: (() => void)[] = [];
	#heldChars = 0;
	#count = 0;
	#endpoint = '';
	#isRealtimeAddress = false;
	#hasEnded = false;

	constructor(writer: ConnectionWriter, place: string, gate: GateCalls) {
		this.#writer = writer;
		this.place = place;
		this.#gate = gate;
	}

	/** How many messages came. */
	get count(): number {
		return this.#count;
	}

	get endpoint(): string {
		return this.#endpoint;
	}

	get heldMessages(): number {
		return this.#held.length;
	}

	get heldChars(): number {
		return this.#heldChars;
	}

	/** Whether it had its chance to be recognised. */
	get hasShown(): boolean {
		return this.#hasEnded || this.#held.length >= LOOKED_AT || this.#heldChars >= LOOKED_AT_CHARS;
	}

	/** Its address became known, before its messages or after them. */
	knowAddress(url: string): void {
		const { endpoint, path, model } = parseEndpointAddress(url);
		this.#endpoint = endpoint;
		this.#isRealtimeAddress = /realtime/i.test(path);
		const known: KnownOfConnection = model === '' ? { endpoint } : { endpoint, model };
		this.#writer.know(known);
		if (this.#isRealtimeAddress && this.#count > 0 && this.#state === 'looking') this.#gate.recognised();
	}

	/** @param iso when it was opened */
	knowOpening(iso: string): void {
		this.#writer.know({ openedAt: iso });
	}

	message(from: From, time: MessageTime | undefined, raw: string): void {
		const isRealtime = () => isRealtimeEvent(raw);
		this.#add(() => this.#writer.message(from, time, raw), raw.length, isRealtime);
	}

	/** @param base64 a binary frame's bytes */
	binary(from: From, time: MessageTime | undefined, base64: string): void {
		this.#add(
			() => this.#writer.binary(from, time, base64),
			base64.length,
			() => false
		);
	}

	end(): void {
		this.#hasEnded = true;
		if (this.#state === 'looking') this.#gate.ended();
	}

	/** For the gate: what is held and what comes goes on. */
	take(): void {
		this.#state = 'taken';
		for (const write of this.#held.splice(0)) write();
		this.#heldChars = 0;
	}

	/** For the gate: what is held and what comes is let go. */
	drop(): void {
		this.#state = 'dropped';
		this.#held = [];
		this.#heldChars = 0;
	}

	#add(write: () => void, chars: number, isRealtime: () => boolean): void {
		this.#count++;
		if (this.#state === 'taken') write();
		if (this.#state !== 'looking') return;
		const isShown = this.hasShown;
		this.#held.push(write);
		this.#heldChars += chars;
		this.#gate.held(chars);
		if (this.#isRealtimeAddress || (!isShown && isRealtime())) this.#gate.recognised();
		else this.#gate.review();
	}
}

/** Whether it is an event that only Realtime has. Types of one word, as `error`, are everybody’s. */
function isRealtimeEvent(raw: string): boolean {
	const event = parseEvent(raw);
	return event.ok && event.value.type.includes('.') && findEventDefinition(gaType(event.value.type)) !== undefined;
}
