import { fail, succeed, type Result } from '#core/base/result.ts';
import type { Placement } from '#core/timeline/placements.ts';
import type { LibraryApi, MixPlacements } from '#browser/library/library-api.ts';

/** Sound is made in stretches of ten minutes: the first is there soon, and a day takes no more room than an hour. */
export const STRETCH_MS = 600_000;
/** Stretches that are kept: the one that is heard, and the next. 29 MB each. */
const MOST_STRETCHES = 2;

/** Both voices where they lie, of a recording that is `lengthMs` long. */
export interface Voices extends MixPlacements {
	readonly lengthMs: number;
}

/** Mixes both voices to a WAV of `lengthMs` ms. */
export type MixVoices = (voices: MixPlacements, lengthMs: number) => ReturnType<LibraryApi['mix']>;

/** A stretch of sound; without an element where nobody is to be heard. */
interface Stretch {
	readonly startMs: number;
	readonly endMs: number;
	readonly audio: HTMLAudioElement | null;
}

/** What is heard of a recording: mixed in stretches when they are needed, and played by the browser. */
export class ReplaySound {
	readonly #mix: MixVoices;
	/** By number. The one that was asked for last is the last. */
	readonly #stretches = new Map<number, Promise<Result<Stretch, string>>>();
	#voices: Voices = { caller: [], model: [], formats: { caller: 'pcm16', model: 'pcm16' }, lengthMs: 0 };
	#current: Stretch | null = null;
	#speed = 1;
	#isDisposed = false;

	constructor(mix: MixVoices) {
		this.#mix = mix;
	}

	/** Where the sound is, ms of session time; `null` while there is none. */
	get ms(): number | null {
		const audio = this.#current?.audio;
		if (!audio || audio.paused || audio.ended) return null;
		return this.#current!.startMs + audio.currentTime * 1000;
	}

	/** Until when the stretch reaches that plays; `null` while none does. */
	get endMs(): number | null {
		return this.#current?.endMs ?? null;
	}

	/** Takes the voices as they are now. What was mixed of others is thrown away. */
	setVoices(voices: Voices): void {
		const { caller, model, lengthMs, formats } = this.#voices;
		const isSame = voices.caller === caller && voices.model === model && voices.lengthMs === lengthMs;
		if (isSame && voices.formats.caller === formats.caller && voices.formats.model === formats.model) return;
		this.#voices = voices;
		for (const number of [...this.#stretches.keys()]) this.#drop(number);
	}

	/** Makes ready what is heard at `ms`; says why it cannot be heard. */
	async prepare(ms: number): Promise<Result<void, string>> {
		const stretch = await this.#stretchAt(ms);
		return stretch.ok ? succeed(undefined) : stretch;
	}

	/** Plays from `ms` on, to the end of the stretch. Rejects as the browser does when it will not play. */
	async play(ms: number): Promise<void> {
		const stretch = await this.#stretchAt(ms);
		this.pause();
		if (!stretch.ok || this.#isDisposed) return;
		this.#current = stretch.value;
		const { audio, startMs } = stretch.value;
		if (!audio) return;
		audio.playbackRate = this.#speed;
		audio.currentTime = (ms - startMs) / 1000;
		await audio.play();
	}

	pause(): void {
		this.#current?.audio?.pause();
		this.#current = null;
	}

	setSpeed(speed: number): void {
		this.#speed = speed;
		if (this.#current?.audio) this.#current.audio.playbackRate = speed;
	}

	dispose(): void {
		this.#isDisposed = true;
		this.pause();
		for (const number of [...this.#stretches.keys()]) this.#drop(number);
	}

	#stretchAt(ms: number): Promise<Result<Stretch, string>> {
		const number = Math.floor(ms / STRETCH_MS);
		const made = this.#stretches.get(number) ?? this.#make(number);
		this.#stretches.delete(number);
		this.#stretches.set(number, made);
		for (const oldest of [...this.#stretches.keys()].slice(0, -MOST_STRETCHES)) this.#drop(oldest);
		return made;
	}

	async #make(number: number): Promise<Result<Stretch, string>> {
		const startMs = number * STRETCH_MS;
		const endMs = Math.min(this.#voices.lengthMs, startMs + STRETCH_MS);
		const caller = within(this.#voices.caller, startMs, endMs);
		const model = within(this.#voices.model, startMs, endMs);
		if (caller.length === 0 && model.length === 0) return succeed({ startMs, endMs, audio: null });
		const mixed = await this.#mix({ caller, model, formats: this.#voices.formats }, endMs - startMs);
		if (!mixed.ok) {
			// It is tried again when it is asked for again.
			this.#stretches.delete(number);
			return fail(mixed.error.message);
		}
		const audio = new Audio(URL.createObjectURL(mixed.value.wav));
		audio.preload = 'auto';
		return succeed({ startMs, endMs, audio });
	}

	/** Lets go of a stretch as soon as it is made. */
	#drop(number: number): void {
		const made = this.#stretches.get(number);
		this.#stretches.delete(number);
		void made?.then((stretch) => {
			const audio = stretch.ok ? stretch.value.audio : null;
			if (!audio) return;
			const url = audio.src;
			audio.pause();
			audio.removeAttribute('src');
			audio.load();
			URL.revokeObjectURL(url);
		});
	}
}

/** The placements that are heard between two moments, in the time of the first. */
function within(placements: readonly Placement[], startMs: number, endMs: number): Placement[] {
	return placements
		.filter((placement) => placement.state === 'heard' && placement.endMs > startMs && placement.startMs < endMs)
		.map((placement) => ({ ...placement, startMs: placement.startMs - startMs, endMs: placement.endMs - startMs }));
}
