import { encodeBase64 } from '#core/audio/base64.ts';
import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { WireDecoder, WireEncoder } from '#core/audio/wire-format.ts';
import { assertPresent } from '#core/base/assert.ts';
import { numberAt, objectAt, stringAt, type JsonObject } from '#core/base/json.ts';
import type { WireEvent } from '#core/protocol/parse-event.ts';
import { audioWireFormat, sessionTurnDetection } from '#core/protocol/session-config.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import { Recorder } from '#core/recording/recorder.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import { applyEntry, readEntry } from '#core/session/apply-event.ts';
import { createSession, type Session } from '#core/session/session-model.ts';
import type { Connection, ConnectionClose } from '#browser/connection/connection.ts';
import { openWebSocketConnection } from '#browser/connection/websocket-connection.ts';
import { ModelPlayback } from './model-playback.ts';
import { VirtualLine } from './virtual-line.ts';

/** How often the line and the speaker move on, ms. */
const TICK_MS = 4;
/** Silence that is sent after the last sound, beyond what turn detection waits for: as the console does. Milliseconds. */
const TAIL_MARGIN_MS = 400;
/** A call that has not come where it should by then never will. Milliseconds. */
const PATIENCE_MS = 30_000;

export interface CallOptions {
	/** Where the simulator listens. */
	readonly url: string;
	/** The address that is recorded: where a reader finds a simulator of their own. */
	readonly shownUrl: string;
	/** What `session.update` brings when the session has begun. */
	readonly session: JsonObject;
}

interface Waiting {
	readonly isTrue: () => boolean;
	readonly resolve: () => void;
}

/**
 * A call as the console holds it, without a page: a real WebSocket, a caller who speaks in real time, a speaker that
 * plays by the clock. It records what the console would record. Times are rounded to 0.1 ms.
 */
