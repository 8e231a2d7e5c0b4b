/** Stands between a session and its socket and makes things go wrong, the same things for the same seed and the same events. */
import { describeFault } from '#simulator/faults/fault-text.ts';
import type { DelayFault, ExpireFault, Fault, MalformedFault } from '#simulator/faults/faults.ts';
import { Occasions } from '#simulator/faults/occasions.ts';
import { Outbox } from '#simulator/faults/outbox.ts';
import { TORN } from '#simulator/faults/parse-faults.ts';
import { PROXY_PAGE, rateLimitReached, serverFailed, sessionExpired } from '#simulator/faults/service-failures.ts';
import type { ServiceFailure } from '#simulator/faults/service-failures.ts';
import { createIdMaker, createRandom } from '#simulator/session/ids.ts';
import type { RandomSource } from '#simulator/session/ids.ts';
import type { Schedule, ServerEvent } from '#simulator/session/session-context.ts';
import { isJsonObject } from '#simulator/session/shapes.ts';
import { EXPIRED_REASON } from '#simulator/session/simulated-session.ts';

/** What it needs of a connection. `openSocketEdge` makes one of a WebSocket. */
export interface SocketEdge {
	sendText: (text: string) => void;
	close: (code: number, reason: string) => void;
	/** Ends the connection without a word. */
	tear: () => void;
	/** The client's messages are left in its own buffers. */
	pauseReading: () => void;
	resumeReading: () => void;
}

/** The side of a session that the client's messages go to. */
export interface MessageReceiver {
	receiveText: (text: string) => void;
	receiveBinary: () => void;
}

export interface FaultInjectorOptions {
	faults: readonly Fault[];
	/** Of the faults alone: they must not change what the session draws. */
	random: RandomSource;
	/** Unix time. */
	nowMs: () => number;
	schedule: Schedule;
	/** The model of the session, which errors name. */
	model: string;
	edge: SocketEdge;
	/** Told of each fault that happens, in its short form. */
	onFault?: (fault: string) => void;
}

export interface FaultInjector extends MessageReceiver {
	/** `send` and `close` of the session's dependencies. */
	send: (event: ServerEvent) => void;
	close: (code: number, reason: string) => void;
	/** `faults` of the session's dependencies. */
	responseFaults: { nextResponse: (number: number) => ServiceFailure | undefined };
	/** How long the session may last, if that is less than usual. */
	expireAfterMs: number | undefined;
	/** Whether nothing is sent or read now, so that pings and their answers cannot be expected either. */
	readonly isStalled: boolean;
	/** Call it before the session is opened: times count from here. */
	begin: (session: MessageReceiver) => void;
	/** Stops everything; nothing is sent or received afterwards. */
	dispose: () => void;
}

/** Source: a public issue that quotes code and reason. */
const CLOSE_EXPIRED = 1001;

/** A message that is no JSON object has no type. */
function readType(text: string): string | undefined {
	try {
		const event: unknown = JSON.parse(text);
		return isJsonObject(event) && typeof event['type'] === 'string' ? event['type'] : undefined;
	} catch {
		return undefined;
	}
}

/** Cuts a JSON object at a random place, so that it is none; never through the middle of a character. */
function cutText(text: string, random: RandomSource): string {
	const at = 1 + Math.floor(random() * (text.length - 1));
	const isSplit = /[\ud800-\udbff]/.test(text.charAt(at - 1));
	return text.slice(0, isSplit ? at - 1 : at);
}

function drawDelay({ ms, jitterMs }: DelayFault, random: RandomSource): number {
	return Math.max(0, ms + (random() * 2 - 1) * jitterMs);
}

interface Spoiler {
	fault: MalformedFault;
	random: RandomSource;
}

class Injector implements FaultInjector {
	readonly expireAfterMs: number | undefined;
	readonly #options: FaultInjectorOptions;
	readonly #occasions: Occasions[];
	readonly #outbox: Outbox;
	readonly #timers = new Set<() => void>();
	readonly #newId: (kind: string) => string;
	readonly #readsClientTypes: boolean;
	/** Delays that are in force. */
	readonly #delays = new Set<Occasions>();
	/** What spoils the next event. */
	readonly #spoilers: Spoiler[] = [];
	/** Messages that came although nothing is read; undefined is a binary one. */
	readonly #unread: (string | undefined)[] = [];
	#pause: { untilMs: number; cancel: () => void } | undefined;
	#session: MessageReceiver | undefined;
	#sessionId = '';
	/** The fault that the session's own end is. */
	#expiry: ExpireFault | undefined;
	#isOver = false;

