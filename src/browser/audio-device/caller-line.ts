import { SAMPLE_RATE, samplesOfMs } from '#core/audio/pcm16.ts';
import { assert } from '#core/base/assert.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { openAudioContext } from './audio-context.ts';
import {
	audioProblem,
	failedAudio,
	insecurePageProblem,
	microphoneProblemOf,
	type AudioProblem
} from './audio-problem.ts';
import { CAPTURE_PROCESSOR, type CaptureOptions, type FromCaptureWorklet } from './capture-protocol.ts';
import captureWorkletUrl from './capture-worklet.ts?worker&url';
import { FrameClock } from './frame-clock.ts';

export interface CallerLineCallbacks {
	/**
	 * A frame of 24 kHz PCM16 mono, while the line sends. The last before `setSending(false)` may be shorter.
	 * @param capturedAtMs `performance.now()` time at which its first sample entered the line
	 */
	onaudio(pcm16: Uint8Array, capturedAtMs: number): void;
	/** The microphone is gone: unplugged, or its permission was withdrawn. The line stays open, without it. */
	onmicrophoneend?(): void;
	/** The context was suspended (needs a click: call `resume` from it), runs again, or was closed. */
	onstate?(state: AudioContextState): void;
	onproblem?(problem: AudioProblem): void;
}

export interface CallerLineOptions {
	/** Length of a frame, ms. */
	readonly frameMs?: number;
	/** Instead of the browser's; `undefined` stands for a page that has none. */
	readonly mediaDevices?: Pick<MediaDevices, 'getUserMedia'> | undefined;
}

/** What the browser does to the microphone's sound; all on unless turned off. */
export interface MicrophoneOptions {
	readonly echoCancellation?: boolean;
	readonly noiseSuppression?: boolean;
	readonly autoGainControl?: boolean;
	/** A microphone of `enumerateDevices`; the system's choice when absent. */
	readonly deviceId?: string;
}

/** Samples that are being spoken into the line. */
export interface Speech {
	/** Resolves when the last sample is in the line, or when it was cancelled. */
	readonly done: Promise<void>;
	/** Ends it with the render quantum that is under way. */
	cancel(): void;
}

/** The caller's side: microphone and files, mixed into one stream of 24 kHz PCM16. Silence is sent as zeros. */
export interface CallerLine {
	readonly state: AudioContextState;
	/** The context, and the node that everything to be sent is connected to: for taps and tests. */
	readonly context: AudioContext;
	readonly input: AudioNode;
	/** The loudest sample of the last 50 ms, dBFS; -Infinity for silence. Measured while the context runs, sent or not. */
	readonly level: number;
	readonly hasMicrophone: boolean;
	readonly isSending: boolean;
	/** Opens the microphone, in place of one that is open. */
	openMicrophone(options?: MicrophoneOptions): Promise<Result<void, AudioProblem>>;
	/** Lets the microphone go: the browser shows that it is off. `onmicrophoneend` is not called. */
	closeMicrophone(): void;
	/**
	 * Speaks samples (24 kHz mono, -1 to 1) into the line in real time, sample for sample; not audible. A suspended
	 * context speaks when it runs again.
	 */
	speak(samples: Float32Array): Speech;
	/**
	 * Frames are delivered from now on, or no longer. Resolves when it is in effect: after `setSending(false)` the last,
	 * partial frame has been delivered then.
	 */
	setSending(isSending: boolean): Promise<void>;
	/** Lets a suspended context run; the browser allows it from a click or key. */
	resume(): Promise<void>;
	/** Lets the microphone go and closes the context. Nothing is called back any more. */
	dispose(): void;
}

/** Opens the caller's line, without a microphone at first. The caller disposes of it. */
export async function openCallerLine(
	callbacks: CallerLineCallbacks,
	options: CallerLineOptions = {}
): Promise<Result<CallerLine, AudioProblem>> {
	const mediaDevices =
		'mediaDevices' in options ? options.mediaDevices : (navigator.mediaDevices as MediaDevices | undefined);
	const context = await openAudioContext(captureWorkletUrl);
	if (!context.ok) return context;
	return succeed(new WorkletLine(context.value, callbacks, samplesOfMs(options.frameMs ?? 40), mediaDevices));
}

class WorkletLine implements CallerLine {
	readonly context: AudioContext;
	readonly input: AudioWorkletNode;
	level = -Infinity;
	isSending = false;
	readonly #callbacks: CallerLineCallbacks;
	readonly #mediaDevices: Pick<MediaDevices, 'getUserMedia'> | undefined;
	readonly #clock = new FrameClock();
	readonly #speeches = new Set<Speech>();
	readonly #switches = new Map<number, () => void>();
	#switchCount = 0;
	#microphone: Microphone | undefined;
	/** Grows when the microphone is opened or closed, so that an answer which comes too late is known as such. */
	#microphoneWish = 0;
	#isDisposed = false;

	constructor(
		context: AudioContext,
		callbacks: CallerLineCallbacks,
		frameSamples: number,
		mediaDevices: Pick<MediaDevices, 'getUserMedia'> | undefined
	) {
		this.context = context;
		this.#callbacks = callbacks;
		this.#mediaDevices = mediaDevices;
		const processorOptions: CaptureOptions = { frameSamples };
		this.input = new AudioWorkletNode(context, CAPTURE_PROCESSOR, {
			channelCount: 1,
			channelCountMode: 'explicit',
			outputChannelCount: [1],
			processorOptions
		});
		this.input.port.onmessage = ({ data }: MessageEvent<FromCaptureWorklet>) => this.#heed(data);
		this.input.onprocessorerror = () => callbacks.onproblem?.(failedAudio('the recorder stopped working.'));
		context.onstatechange = () => this.#stateChanged();
		// Its output is silent; without a way to the destination the browser would not run it.
		this.input.connect(context.destination);
	}

