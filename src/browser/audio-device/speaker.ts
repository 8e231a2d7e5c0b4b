import { SAMPLE_RATE, samplesOfMs } from '#core/audio/pcm16.ts';
import { assert } from '#core/base/assert.ts';
import { succeed, type Result } from '#core/base/result.ts';
import { openAudioContext } from './audio-context.ts';
import { failedAudio, type AudioProblem } from './audio-problem.ts';
import { FrameClock } from './frame-clock.ts';
import {
	PlaybackLedger,
	type AudioSource,
	type PlaybackEvent,
	type PlaybackPosition,
	type StoppedPlayback
} from './playback-ledger.ts';
import { PLAYBACK_PROCESSOR, type PlaybackReport } from './playback-protocol.ts';
import playbackWorkletUrl from './playback-worklet.ts?worker&url';
import { messageFeed, sharedFeed, type FeedParts, type RingFeed } from './ring-feed.ts';

export interface SpeakerCallbacks {
	/** What was played; in the order in which it left the ring. */
	onplayback?(event: PlaybackEvent): void;
	/** The context was suspended (needs a click: call `resume` from it), runs again, or was closed. */
	onstate?(state: AudioContextState): void;
	onproblem?(problem: AudioProblem): void;
}

export interface SpeakerOptions {
	/** How samples reach the worklet; by default shared memory where the page is cross-origin isolated. */
	readonly mode?: 'shared' | 'messages';
	/** Audio to gather before a silent speaker starts, 0 to 100 ms. 0, the default, starts at once. */
	readonly prebufferMs?: number;
	/** What the ring holds, seconds. The rest waits in the page, so an answer may be as long as it likes. */
	readonly ringSeconds?: number;
}

/** Plays the model's audio and knows, sample by sample, what of it was played. */
export interface Speaker {
	readonly mode: 'shared' | 'messages';
	readonly state: AudioContextState;
	/** The context and the node that play: for taps, meters and tests. */
	readonly context: AudioContext;
	readonly output: AudioNode;
	/** Time that a sample takes from the ring to the ear, as far as the browser knows, ms. */
	readonly outputLatencyMs: number;
	/** Samples that were enqueued and have not left the ring. */
	readonly queuedSamples: number;
	/** Adds 24 kHz PCM16 (little-endian) at the end. A sample may be cut in two between calls for the same source. */
	enqueue(source: AudioSource, pcm16: Uint8Array): void;
	/** No more will come for this source: when it is played it has ended, it does not stall. */
	finish(source: AudioSource): void;
	/**
	 * Silence within one render quantum (5.3 ms). All that was enqueued is dropped. Resolves with what was playing and
	 * how much of it had really left the ring, or with `null` when nothing was left to play. Audio for a stopped source
	 * that is enqueued later is played, and counted from 0: its owner knows whether it is wanted.
	 */
	stop(): Promise<StoppedPlayback | null>;
	/** What is playing: exact at this moment in `shared` mode, as last reported (up to 100 ms ago) in `messages` mode. */
	position(): PlaybackPosition | null;
	/** Lets a suspended context run; the browser allows it from a click or key. */
	resume(): Promise<void>;
	/** Closes the context. Nothing is called back any more; a stop that is waiting resolves with `null`. */
	dispose(): void;
}

/** Opens the speaker: a 24 kHz context and the playback worklet. The caller disposes of it. */
export async function openSpeaker(
	callbacks: SpeakerCallbacks,
	options: SpeakerOptions = {}
): Promise<Result<Speaker, AudioProblem>> {
	const mode = options.mode ?? (globalThis.crossOriginIsolated ? 'shared' : 'messages');
	const ringSamples = Math.ceil((options.ringSeconds ?? 30) * SAMPLE_RATE);
	const context = await openAudioContext(playbackWorkletUrl);
	if (!context.ok) return context;
	const feed = mode === 'shared' ? sharedFeed(ringSamples) : messageFeed(ringSamples);
	return succeed(new WorkletSpeaker(context.value, feed, callbacks, mode, options.prebufferMs ?? 0));
}

class WorkletSpeaker implements Speaker {
	readonly mode: 'shared' | 'messages';
	readonly context: AudioContext;
	readonly output: AudioWorkletNode;
	readonly #callbacks: SpeakerCallbacks;
	readonly #feed: RingFeed;
	readonly #clock = new FrameClock();
	readonly #prebufferSamples: number;
	/** What did not fit into the ring yet, in order. */
	#queue: Int16Array<ArrayBuffer>[] = [];
	#waitingSamples = 0;
	#ledger: PlaybackLedger;
	/** First byte of a sample whose second byte has not come, by source. */
	readonly #halves = new Map<string, number>();
	/** The ring is empty, and too little has come to start it. */
	#isGathering = true;
	#stopping: { readonly ledger: PlaybackLedger; resolve(stopped: StoppedPlayback | null): void } | undefined;
	#stopCount = 0;
	#isDisposed = false;

	constructor(
		context: AudioContext,
		{ options, attach }: FeedParts,
		callbacks: SpeakerCallbacks,
		mode: 'shared' | 'messages',
		prebufferMs: number
	) {
		this.mode = mode;
		this.context = context;
		this.#callbacks = callbacks;
		this.#prebufferSamples = samplesOfMs(prebufferMs);
		this.output = new AudioWorkletNode(context, PLAYBACK_PROCESSOR, {
			numberOfInputs: 0,
			outputChannelCount: [1],
			processorOptions: options
		});
		this.#feed = attach((message, transfer = []) => this.output.port.postMessage(message, transfer));
		this.#ledger = this.#newLedger();
		this.output.port.onmessage = ({ data }: MessageEvent<PlaybackReport>) => this.#heed(data);
		this.output.onprocessorerror = () => callbacks.onproblem?.(failedAudio('the player stopped working.'));
		context.onstatechange = () => this.#stateChanged();
		this.output.connect(context.destination);
	}