	constructor(options: FaultInjectorOptions) {
		this.#options = options;
		const seed = String(options.random());
		this.#occasions = options.faults.map((fault, index) => new Occasions(fault, `${seed} ${index}`));
		this.#newId = createIdMaker(createRandom(`${seed} ids`), options.nowMs);
		this.#outbox = new Outbox(options.nowMs, options.schedule);
		this.#readsClientTypes = options.faults.some(({ when }) => when && 'clientEvent' in when);
		for (const occasions of this.#occasions) {
			if (occasions.fault.fault === 'delay' && !occasions.fault.when) this.#delays.add(occasions);
		}
		this.expireAfterMs = this.#takeExpiry();
	}

	get isStalled(): boolean {
		return this.#outbox.isSilent || this.#pause !== undefined;
	}

	readonly responseFaults = {
		nextResponse: (number: number): ServiceFailure | undefined => {
			let failure: ServiceFailure | undefined;
			if (this.#isOver) return undefined;
			for (const { fault, random } of this.#occasions.filter((occasions) => occasions.isAtResponse(number))) {
				this.#tell(fault);
				if (fault.fault === 'server_error' && fault.as === 'event') this.#sendError(serverFailed(this.#sessionId));
				else if (fault.fault === 'rate_limit') failure ??= rateLimitReached(this.#options.model, random);
				else failure ??= serverFailed(this.#sessionId);
			}
			return failure;
		}
	};

	readonly begin = (session: MessageReceiver): void => {
		this.#session = session;
		for (const occasions of this.#occasions) this.#startTimer(occasions);
	};

	readonly send = (event: ServerEvent): void => {
		if (this.#isOver) return;
		if (event.type === 'session.created') this.#sessionId = String((event['session'] as { id?: unknown }).id);
		let delayMs = 0;
		for (const delay of this.#delays) delayMs += drawDelay(delay.fault as DelayFault, delay.random);
		let ending: (() => void) | undefined;
		let spoiler: Spoiler | undefined;
		for (const occasions of this.#occasions.filter((candidate) => candidate.isAtEvent(event.type))) {
			const { fault, random } = occasions;
			this.#tell(fault);
			if (fault.fault === 'delay') delayMs += drawDelay(fault, random);
			else if (fault.fault === 'drop') ending ??= () => this.#drop(fault.code, fault.reason);
			else if (fault.fault === 'expire') ending ??= () => this.#expire(fault.announce);
			else if (fault.fault === 'malformed') spoiler ??= { fault, random };
			else this.#happen(fault);
		}
		const text = ending ? '' : this.#spoil(JSON.stringify(event), spoiler ?? this.#spoilers.shift());
		this.#isOver = ending !== undefined;
		this.#outbox.push(delayMs, ending ?? (() => this.#options.edge.sendText(text)));
	};

	readonly close = (code: number, reason: string): void => {
		if (this.#isOver) return;
		this.#isOver = true;
		const expiry = code === CLOSE_EXPIRED ? this.#expiry : undefined;
		if (expiry) this.#tell(expiry);
		this.#outbox.push(0, () => {
			if (expiry) this.#expire(expiry.announce);
			else this.#options.edge.close(code, reason);
		});
	};

	readonly receiveText = (text: string): void => this.#receive(text);

	readonly receiveBinary = (): void => this.#receive(undefined);

	readonly dispose = (): void => {
		this.#isOver = true;
		this.#stop();
	};

	/** An end that a time alone decides is the session's own: then session.created tells of it. */
	#takeExpiry(): number | undefined {
		let earliest: number | undefined;
		for (const occasions of this.#occasions) {
			const { fault } = occasions;
			if (fault.fault !== 'expire' || !('afterMs' in fault.when) || fault.when.every) continue;
			if (!occasions.isAtTime() || fault.when.afterMs >= (earliest ?? Infinity)) continue;
			earliest = fault.when.afterMs;
			this.#expiry = fault;
		}
		return earliest;
	}

	#startTimer(occasions: Occasions): void {
		const { fault } = occasions;
		const { when } = fault;
		if (!when || !('afterMs' in when) || (fault.fault === 'expire' && !when.every)) return;
		const cancel = this.#options.schedule(when.afterMs, () => {
			this.#timers.delete(cancel);
			if (when.every) this.#startTimer(occasions);
			if (occasions.isAtTime()) this.#happenNow(occasions);
		});
		this.#timers.add(cancel);
	}

	/** It happens at a moment that is not an event about to be sent. */
	#happenNow(occasions: Occasions): void {
		if (this.#isOver) return;
		const { fault, random } = occasions;
		this.#tell(fault);
		if (fault.fault === 'delay') this.#delays.add(occasions);
		else if (fault.fault === 'malformed') this.#spoilers.push({ fault, random });
		else if (fault.fault === 'drop' || fault.fault === 'expire') {
			this.#isOver = true;
			if (fault.fault === 'drop') this.#drop(fault.code, fault.reason);
			else this.#outbox.push(0, () => this.#expire(fault.announce));
		} else this.#happen(fault);
	}

	#happen(fault: Fault): void {
		if (fault.fault === 'silence') this.#outbox.hold(fault.forMs);
		else if (fault.fault === 'slow_consumer') this.#stopReading(fault.forMs);
		else if (fault.fault === 'server_error') this.#sendError(serverFailed(this.#sessionId));
	}

