import { fail, succeed, type Result } from '#core/base/result.ts';
import { encodeBase64 } from '#core/audio/base64.ts';
import { readEntry } from '#core/session/apply-event.ts';
import { deriveCounts } from '#core/timeline/summary.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import { sessionTurnDetection } from '#core/protocol/session-config.ts';
import { Recorder } from '#core/recording/recorder.ts';
import { RecordingLog, type AppendedEntry } from '#core/recording/recording-log.ts';
import { closeMeaning } from '#browser/connection/close-meaning.ts';
import type { Connection, ConnectionClose } from '#browser/connection/connection.ts';
import { openWebSocketConnection } from '#browser/connection/websocket-connection.ts';
import type { RecordingWriter } from '#browser/store/recording-writer.ts';
import { BusySwitch, beginWork } from './busy.ts';
import { CallerVoice } from './caller-voice.svelte.ts';
import { drafts } from './drafts.svelte.ts';
import { buildSessionUpdate, type Endpoint } from './endpoints.ts';
import { library } from './library.svelte.ts';
import { ModelVoice } from './model-voice.ts';
import { notices } from './notices.svelte.ts';
import { SessionView, TrackPeaks } from './session-view.svelte.ts';
import { showAudioProblem } from './audio-problems.ts';

/** Between two updates of the panes, ms. */
const PUBLISH_EVERY_MS = 40;

export type LiveStatus = 'disconnected' | 'connecting' | 'connected' | 'closed';

/**
 * The session that is being held now: the only writer of its recording.
 *
 * Everything goes through the recorder first (`#record`), raw and stamped; what the page does about it comes after.
 */