	get state(): AudioContextState {
		return this.context.state;
	}

	get hasMicrophone(): boolean {
		return this.#microphone !== undefined;
	}

	async openMicrophone(options: MicrophoneOptions = {}): Promise<Result<void, AudioProblem>> {
		assert(!this.#isDisposed, 'a microphone is opened after the line was disposed of');
		if (!this.#mediaDevices) return fail(insecurePageProblem());
		const wish = ++this.#microphoneWish;
		let stream: MediaStream;
		try {
			stream = await this.#mediaDevices.getUserMedia({ audio: constraintsOf(options) });
		} catch (error) {
			return fail(microphoneProblemOf(error));
		}
		if (wish !== this.#microphoneWish) {
			stopTracks(stream);
			return succeed(undefined);
		}
		this.#microphone?.dispose();
		this.#microphone = undefined;
		if (stream.getAudioTracks().length === 0) return fail(audioProblem('microphone-absent'));
		try {
			this.#microphone = new Microphone(this.context, stream, this.input, () => this.#microphoneEnded());
			return succeed(undefined);
		} catch (error) {
			// Firefox refuses to connect a microphone that runs at another rate than the context.
			stopTracks(stream);
			return fail(failedAudio(error));
		}
	}

	closeMicrophone(): void {
		this.#microphoneWish++;
		this.#microphone?.dispose();
		this.#microphone = undefined;
	}

	speak(samples: Float32Array): Speech {
		assert(!this.#isDisposed, 'the line is spoken into after it was disposed of');
		const { promise, resolve } = Promise.withResolvers<void>();
		if (samples.length === 0) return { done: Promise.resolve(), cancel: () => undefined };
		const buffer = this.context.createBuffer(1, samples.length, SAMPLE_RATE);
		buffer.getChannelData(0).set(samples);
		const source = new AudioBufferSourceNode(this.context, { buffer });
		const end = () => {
			source.onended = null;
			source.disconnect();
			this.#speeches.delete(speech);
			resolve();
		};
		const speech: Speech = {
			done: promise,
			cancel: () => {
				source.stop();
				end();
			}
		};
		source.onended = end;
		source.connect(this.input);
		source.start();
		this.#speeches.add(speech);
		return speech;
	}

	setSending(isSending: boolean): Promise<void> {
		if (this.#isDisposed) return Promise.resolve();
		const { promise, resolve } = Promise.withResolvers<void>();
		this.isSending = isSending;
		this.#switches.set(++this.#switchCount, resolve);
		this.input.port.postMessage({ isSending, switchCount: this.#switchCount });
		return promise;
	}

	async resume(): Promise<void> {
		if (!this.#isDisposed) await this.context.resume();
	}

	dispose(): void {
		if (this.#isDisposed) return;
		this.#isDisposed = true;
		this.isSending = false;
		this.closeMicrophone();
		for (const speech of [...this.#speeches]) speech.cancel();
		this.context.onstatechange = null;
		this.input.onprocessorerror = null;
		this.input.port.onmessage = null;
		this.input.disconnect();
		for (const resolve of this.#switches.values()) resolve();
		void this.context.close();
	}

	#heed(message: FromCaptureWorklet): void {
		if (message.kind === 'audio') {
			const { pcm16, frame } = message;
			this.#clock.observe(frame + (pcm16.length >> 1), performance.now());
			this.#callbacks.onaudio(pcm16, this.#clock.msOf(frame));
		} else if (message.kind === 'level') this.level = 20 * Math.log10(message.peak);
		else {
			this.#switches.get(message.switchCount)?.();
			this.#switches.delete(message.switchCount);
		}
	}

	#microphoneEnded(): void {
		this.closeMicrophone();
		this.#callbacks.onmicrophoneend?.();
	}

	#stateChanged(): void {
		if (this.context.state !== 'running') {
			// Frames stand still while time goes on.
			this.#clock.reset();
			this.level = -Infinity;
		}
		this.#callbacks.onstate?.(this.context.state);
	}
}

/** An open microphone that flows into the line. */
class Microphone {
	readonly #stream: MediaStream;
	readonly #source: MediaStreamAudioSourceNode;
	readonly #listeners = new AbortController();

	constructor(context: AudioContext, stream: MediaStream, line: AudioNode, onend: () => void) {
		this.#stream = stream;
		this.#source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
		this.#source.connect(line);
		for (const track of stream.getAudioTracks()) {
			track.addEventListener('ended', onend, { signal: this.#listeners.signal });
		}
	}

	dispose(): void {
		this.#listeners.abort();
		this.#source.disconnect();
		stopTracks(this.#stream);
	}
}

function stopTracks(stream: MediaStream): void {
	for (const track of stream.getTracks()) track.stop();
}

function constraintsOf(options: MicrophoneOptions): MediaTrackConstraints {
	const { echoCancellation = true, noiseSuppression = true, autoGainControl = true, deviceId } = options;
	const constraints = { echoCancellation, noiseSuppression, autoGainControl, channelCount: 1 };
	return deviceId === undefined ? constraints : { ...constraints, deviceId: { exact: deviceId } };
}