export class HeadlessCall {
	readonly log = new MemoryLog();
	/** The fold of the log so far. */
	readonly session: Session = createSession();
	readonly #options: CallOptions;
	readonly #startedAtMs = performance.now();
	readonly #recorder = new Recorder(
		this.log,
		() => this.#sessionMs(performance.now()),
		({ entry }) => applyEntry(this.session, entry)
	);
	readonly #line = new VirtualLine((pcm16) => this.#captured(pcm16));
	readonly #playback = new ModelPlayback((event, atMs) =>
		this.#recordConsole({ ...event, rendered_at_ms: this.#sessionMs(atMs) })
	);
	#encoder = new WireEncoder('pcm16');
	#decoder = new WireDecoder('pcm16');
	#connection: Connection | null = null;
	#ticking: ReturnType<typeof setInterval> | undefined;
	#waiting: Waiting[] = [];
	/** Silence sent since the button was let go; `null` while it is held, or nothing is sent. */
	#tailMs: number | null = null;
	#requestCount = 0;

	constructor(options: CallOptions) {
		this.#options = options;
	}

	/** Connects, and waits until the session has taken what it was given. */
	async connect(): Promise<void> {
		const { url, shownUrl } = this.#options;
		this.#ticking = setInterval(() => this.#tick(), TICK_MS);
		const opening = {
			type: 'earshot.connection.opening',
			url: shownUrl,
			endpoint: 'Simulator',
			transport: 'WebSocket'
		};
		this.#recordConsole(opening);
		this.#connection = openWebSocketConnection(url, ['realtime'], {
			onopen: () => this.#recordConsole({ type: 'earshot.connection.opened' }),
			onmessage: (text) => this.#receive(text),
			onbinary: (bytes) => this.#recorder.recordBinary('server', encodeBase64(bytes)),
			onproblem: ({ kind, message }) => this.#recordConsole({ type: 'earshot.problem', kind, message }),
			onclose: (close) => this.#end(close)
		});
		await this.until('the session is updated', () => this.count('session.updated') > 0);
	}

	/** Opens the microphone for the rest of the call. */
	openMicrophone(): void {
		this.#recordConsole({ type: 'earshot.microphone.opened' });
		this.#line.setSending(true);
	}

	/** Speaks into the open microphone. */
	async speak(samples: Int16Array): Promise<void> {
		await this.#line.speak(samples);
	}

	/** Speaks while the talk button is held: the microphone is open so long, and silence follows for turn detection. */
	async holdAndSpeak(samples: Int16Array): Promise<void> {
		this.#tailMs = null;
		this.openMicrophone();
		await this.pause(400);
		await this.#line.speak(samples);
		await this.pause(120);
		this.#recordConsole({ type: 'earshot.microphone.closed', reason: 'the button was let go' });
		this.#tailMs = 0;
	}

	/** Sends a client event. */
	send(event: JsonObject): void {
		if (!this.#connection || this.session.connection.state !== 'connected') return;
		const text = JSON.stringify(event);
		this.#recorder.record('client', text);
		this.#connection.send(text);
	}

	/** Asks for a response, as the console does. */
	requestResponse(response?: JsonObject): void {
		const eventId = `earshot_response_${++this.#requestCount}`;
		this.send({ type: 'response.create', event_id: eventId, ...(response && { response }) });
	}

	/** Hangs up. */
	async disconnect(): Promise<void> {
		this.#connection?.close(1000, 'The user disconnected');
		await this.untilClosed();
	}

	/** How many events of a type came from the server so far. */
	count(type: string): number {
		return this.#counts.get(type) ?? 0;
	}

	/** Waits until so many answers have been made and played to their end. */
	untilAnswered(count: number): Promise<void> {
		const isAnswered = () => this.count('response.done') >= count && !this.#playback.isPlaying;
		return this.until(`answer ${count} is over`, isAnswered);
	}

	/** Waits until so much of the newest answer was played, ms. */
	untilHeard(count: number, ms: number): Promise<void> {
		return this.until(`${ms} ms of answer ${count} were heard`, () => {
			const isThere = this.session.utterances.length >= count;
			return isThere && ((this.#playback.position()?.playedSamples ?? 0) * 1000) / SAMPLE_RATE >= ms;
		});
	}

	untilClosed(): Promise<void> {
		return this.until('the connection is closed', () => this.session.connection.state === 'closed');
	}

	pause(ms: number): Promise<void> {
		return new Promise((resolve) => setTimeout(resolve, ms));
	}

	/** Waits for the call to come to a point; throws when it does not, with the point's name. */
	async until(name: string, isTrue: () => boolean): Promise<void> {
		if (isTrue()) return;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const impatience = new Promise<never>((_, reject) => {
			const types = [...this.#counts].map(([type, count]) => `${count} ${type}`).join(', ');
			timer = setTimeout(() => reject(new Error(`In vain: ${name}. So far: ${types}`)), PATIENCE_MS);
		});
		const waiting = new Promise<void>((resolve) => this.#waiting.push({ isTrue, resolve }));
		await Promise.race([waiting, impatience]).finally(() => clearTimeout(timer));
	}

	readonly #counts = new Map<string, number>();

	#tick(): void {
		this.#line.advance();
		this.#playback.advance();
		this.#checkWaiting();
	}

	#checkWaiting(): void {
		const ready = this.#waiting.filter(({ isTrue }) => isTrue());
		this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
		for (const { resolve } of ready) resolve();
	}

	#receive(text: string): void {
		this.#recorder.record('server', text);
		const entry = this.log.entry(this.log.length - 1);
		const event = readEntry(entry);
		if (!event) return;
		this.#counts.set(event.gaType, this.count(event.gaType) + 1);
		this.#react(event, entry);
		this.#checkWaiting();
	}

	#react({ gaType, body }: WireEvent, entry: LogEntry): void {
		switch (gaType) {
			case 'session.created':
				return this.send({ type: 'session.update', session: this.#options.session });
			case 'response.output_audio.delta':
				return this.#playback.play(body, this.#decode(entry));
			case 'response.output_audio.done':
				return this.#playback.finish(body);
			case 'response.done':
				return this.#playback.finishResponse(stringAt(objectAt(body, 'response'), 'id'), this.session);
			case 'input_audio_buffer.speech_started':
				void this.#interrupt(entry.at);
		}
	}

	#decode(entry: LogEntry): Uint8Array {
		const format = audioWireFormat(this.session.config, 'output');
		if (this.#decoder.format !== format) this.#decoder = new WireDecoder(format);
		const { offset, length } = assertPresent(entry.audio, `the audio of entry ${entry.seq}`);
		return this.#decoder.decode(this.log.tracks.model.read(offset, length));
	}

	/** Stops the playing, and tells the server what was played. */
	async #interrupt(noticedAtMs: number): Promise<void> {
		for (const stopped of await this.#playback.stop(this.session.activeResponseId)) {
			const { itemId, contentIndex, playedSamples, playedMs, atMs, outputLatencyMs } = stopped;
			this.#recordConsole({
				type: 'earshot.playback.stopped',
				item_id: itemId,
				content_index: contentIndex,
				played_samples: playedSamples,
				rendered_at_ms: this.#sessionMs(atMs),
				output_latency_ms: outputLatencyMs,
				reason: 'caller_speech',
				noticed_at_ms: noticedAtMs
			});
			const claim = { item_id: itemId, content_index: contentIndex, audio_end_ms: playedMs };
			this.send({ type: 'conversation.item.truncate', ...claim });
		}
	}

	#captured(pcm16: Uint8Array): void {
		const format = audioWireFormat(this.session.config, 'input');
		if (this.#encoder.format !== format) this.#encoder = new WireEncoder(format);
		const bytes = this.#encoder.encode(pcm16);
		if (bytes.length > 0) this.send({ type: 'input_audio_buffer.append', audio: encodeBase64(bytes) });
		if (this.#tailMs === null) return;
		this.#tailMs += (pcm16.length / 2 / SAMPLE_RATE) * 1000;
		const waits = numberAt(sessionTurnDetection(this.session.config), 'silence_duration_ms') ?? 500;
		const isOpen = this.session.speech.at(-1)?.stoppedAt === null;
		if (this.#tailMs < waits + TAIL_MARGIN_MS || isOpen) return;
		this.#tailMs = null;
		this.#line.setSending(false);
	}

	#end({ code, reason, wasClean }: ConnectionClose): void {
		const position = this.#playback.position();
		if (position) {
			this.#recordConsole({
				type: 'earshot.playback.stopped',
				item_id: position.itemId,
				content_index: position.contentIndex,
				played_samples: position.playedSamples,
				rendered_at_ms: this.#sessionMs(position.atMs),
				reason: 'connection_closed'
			});
		}
		this.#recordConsole({ type: 'earshot.connection.closed', code, reason, was_clean: wasClean });
		this.#connection = null;
		clearInterval(this.#ticking);
		this.#checkWaiting();
	}

	#recordConsole(event: Readonly<Record<string, unknown>>): void {
		this.#recorder.record('console', JSON.stringify(event));
	}

	#sessionMs(nowMs: number): number {
		return Math.round((nowMs - this.#startedAtMs) * 10) / 10;
	}
}