export class LiveSession {
	status = $state<LiveStatus>('disconnected');
	/** Why the last connection ended, in words; empty while there is none. */
	closeText = $state('');
	/** Milliseconds since the recording began, for the clock in the header. */
	elapsedMs = $state(0);
	recordingId = $state<string | null>(null);
	/** Whether the recording is being kept: `no` when the browser stores nothing. */
	isStored = $state(false);
	view = $state.raw(new SessionView(new RecordingLog()));
	peaks = $state.raw(new TrackPeaks());
	readonly caller = new CallerVoice({
		onaudio: (bytes) => this.#sendAudio(bytes),
		onrecord: (event) => this.#recordConsole(event),
		onfinished: () => this.#finishCallerTurn(),
		speechIsOpen: () => this.view.current.speech.at(-1)?.stoppedAt === null,
		turnDetection: () => this.view.current.config
	});
	readonly #model = new ModelVoice((event, atMs) =>
		this.#recordConsole({ ...event, rendered_at_ms: atMs - this.#startedAt })
	);
	#connection: Connection | null = null;
	#recorder: Recorder | null = null;
	#writer: RecordingWriter | null = null;
	#startedAt = 0;
	#wantsResponse = false;
	/** Turn detection has ended the caller's turn, and the answer that it starts has not been created yet. */
	#awaitsAnswer = false;
	/** What the connection said of its end, beyond the close code. */
	#problem = '';
	#publishRequest = 0;
	#publishedMs = 0;
	readonly #answering = new BusySwitch();

	get isConnected(): boolean {
		return this.status === 'connected';
	}

	/** Starts a new recording and connects. What goes wrong is told in the page, and recorded. */
	async connect(endpoint: Endpoint, model: string): Promise<void> {
		if (this.status === 'connecting' || this.status === 'connected') return;
		const endWork = beginWork();
		this.status = 'connecting';
		this.closeText = '';
		this.#problem = '';
		await this.#beginRecording(endpoint, model);
		const audioIsOpen = Promise.all([this.#model.open(), this.caller.open()]);
		for (const opened of await audioIsOpen) if (!opened.ok) showAudioProblem(opened.error);
		const url = endpoint.url(model);
		this.#recordConsole({ type: 'earshot.connection.opening', url, endpoint: endpoint.name, transport: 'WebSocket' });
		this.#connection = openWebSocketConnection(url, ['realtime'], {
			onopen: () => {
				this.#recordConsole({ type: 'earshot.connection.opened' });
				this.status = 'connected';
				endWork();
			},
			onmessage: (text) => this.#receive(text),
			onbinary: (bytes) => this.#recorder?.recordBinary('server', encodeBase64(bytes)),
			onproblem: (problem) => {
				this.#recordConsole({ type: 'earshot.problem', kind: problem.kind, message: problem.message });
				this.#problem = problem.message;
			},
			onclose: (close) => {
				this.#connectionClosed(close, endpoint);
				endWork();
			}
		});
	}

	/** Ends the session; the recording is closed and stays in the library. */
	disconnect(): void {
		this.#connection?.close(1000, 'The user disconnected');
	}

	/** Sends a client event as it is written. Returns why it could not be sent. */
	sendRaw(text: string): Result<void> {
		if (!this.#connection || !this.isConnected) return fail('Not connected. Press Connect, then send it again.');
		this.#recorder?.record('client', text);
		this.#connection.send(text);
		return succeed(undefined);
	}

	/** Sends a typed message and asks for the answer; a model that is still speaking is interrupted first. */
	sendMessage(text: string): Result<void> {
		if (!this.isConnected) return fail('Not connected. Press Connect, then send your message.');
		this.#interruptForMessage();
		const content = [{ type: 'input_text', text }];
		this.#send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
		this.#requestResponse();
		return succeed(undefined);
	}

	/** Applies the session and tools that are in the editors. */
	applySession(): Result<void> {
		const update = buildSessionUpdate(drafts.session, drafts.tools);
		if (!update.ok) return update;
		return this.sendRaw(JSON.stringify(update.value));
	}

	/** Lets go of everything: the page is being left. */
	dispose(): void {
		cancelAnimationFrame(this.#publishRequest);
		this.#connection?.close(1000, 'The page was left');
		this.#connection?.dispose();
		this.#endRecording();
	}

	async #beginRecording(endpoint: Endpoint, model: string): Promise<void> {
		const log = new RecordingLog();
		this.#startedAt = performance.now();
		this.elapsedMs = 0;
		this.view = new SessionView(log);
		this.peaks = new TrackPeaks();
		const id = crypto.randomUUID();
		this.recordingId = id;
		const header = newHeader(id, endpoint, model);
		this.#recorder = new Recorder(
			log,
			() => performance.now() - this.#startedAt,
			(appended) => this.#appended(appended)
		);
		this.#writer = await library.openWriter(header, log);
		this.isStored = this.#writer !== null;
	}

	#record(from: 'client' | 'server', text: string): void {
		this.#recorder?.record(from, text);
	}

	#recordConsole(event: Readonly<Record<string, unknown>>): void {
		this.#recorder?.record('console', JSON.stringify(event));
	}

	/** After each append: store, fold, then tell the panes with the next frame. */
	#appended({ entry, audio }: AppendedEntry): void {
		this.#writer?.append(entry, audio);
		if (audio && entry.audio) this.peaks.append(entry.audio.track, audio);
		this.view.applyNext();
		this.#publishRequest ||= requestAnimationFrame((nowMs) => this.#publish(nowMs));
	}

	/** Tells the panes, with a frame and at most so often as an eye follows. */
	#publish(nowMs: number): void {
		if (nowMs - this.#publishedMs < PUBLISH_EVERY_MS) {
			this.#publishRequest = requestAnimationFrame((laterMs) => this.#publish(laterMs));
			return;
		}
		this.#publishRequest = 0;
		this.#publishedMs = nowMs;
		this.elapsedMs = performance.now() - this.#startedAt;
		this.view.publish();
		this.#writer?.setSummary({ lengthMs: this.view.current.at, ...deriveCounts(this.view.current) });
	}

	#receive(text: string): void {
		this.#record('server', text);
		const log = this.view.log;
		const entry = log.entry(log.length - 1);
		const event = readEntry(entry);
		if (!event) {
			notices.show({
				kind: 'warning',
				title: 'The server sent a message that is no event',
				text: `It is not a JSON object with a type. It was kept as it came; see event ${entry.seq} in the list.`
			});
			return;
		}
		switch (event.gaType) {
			case 'session.created':
				this.applySession();
				break;
			case 'response.output_audio.delta':
				if (entry.audio) {
					const bytes = log.tracks.model.read(entry.audio.offset, entry.audio.length);
					this.#model.play(event.body, bytes);
				}
				break;
			case 'response.output_audio.done':
				this.#model.finish(event.body);
				break;
			case 'input_audio_buffer.speech_started':
				if (this.#interruptsResponse()) void this.#interrupt('caller_speech', entry.at);
				break;
			case 'input_audio_buffer.speech_stopped':
				this.#awaitsAnswer = sessionTurnDetection(this.view.current.config)?.['create_response'] !== false;
				break;
			case 'response.created':
			case 'error':
				this.#awaitsAnswer = false;
				break;
			case 'response.done':
				this.#model.finishAll(this.view.current);
				break;
		}
		this.#sendWantedResponse();
		this.#answering.set(this.#isAnswering());
	}

	#isAnswering(): boolean {
		const { activeResponseId, requestedResponses } = this.view.current;
		return activeResponseId !== null || requestedResponses > 0 || this.#wantsResponse || this.#awaitsAnswer;
	}

	/** Stops the playing in its render quantum, then tells the server what was really played. */
	async #interrupt(reason: 'caller_speech' | 'client', noticedAtMs: number | null): Promise<void> {
		const stopped = await this.#model.stop();
		for (const position of stopped) {
			this.#recordConsole({
				type: 'earshot.playback.stopped',
				item_id: position.itemId,
				content_index: position.contentIndex,
				played_samples: position.playedSamples,
				rendered_at_ms: position.atMs - this.#startedAt,
				output_latency_ms: position.outputLatencyMs,
				reason,
				...(noticedAtMs !== null && { noticed_at_ms: noticedAtMs })
			});
			if (!this.isConnected) continue;
			this.#send({
				type: 'conversation.item.truncate',
				item_id: position.itemId,
				content_index: position.contentIndex,
				audio_end_ms: position.playedMs
			});
		}
	}

	#interruptsResponse(): boolean {
		return sessionTurnDetection(this.view.current.config)?.['interrupt_response'] !== false;
	}

	#interruptForMessage(): void {
		if (this.view.current.activeResponseId !== null) this.#send({ type: 'response.cancel' });
		void this.#interrupt('client', null);
	}

	#send(event: Readonly<Record<string, unknown>>): void {
		const text = JSON.stringify(event);
		this.#record('client', text);
		this.#connection?.send(text);
	}

	#sendAudio(bytes: Uint8Array): void {
		if (!this.isConnected) return;
		this.#send({ type: 'input_audio_buffer.append', audio: encodeBase64(bytes) });
	}

	/** Without turn detection the end of speaking is the end of the turn. */
	#finishCallerTurn(): void {
		if (!this.isConnected || this.caller.hasTurnDetection) return;
		this.#send({ type: 'input_audio_buffer.commit' });
		this.#requestResponse();
	}

	/** One response at a time: a request waits until the one in progress is done, or the service refuses it. */
	#requestResponse(): void {
		this.#wantsResponse = true;
		this.#sendWantedResponse();
		this.#answering.set(this.#isAnswering());
	}

	#sendWantedResponse(): void {
		const { activeResponseId, requestedResponses } = this.view.current;
		if (!this.#wantsResponse || activeResponseId !== null || requestedResponses > 0) return;
		this.#wantsResponse = false;
		this.#send({ type: 'response.create' });
	}

	#connectionClosed(close: ConnectionClose, endpoint: Endpoint): void {
		const wasConnected = this.status === 'connected';
		this.#recordConsole({
			type: 'earshot.connection.closed',
			code: close.code,
			reason: close.reason,
			was_clean: close.wasClean
		});
		this.#connection = null;
		this.closeText = this.#problem || closeMeaning(close.code, close.reason);
		this.status = 'closed';
		this.#wantsResponse = false;
		this.#awaitsAnswer = false;
		this.#answering.set(false);
		if (close.code !== 1000) this.#showLostConnection(endpoint, wasConnected);
		this.#endRecording();
	}

	#showLostConnection(endpoint: Endpoint, wasConnected: boolean): void {
		const kept = this.isStored ? 'What was recorded is in the library.' : 'What was recorded is still on this page.';
		notices.show({
			kind: 'error',
			title: wasConnected ? `${endpoint.name} went away` : `${endpoint.name} could not be reached`,
			text: `${this.closeText} ${kept}`
		});
	}

	#endRecording(): void {
		this.#model.close();
		this.caller.close();
		const writer = this.#writer;
		this.#writer = null;
		if (!writer) return;
		const endWork = beginWork();
		writer.setSummary({ lengthMs: this.view.current.at, ...deriveCounts(this.view.current) });
		void writer.close().finally(() => {
			endWork();
			void library.refresh();
		});
	}
}

/** The header of a recording that begins now. */
function newHeader(id: string, endpoint: Endpoint, model: string): RecordingHeader {
	const nowMs = Date.now();
	const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(nowMs);
	return {
		earshot: 1,
		id,
		startedAt: new Date(nowMs).toISOString(),
		title: `Session of ${when}`,
		endpoint: endpoint.name,
		transport: 'WebSocket',
		model,
		redacted: []
	};
}
