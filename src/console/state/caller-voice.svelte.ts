import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { numberAt, type JsonObject } from '#core/base/json.ts';
import { succeed, type Result } from '#core/base/result.ts';
import { sessionTurnDetection } from '#core/protocol/session-config.ts';
import type { AudioProblem } from '#browser/audio-device/audio-problem.ts';
import { openCallerLine, type CallerLine, type Speech } from '#browser/audio-device/caller-line.ts';
import { decodeAudioFile } from '#browser/audio-device/decode-audio-file.ts';
import { showAudioProblem, watchSuspension } from './audio-problems.ts';
import { beginWork, BusySwitch } from './busy.ts';
import { notices } from './notices.svelte.ts';

/** What the caller's voice needs of the session that it speaks in. */
export interface CallerVoiceHost {
	onaudio(pcm16: Uint8Array): void;
	onrecord(event: Readonly<Record<string, unknown>>): void;
	/**
	 * The caller has stopped speaking on purpose (the button was let go, the file has ended), and all of it was given to
	 * `onaudio`.
	 */
	onfinished(): void;
	/** The caller begins to talk by hand: what the model says now is spoken over. */
	ontalk(): void;
	speechIsOpen(): boolean;
	/** The session's effective configuration. */
	config(): JsonObject | null;
}

/** Silence sent after the last sound so that turn detection can hear the end, beyond what it waits for. Milliseconds. */
const TAIL_MARGIN_MS = 400;
/** The longest that a turn detection we know waits is 8 s (`semantic_vad`, eagerness `low`). Milliseconds. */
const LONGEST_TAIL_MS = 10_000;

/**
 * The caller's voice: microphone, push-to-talk and audio files, all through one line at 24 kHz.
 *
 * Audio is sent while somebody may be speaking, and for some silence after: turn detection hears the end of speech only
 * in silence that is sent.
 */
export class CallerVoice {
	isMicrophoneOpen = $state(false);
	isTalking = $state(false);
	/** The name of the audio file that is being spoken. */
	fileName = $state<string | null>(null);
	/** Loudest sample of the last moments, dBFS; -Infinity for silence. */
	levelDbfs = $state(-Infinity);
	readonly #host: CallerVoiceHost;
	#line: CallerLine | null = null;
	#unwatch: (() => void) | null = null;
	/** Why the line could not be opened. */
	#openProblem: AudioProblem | null = null;
	/** Grows with each open and close: a line that opens too late is closed again. */
	#generation = 0;
	/** Grows whenever the microphone is to be opened or closed: an older wish that comes true late is undone. */
	#microphoneWish = 0;
	#talkOpensMicrophone = false;
	#spoken: Speech | null = null;
	/** How much silence was sent since the last sound; `null` while somebody speaks or nothing is sent. */
	#tailMs: number | null = null;
	readonly #waiting = new BusySwitch();

	constructor(host: CallerVoiceHost) {
		this.#host = host;
	}