	#tell(fault: Fault): void {
		this.#options.onFault?.(describeFault(fault));
	}

	#spoil(text: string, spoiler: Spoiler | undefined): string {
		if (!spoiler) return text;
		return spoiler.fault.as === 'html' ? PROXY_PAGE : cutText(text, spoiler.random);
	}

	#describeError({ type, code, message }: ServiceFailure): string {
		const error = { type, code, message, param: null, event_id: null };
		return JSON.stringify({ type: 'error', event_id: this.#newId('event'), error });
	}

	#sendError(failure: ServiceFailure): void {
		const text = this.#describeError(failure);
		this.#outbox.push(0, () => this.#options.edge.sendText(text));
	}

	/** What waits to be sent is lost with the connection. */
	#drop(code: number, reason: string): void {
		this.#stop();
		if (code === TORN) this.#options.edge.tear();
		else this.#options.edge.close(code, reason);
	}

	#expire(announce: boolean): void {
		this.#stop();
		if (announce) this.#options.edge.sendText(this.#describeError(sessionExpired(EXPIRED_REASON)));
		this.#options.edge.close(CLOSE_EXPIRED, EXPIRED_REASON);
	}

	#stop(): void {
		for (const cancel of this.#timers) cancel();
		this.#timers.clear();
		this.#outbox.clear();
		if (!this.#pause) return;
		this.#pause.cancel();
		this.#pause = undefined;
		// A socket that is not read would not hear the other side's close.
		this.#options.edge.resumeReading();
	}

	#stopReading(forMs: number): void {
		const untilMs = this.#options.nowMs() + forMs;
		if (this.#pause && this.#pause.untilMs >= untilMs) return;
		if (this.#pause) this.#pause.cancel();
		else this.#options.edge.pauseReading();
		const cancel = this.#options.schedule(forMs, () => {
			this.#pause = undefined;
			while (this.#unread.length > 0 && !this.#pause) this.#deliver(this.#unread.shift());
			if (!this.#pause && !this.#isOver) this.#options.edge.resumeReading();
		});
		this.#pause = { untilMs, cancel };
	}

	/** A socket that is paused still gives what it had taken in before. */
	#receive(text: string | undefined): void {
		if (this.#pause) this.#unread.push(text);
		else this.#deliver(text);
	}

	#deliver(text: string | undefined): void {
		if (this.#isOver) return;
		if (this.#readsClientTypes) {
			const type = text === undefined ? undefined : readType(text);
			const due = this.#occasions.filter((occasions) => occasions.isAtClientEvent(type));
			for (const occasions of due) this.#happenNow(occasions);
			if (this.#isOver) return;
		}
		if (text === undefined) this.#session?.receiveBinary();
		else this.#session?.receiveText(text);
	}
}

/** Nothing goes wrong, and nothing stands in the way. */
function passThrough({ edge }: FaultInjectorOptions): FaultInjector {
	let receiver: MessageReceiver | undefined;
	return {
		send: (event) => edge.sendText(JSON.stringify(event)),
		close: edge.close,
		responseFaults: { nextResponse: () => undefined },
		expireAfterMs: undefined,
		isStalled: false,
		begin: (session) => (receiver = session),
		receiveText: (text) => receiver?.receiveText(text),
		receiveBinary: () => receiver?.receiveBinary(),
		dispose: () => {}
	};
}

/**
 * Creates what makes a session's faults. Give the session its `send`, `close`, `responseFaults` and `expireAfterMs`, call
 * `begin` with the session before it is opened, and give it the socket's messages.
 */
export function createFaultInjector(options: FaultInjectorOptions): FaultInjector {
	return options.faults.length === 0 ? passThrough(options) : new Injector(options);
}
