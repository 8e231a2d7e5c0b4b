import { objectAt, stringAt } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import type { WireEvent } from '#core/protocol/parse-event.ts';
import { audioWireFormat, sessionTurnDetection } from '#core/protocol/session-config.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import { readEntry } from '#core/session/apply-event.ts';
import { encodeBase64 } from '#core/audio/base64.ts';
import { WireDecoder, WireEncoder } from '#core/audio/wire-format.ts';
import type { AudioProblem } from '#browser/audio-device/audio-problem.ts';
import { closeMeaning } from '#browser/connection/close-meaning.ts';
import type { Connection, ConnectionCallbacks, ConnectionClose } from '#browser/connection/connection.ts';
import { openWebSocketConnection } from '#browser/connection/websocket-connection.ts';
import { showAudioProblem } from './audio-problems.ts';
import { BusySwitch } from './busy.ts';
import { CallerVoice } from './caller-voice.svelte.ts';
import { drafts } from './drafts.svelte.ts';
import { buildSessionUpdate, type Endpoint } from './endpoints.ts';
import { library } from './library.svelte.ts';
import { showBrokenMessage, showLostConnection, showRefusal } from './live-notices.ts';
import { LiveRecording, type OpenWriter } from './live-recording.svelte.ts';
import { ModelVoice } from './model-voice.ts';
import { notices } from './notices.svelte.ts';
import { newHeader } from './recording-header.ts';
import { ResponseRequests } from './response-requests.ts';
import { ToolCalls } from './tool-calls.svelte.ts';
import { AppliedDrafts } from './session-applied.svelte.ts';
import { sessionSettings, type SessionSending } from './session-settings.svelte.ts';

export type LiveStatus = 'disconnected' | 'connecting' | 'connected' | 'closed';

/** What a session needs of the outside; tests bring their own. */
export interface LiveSessionParts {
	openConnection(url: string, callbacks: ConnectionCallbacks): Connection;
	openWriter: OpenWriter;
}

const BROWSER_PARTS: LiveSessionParts = {
	openConnection: (url, callbacks) => openWebSocketConnection(url, ['realtime'], callbacks),
	openWriter: (header, log, onstate) => library.openWriter(header, log, onstate)
};

const NOT_SENT = 'The connection is closing; it was not sent.';

/**
 * The session that is being held now. Everything goes into its recording first, raw and stamped; what the page does
 * about it comes after. It outlives the page that shows it: looking at a recording does not end a call.
 */