	get hasTurnDetection(): boolean {
		return sessionTurnDetection(this.#host.config()) !== null;
	}

	/** Opens the line, silent. */
	async open(): Promise<Result<void, AudioProblem>> {
		this.close();
		const generation = this.#generation;
		const line = await openCallerLine({
			onaudio: (pcm16) => this.#captured(pcm16),
			onmicrophoneend: () => void this.#microphoneWentAway(),
			onproblem: (problem) => showAudioProblem(problem)
		});
		if (!line.ok) {
			this.#openProblem = line.error;
			return line;
		}
		if (generation !== this.#generation) {
			line.value.dispose();
			return succeed(undefined);
		}
		this.#line = line.value;
		this.#unwatch = watchSuspension(line.value);
		return succeed(undefined);
	}

	/** Switches the microphone on or off. */
	async toggleMicrophone(): Promise<void> {
		if (this.isMicrophoneOpen) await this.#closeMicrophone('the user switched it off');
		else await this.#openMicrophone();
	}

	/** Opens the microphone for as long as a key or button is held. One that is open already stays open afterwards. */
	async startTalking(): Promise<void> {
		if (this.isTalking || !this.#usableLine()) return;
		this.isTalking = true;
		this.#talkOpensMicrophone = !this.isMicrophoneOpen;
		if (!this.hasTurnDetection) this.#host.ontalk();
		if (this.#talkOpensMicrophone && !(await this.#openMicrophone())) this.isTalking = false;
	}

	/** The key or button was let go. The turn ends only when something of it was heard. */
	async stopTalking(): Promise<void> {
		if (!this.isTalking) return;
		this.isTalking = false;
		if (!this.#talkOpensMicrophone || (await this.#closeMicrophone('the button was let go'))) this.#host.onfinished();
	}

	/** Speaks an audio file in real time as if the caller said it; a second file takes the first one's place. */
	async speakFile(file: File): Promise<void> {
		const endWork = beginWork();
		try {
			const samples = await decodeAudioFile(file);
			if (!samples.ok) return showAudioProblem(samples.error);
			const line = this.#usableLine();
			if (!line) return;
			this.#spoken?.cancel();
			this.fileName = file.name;
			const lengthMs = Math.round((samples.value.length * 1000) / SAMPLE_RATE);
			this.#host.onrecord({ type: 'earshot.audio_file.started', name: file.name, length_ms: lengthMs });
			const spoken = line.speak(samples.value);
			this.#spoken = spoken;
			void this.#updateSending();
			await spoken.done;
			if (this.#spoken === spoken) await this.#endFile();
		} finally {
			endWork();
		}
	}

	stopFile(): void {
		this.#spoken?.cancel();
		if (this.fileName !== null) void this.#endFile();
	}

	/** Lets go of the microphone and the line. */
	close(): void {
		this.#generation++;
		this.#microphoneWish++;
		this.#openProblem = null;
		this.#spoken?.cancel();
		this.#spoken = null;
		this.#setTail(null);
		this.fileName = null;
		this.isTalking = false;
		this.isMicrophoneOpen = false;
		this.levelDbfs = -Infinity;
		this.#unwatch?.();
		this.#unwatch = null;
		this.#line?.dispose();
		this.#line = null;
	}

	get #isSpeaking(): boolean {
		return this.isMicrophoneOpen || this.#spoken !== null;
	}

	/** The line, or `null` after telling the user why there is none. */
	#usableLine(): CallerLine | null {
		if (this.#line) return this.#line;
		if (this.#openProblem) showAudioProblem(this.#openProblem);
		else {
			notices.show({
				kind: 'warning',
				title: 'Not connected',
				text: 'Press Connect first; then the caller can be heard.'
			});
		}
		return null;
	}

	async #openMicrophone(): Promise<boolean> {
		const wish = ++this.#microphoneWish;
		const line = this.#usableLine();
		if (!line) return false;
		const opened = await line.openMicrophone();
		if (!opened.ok) {
			showAudioProblem(opened.error);
			this.#host.onrecord({ type: 'earshot.problem', kind: opened.error.kind, message: opened.error.message });
			return false;
		}
		// The button was let go, or the session ended, while the browser asked for permission.
		if (wish !== this.#microphoneWish) {
			if (this.#line === line && !this.isMicrophoneOpen) line.closeMicrophone();
			return false;
		}
		this.isMicrophoneOpen = true;
		this.#host.onrecord({ type: 'earshot.microphone.opened' });
		await this.#updateSending();
		return true;
	}

	/** Returns whether it was open. One that is still being opened is closed as soon as it is. */
	async #closeMicrophone(reason: string): Promise<boolean> {
		this.#microphoneWish++;
		this.#line?.closeMicrophone();
		if (!this.isMicrophoneOpen) return false;
		this.isMicrophoneOpen = false;
		this.#host.onrecord({ type: 'earshot.microphone.closed', reason });
		await this.#updateSending();
		return true;
	}

	async #microphoneWentAway(): Promise<void> {
		notices.show({
			kind: 'error',
			title: 'The microphone went away',
			text: 'It was unplugged, or its permission was withdrawn. Plug it in or allow it, then press Microphone again.'
		});
		const wasTalking = this.isTalking;
		this.isTalking = false;
		await this.#closeMicrophone('the device went away');
		if (wasTalking) this.#host.onfinished();
	}

	async #endFile(): Promise<void> {
		this.#host.onrecord({ type: 'earshot.audio_file.ended', name: this.fileName });
		this.#spoken = null;
		this.fileName = null;
		await this.#updateSending();
		this.#host.onfinished();
	}

	async #updateSending(): Promise<void> {
		if (this.#isSpeaking) {
			this.#setTail(null);
			await this.#line?.setSending(true);
		} else if (this.hasTurnDetection) {
			this.#setTail(this.#tailMs ?? 0);
		} else {
			await this.#stopSending();
		}
	}

	#captured(pcm16: Uint8Array): void {
		this.#host.onaudio(pcm16);
		this.levelDbfs = this.#line?.level ?? -Infinity;
		if (this.#tailMs === null) return;
		this.#tailMs += (pcm16.length / 2 / SAMPLE_RATE) * 1000;
		const wait = (numberAt(sessionTurnDetection(this.#host.config()), 'silence_duration_ms') ?? 500) + TAIL_MARGIN_MS;
		const isOver = this.#tailMs >= wait && !this.#host.speechIsOpen();
		if (isOver || this.#tailMs >= LONGEST_TAIL_MS) void this.#stopSending();
	}

	/** While silence is sent, turn detection is waited for. */
	#setTail(ms: number | null): void {
		this.#tailMs = ms;
		this.#waiting.set(ms !== null);
	}

	async #stopSending(): Promise<void> {
		this.#setTail(null);
		await this.#line?.setSending(false);
		this.levelDbfs = -Infinity;
	}
}