	get state(): AudioContextState {
		return this.context.state;
	}

	get outputLatencyMs(): number {
		return (this.context.baseLatency + this.context.outputLatency) * 1000;
	}

	get queuedSamples(): number {
		return this.#waitingSamples + (this.#stopping ? 0 : this.#feed.written - this.#feed.played);
	}

	enqueue(source: AudioSource, pcm16: Uint8Array): void {
		assert(!this.#isDisposed, 'audio is enqueued after the speaker was disposed of');
		const samples = this.#samplesOf(source, pcm16);
		if (samples.length === 0) return;
		this.#ledger.add(source, samples.length);
		this.#queue.push(samples);
		this.#waitingSamples += samples.length;
		this.#fillRing();
	}

	finish(source: AudioSource): void {
		this.#halves.delete(halfKey(source));
		// What waits for more may be all that there is.
		if (this.#queue.length > 0) this.#isGathering = false;
		this.#ledger.finish(source);
		this.#fillRing();
	}

	stop(): Promise<StoppedPlayback | null> {
		const ledger = this.#ledger;
		const { promise, resolve } = Promise.withResolvers<StoppedPlayback | null>();
		if (this.#isDisposed) resolve(null);
		else if (this.#stopping) {
			// Nothing was fed to the ring since the stop before, so nothing of it was played.
			resolve(ledger.stop(this.#feed.written, this.context.currentTime * SAMPLE_RATE));
		} else {
			this.#stopping = { ledger, resolve };
			this.#feed.requestStop(++this.#stopCount);
		}
		this.#queue = [];
		this.#waitingSamples = 0;
		this.#halves.clear();
		this.#isGathering = true;
		this.#ledger = this.#newLedger();
		return promise;
	}

	position(): PlaybackPosition | null {
		const located = (this.#stopping?.ledger ?? this.#ledger).locate(this.#feed.played);
		return located ? { ...located, atMs: performance.now() } : null;
	}

	async resume(): Promise<void> {
		if (!this.#isDisposed) await this.context.resume();
	}

	dispose(): void {
		if (this.#isDisposed) return;
		this.#isDisposed = true;
		this.context.onstatechange = null;
		this.output.onprocessorerror = null;
		this.output.port.onmessage = null;
		this.output.disconnect();
		this.#stopping?.resolve(null);
		void this.context.close();
	}

	#newLedger(): PlaybackLedger {
		return new PlaybackLedger(
			this.#feed.written,
			(frame) => this.#clock.msOf(frame),
			(event) => this.#callbacks.onplayback?.(event)
		);
	}

	#samplesOf(source: AudioSource, pcm16: Uint8Array): Int16Array<ArrayBuffer> {
		const key = halfKey(source);
		const half = this.#halves.get(key);
		const offset = half === undefined ? 0 : 1;
		const bytes = new Uint8Array(offset + pcm16.length);
		if (half !== undefined) bytes[0] = half;
		bytes.set(pcm16, offset);
		if (bytes.length % 2 === 1) this.#halves.set(key, bytes.at(-1)!);
		else this.#halves.delete(key);
		// Every machine that runs a browser is little-endian, as the wire is.
		return new Int16Array(bytes.buffer, 0, bytes.length >> 1);
	}

	/** Moves what fits from the queue into the ring. While a stop is unanswered nothing may follow it. */
	#fillRing(): void {
		if (this.#stopping) return;
		if (this.#isGathering && this.queuedSamples < this.#prebufferSamples) return;
		this.#isGathering = false;
		while (this.#queue.length > 0) {
			const samples = this.#queue[0]!;
			const count = this.#feed.write(samples);
			this.#waitingSamples -= count;
			if (count < samples.length) {
				this.#queue[0] = samples.subarray(count);
				return;
			}
			this.#queue.shift();
		}
	}

	#heed(report: PlaybackReport): void {
		// A suspended context answers a stop too, but its frame says nothing of the time.
		const isTimely = report.kind !== 'stopped' || this.context.state === 'running' || !this.#clock.isSet;
		if (isTimely) this.#clock.observe(report.frame, performance.now());
		this.#feed.heed(report);
		if (report.kind === 'stopped') this.#stopped(report);
		else {
			(this.#stopping?.ledger ?? this.#ledger).report(report);
			if (report.kind === 'dry') this.#isGathering = this.#feed.written === this.#feed.played;
		}
		this.#fillRing();
	}

	#stopped({ position, frame }: PlaybackReport): void {
		const stopping = this.#stopping;
		assert(stopping, 'the player answers a stop that was not asked for');
		this.#stopping = undefined;
		stopping.resolve(stopping.ledger.stop(position, frame));
	}

	#stateChanged(): void {
		// Frames stand still while time goes on.
		if (this.context.state !== 'running') this.#clock.reset();
		this.#callbacks.onstate?.(this.context.state);
	}
}

function halfKey({ itemId, contentIndex }: AudioSource): string {
	return `${contentIndex} ${itemId}`;
}