export class LiveSession {
	status = $state<LiveStatus>('disconnected');
	/** Why the last connection ended, in words; empty while there is none. */
	closeText = $state('');
	recording = $state.raw(new LiveRecording(null));
	readonly caller = new CallerVoice({
		onaudio: (bytes) => this.#sendAudio(bytes),
		onrecord: (event) => this.recording.recordConsole(event),
		onfinished: () => this.#finishCallerTurn(),
		ontalk: () => void this.#speakOver(),
		speechIsOpen: () => this.#session.speech.at(-1)?.stoppedAt === null,
		config: () => this.#session.config
	});
	readonly tools = new ToolCalls({
		session: () => this.#session,
		nowMs: () => this.recording.sessionMs(performance.now()),
		send: (event) => this.#sendText(JSON.stringify(event)),
		requestResponse: () => this.#requestResponse()
	});
	readonly #model = new ModelVoice((event, atMs) =>
		this.recording.recordConsole({ ...event, rendered_at_ms: this.recording.sessionMs(atMs) })
	);
	readonly #parts: LiveSessionParts;
	readonly #requests = new ResponseRequests((event) => this.#send(event));
	readonly #applied = new AppliedDrafts();
	readonly #connecting = new BusySwitch();
	readonly #answering = new BusySwitch();
	#watchers: readonly (() => void)[] = [];
	#connection: Connection | null = null;
	#encoder = new WireEncoder('pcm16');
	#decoder = new WireDecoder('pcm16');
	/** Grows with each connect and each end, so that what was awaited in between knows that it comes too late. */
	#attempt = 0;
	#isClosing = false;
	/** What the connection said of its end, beyond the close code. */
	#problem = '';
	/** Typed messages go out one after another: each may have to wait for the speaker to stop. */
	#typing: Promise<void> = Promise.resolve();

	constructor(parts: LiveSessionParts = BROWSER_PARTS) {
		this.#parts = parts;
	}

	get isConnected(): boolean {
		return this.status === 'connected' && !this.#isClosing;
	}

	get isOpen(): boolean {
		return this.status === 'connecting' || this.status === 'connected';
	}

	get #session() {
		return this.recording.view.current;
	}

	/** Starts a new recording and connects. What goes wrong is told in the page, and recorded. */
	async connect(endpoint: Endpoint, model: string): Promise<void> {
		if (this.isOpen) return;
		const attempt = ++this.#attempt;
		this.status = 'connecting';
		this.closeText = '';
		this.#problem = '';
		this.#isClosing = false;
		this.#connecting.set(true);
		notices.clear();
		this.recording = new LiveRecording(newHeader(endpoint.name, model));
		this.tools.begin();
		const url = endpoint.url(model);
		try {
			await this.recording.open(this.#parts.openWriter);
			if (attempt !== this.#attempt) return;
			await this.#openDevices();
			if (attempt !== this.#attempt) return;
			const { name } = endpoint;
			this.recording.recordConsole({ type: 'earshot.connection.opening', url, endpoint: name, transport: 'WebSocket' });
			this.#connection = this.#parts.openConnection(url, this.#callbacks(endpoint));
		} catch (error) {
			if (attempt !== this.#attempt) return;
			const message = error instanceof Error ? error.message : String(error);
			this.#noteProblem('failed', `The session could not be started: ${message}`);
			this.#end({ code: 1006, reason: '', wasClean: false }, endpoint);
		}
	}

	/** Ends the session; the recording is closed and stays in the library. */
	disconnect(): void {
		const reason = 'The user disconnected';
		if (!this.isOpen) return;
		if (!this.#connection) return this.#end({ code: 1000, reason, wasClean: true }, null);
		// From here on nothing is sent; the microphone is let go at once, whenever the server answers the close.
		this.#isClosing = true;
		this.caller.close();
		this.#connection.close(1000, reason);
	}

	/** Sends a client event as it is written. Returns why it could not be sent. */
	sendRaw(text: string): Result<void> {
		if (!this.isConnected) return fail('Not connected. Press Connect, then send it again.');
		return this.#sendText(text) ? succeed(undefined) : fail(NOT_SENT);
	}

	/** Sends a binary frame. Returns why it could not be sent. */
	sendBinary(bytes: Uint8Array<ArrayBuffer>): Result<void> {
		if (!this.#connection || !this.isConnected) return fail('Not connected. Press Connect, then send it again.');
		this.recording.recordBinary('client', bytes);
		return this.#connection.sendBinary(bytes) ? succeed(undefined) : this.#refuseSending();
	}

	/**
	 * Calls back after each message of the server was recorded and folded, and when the session has ended. Returns the
	 * function that ends it.
	 */
	watch(onchange: () => void): () => void {
		this.#watchers = [...this.#watchers, onchange];
		return () => (this.#watchers = this.#watchers.filter((known) => known !== onchange));
	}

	/** Sends a typed message and asks for the answer; a model that is still speaking is interrupted first. */
	sendMessage(text: string): Result<void> {
		if (!this.isConnected) return fail('Not connected. Press Connect, then send your message.');
		this.#typing = this.#typing.then(() => this.#sendTyped(text));
		return succeed(undefined);
	}

	/**
	 * The event with which `applySession` would apply the session and tools that are in the editors, compared with the
	 * session of this moment: who shows it follows the view's `config` besides.
	 */
	nextUpdate(sending: SessionSending): Result<Record<string, unknown>> {
		const inForce = sending === 'changes' ? this.#session.config : null;
		return buildSessionUpdate(drafts.session, drafts.tools, { eventId: this.#applied.nextId, inForce });
	}

	/** Applies the session and tools that are in the editors. */
	applySession(sending: SessionSending = sessionSettings.sending): Result<void> {
		const update = this.nextUpdate(sending);
		if (!update.ok) return update;
		const sent = this.sendRaw(JSON.stringify(update.value));
		if (sent.ok) this.#applied.sent({ session: drafts.session, tools: drafts.tools });
		return sent;
	}

	/** The page is being left: ends the session without waiting for the server. */
	dispose(): void {
		if (!this.isOpen) return;
		const connection = this.#connection;
		connection?.close(1000, 'The page was left');
		connection?.dispose();
		this.#end({ code: 1000, reason: 'The page was left', wasClean: true }, null);
	}

	/** A session without microphone or speaker can still be typed, read and recorded. */
	async #openDevices(): Promise<void> {
		const opened = await Promise.all([this.#model.open(), this.caller.open()]);
		const problems = opened.flatMap((result): AudioProblem[] => (result.ok ? [] : [result.error]));
		for (const { kind, message } of problems) this.#noteProblem(kind, message);
		if (problems[0]) showAudioProblem(problems[0]);
	}

	#callbacks(endpoint: Endpoint): ConnectionCallbacks {
		return {
			onopen: () => {
				this.recording.recordConsole({ type: 'earshot.connection.opened' });
				this.status = 'connected';
				this.#connecting.set(false);
			},
			onmessage: (text) => this.#receive(text),
			onbinary: (bytes) => this.recording.recordBinary('server', bytes),
			onproblem: ({ kind, message }) => {
				this.#noteProblem(kind, message);
				this.#problem = message;
			},
			onclose: (close) => this.#end(close, endpoint)
		};
	}

	#receive(text: string): void {
		const entry = this.recording.record('server', text);
		const event = readEntry(entry);
		if (event) {
			this.#react(event, entry);
			this.tools.heed(event, entry.at);
		} else showBrokenMessage(entry);
		this.#settle();
		for (const onchange of this.#watchers) onchange();
	}

	#react({ gaType, body }: WireEvent, entry: LogEntry): void {
		this.#requests.heed(gaType, body, this.#session);
		switch (gaType) {
			case 'session.created':
				return this.#applyOnConnect();
			case 'session.updated':
				return this.#applied.answered(this.#session.answeredUpdate, this.recording.header);
			case 'response.output_audio.delta':
				if (!entry.audio) return;
				return this.#model.play(body, this.#decodeAudio(entry.audio));
			case 'response.output_audio.done':
				return this.#model.finish(body);
			case 'response.done':
				return this.#model.finishResponse(stringAt(objectAt(body, 'response'), 'id'), this.#session);
			case 'error':
				return showRefusal(body);
			case 'input_audio_buffer.speech_started':
				if (sessionTurnDetection(this.#session.config)?.['interrupt_response'] === false) return;
				void this.#interrupt('caller_speech', entry.at);
		}
	}

	#applyOnConnect(): void {
		const applied = this.applySession('all');
		if (applied.ok) return;
		this.#noteProblem('session-not-applied', applied.error);
		const text = `${applied.error} The session goes on with the server's defaults; correct it and press Apply session.`;
		notices.show({ kind: 'error', title: 'The session was not applied', text });
	}

	/** Stops the answer, made or played: the caller has begun to speak or write. */
	#speakOver(): Promise<void> {
		if (this.#session.activeResponseId !== null) this.#send({ type: 'response.cancel' });
		return this.#interrupt('client', null);
	}

	async #sendTyped(text: string): Promise<void> {
		// First the truncate, then the message: the answer must be made from what was really heard.
		await this.#speakOver();
		if (!this.isConnected) return;
		const content = [{ type: 'input_text', text }];
		this.#send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
		this.#requestResponse();
	}

	/** Stops the playing in its render quantum, then tells the server what was really played. */
	async #interrupt(reason: 'caller_speech' | 'client', noticedAtMs: number | null): Promise<void> {
		const recording = this.recording;
		const stopped = await this.#model.stop(this.#session.activeResponseId);
		for (const { itemId, contentIndex, playedSamples, playedMs, atMs, outputLatencyMs } of stopped) {
			recording.recordConsole({
				type: 'earshot.playback.stopped',
				item_id: itemId,
				content_index: contentIndex,
				played_samples: playedSamples,
				rendered_at_ms: recording.sessionMs(atMs),
				output_latency_ms: outputLatencyMs,
				reason,
				...(noticedAtMs !== null && { noticed_at_ms: noticedAtMs })
			});
			if (!this.isConnected || recording !== this.recording) continue;
			const claim = { item_id: itemId, content_index: contentIndex, audio_end_ms: playedMs };
			this.#send({ type: 'conversation.item.truncate', ...claim });
		}
	}

	#send(event: Readonly<Record<string, unknown>>): void {
		this.#sendText(JSON.stringify(event));
	}

	#sendText(text: string): boolean {
		if (!this.#connection || !this.isConnected) return false;
		this.recording.record('client', text);
		return this.#connection.send(text) || this.#refuseSending().ok;
	}

	/** What was recorded as sent was not. */
	#refuseSending(): Result<void> {
		this.#noteProblem('not-sent', 'The event before this one was not sent: the connection is closing.');
		return fail(NOT_SENT);
	}

	/** The caller's 24 kHz PCM16, in the session's input format. */
	#sendAudio(pcm16: Uint8Array): void {
		if (!this.isConnected) return;
		const format = audioWireFormat(this.#session.config, 'input');
		if (this.#encoder.format !== format) this.#encoder = new WireEncoder(format);
		const bytes = this.#encoder.encode(pcm16);
		if (bytes.length > 0) this.#send({ type: 'input_audio_buffer.append', audio: encodeBase64(bytes) });
	}

	/** The model's audio as it was recorded, as 24 kHz PCM16. */
	#decodeAudio({ offset, length }: NonNullable<LogEntry['audio']>): Uint8Array {
		const format = audioWireFormat(this.#session.config, 'output');
		if (this.#decoder.format !== format) this.#decoder = new WireDecoder(format);
		return this.#decoder.decode(this.recording.log.tracks.model.read(offset, length));
	}

	/** Without turn detection the end of speaking is the end of the turn. */
	#finishCallerTurn(): void {
		if (!this.isConnected || this.caller.hasTurnDetection) return;
		this.#send({ type: 'input_audio_buffer.commit' });
		this.#requestResponse();
	}

	#requestResponse(): void {
		this.#requests.request(this.#session);
		this.#settle();
	}

	#settle(): void {
		this.#requests.sendWaiting(this.#session);
		this.#answering.set(this.#requests.isAnswering(this.#session));
	}

	#noteProblem(kind: string, message: string): void {
		this.recording.recordConsole({ type: 'earshot.problem', kind, message });
	}

	/** The one way in which a session ends, whoever ended it. */
	#end(close: ConnectionClose, endpoint: Endpoint | null): void {
		if (!this.isOpen) return;
		this.#attempt++;
		const wasConnected = this.status === 'connected';
		this.#recordUnplayed();
		const { code, reason, wasClean } = close;
		this.recording.recordConsole({ type: 'earshot.connection.closed', code, reason, was_clean: wasClean });
		this.#connection = null;
		this.#model.close();
		this.caller.close();
		this.#requests.reset();
		this.tools.end();
		this.closeText = this.#problem || (code === 1000 ? '' : closeMeaning(code, reason));
		this.status = 'closed';
		this.#connecting.set(false);
		this.#answering.set(false);
		if (endpoint && code !== 1000) showLostConnection(endpoint, wasConnected, this.closeText, this.recording.isStored);
		this.recording.end();
		for (const onchange of this.#watchers) onchange();
	}

	/** What was heard by the end: the session may close in the middle of a word. */
	#recordUnplayed(): void {
		const position = this.#model.position();
		if (!position) return;
		this.recording.recordConsole({
			type: 'earshot.playback.stopped',
			item_id: position.itemId,
			content_index: position.contentIndex,
			played_samples: position.playedSamples,
			rendered_at_ms: this.recording.sessionMs(position.atMs),
			reason: 'connection_closed'
		});
	}
}

/** The page's one live session. */
export const liveSession = new LiveSession();
