import { assert } from '#core/base/assert.ts';
import type { TrackBytes } from '#core/recording/byte-track.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';

const PAGE_BYTES = 1 << 18;
/** 64 MB: 23 minutes of one voice. */
const MOST_PAGES = 256;

/** Reads bytes of a track from `offset`; fewer than asked when it ends before. */
export type ReadTrack = (offset: number, length: number) => Promise<Uint8Array>;

/** Pages of tracks that were read, those that nobody looked at for longest forgotten first. One for both voices. */
export class PageCache {
	readonly #mostPages: number;
	/** By track and number of the page; the one that was looked at last is the last. */
	readonly #pages = new Map<number, Uint8Array>();

	constructor(mostPages = MOST_PAGES) {
		this.#mostPages = mostPages;
	}

	get(key: number): Uint8Array | undefined {
		const page = this.#pages.get(key);
		if (!page) return undefined;
		this.#pages.delete(key);
		this.#pages.set(key, page);
		return page;
	}

	set(key: number, page: Uint8Array): void {
		this.#pages.delete(key);
		this.#pages.set(key, page);
		for (const oldest of this.#pages.keys()) {
			if (this.#pages.size <= this.#mostPages) return;
			this.#pages.delete(oldest);
		}
	}
}

export interface PagedTrackOptions {
	readonly name: TrackName;
	readonly read: ReadTrack;
	readonly cache: PageCache;
	/** Bytes that were not at hand are now. */
	readonly onarrive?: () => void;
}

/** A track that lies with the worker, read in pages of 256 kB when somebody wants to hear or see it. */
export class PagedTrack implements TrackBytes {
	readonly #name: TrackName;
	readonly #read: ReadTrack;
	readonly #cache: PageCache;
	readonly #onarrive: () => void;
	readonly #reading = new Map<number, Promise<Uint8Array>>();
	#length = 0;

	constructor({ name, read, cache, onarrive = () => undefined }: PagedTrackOptions) {
		this.#name = name;
		this.#read = read;
		this.#cache = cache;
		this.#onarrive = onarrive;
	}

	get length(): number {
		return this.#length;
	}

	/** Is told how many bytes there are by now. */
	grow(length: number): void {
		this.#length = Math.max(this.#length, length);
	}

	/** Answers from pages that were read; starts no reading. */
	peek(offset: number, length: number): Uint8Array | undefined {
		const first = Math.floor(offset / PAGE_BYTES);
		const start = offset - first * PAGE_BYTES;
		if (start + length <= PAGE_BYTES) {
			const page = this.#cache.get(this.#key(first));
			return page && page.length >= start + length ? page.subarray(start, start + length) : undefined;
		}
		const joined = new Uint8Array(length);
		for (let filled = 0; filled < length;) {
			const at = offset + filled;
			const count = Math.min(length - filled, PAGE_BYTES - (at % PAGE_BYTES));
			const piece = this.peek(at, count);
			if (!piece) return undefined;
			joined.set(piece, filled);
			filled += count;
		}
		return joined;
	}

	/** Reads what is not at hand. Rejects when the track ends before, or cannot be read any more. */
	async load(offset: number, length: number): Promise<Uint8Array> {
		assert(offset >= 0 && length >= 0, `bytes ${offset} to ${offset + length} of a track`);
		const bytes = new Uint8Array(length);
		for (let filled = 0; filled < length;) {
			const at = offset + filled;
			const count = Math.min(length - filled, PAGE_BYTES - (at % PAGE_BYTES));
			bytes.set(await this.#piece(at, count), filled);
			filled += count;
		}
		return bytes;
	}

	async #piece(offset: number, length: number): Promise<Uint8Array> {
		const number = Math.floor(offset / PAGE_BYTES);
		const start = offset - number * PAGE_BYTES;
		const atHand = this.peek(offset, length);
		if (atHand) return atHand;
		let page = await this.#page(number);
		// The end of the track, as it was when somebody else asked for this page.
		if (page.length < start + length) page = await this.#page(number);
		if (page.length >= start + length) return page.subarray(start, start + length);
		throw new Error(
			`The ${this.#name}’s audio ends at byte ${number * PAGE_BYTES + page.length}; there is none from there on.`
		);
	}

	#page(number: number): Promise<Uint8Array> {
		const known = this.#reading.get(number);
		if (known) return known;
		const reading = this.#readPage(number).finally(() => this.#reading.delete(number));
		this.#reading.set(number, reading);
		return reading;
	}

	async #readPage(number: number): Promise<Uint8Array> {
		const page = await this.#read(number * PAGE_BYTES, PAGE_BYTES);
		this.#cache.set(this.#key(number), page);
		this.#onarrive();
		return page;
	}

	#key(number: number): number {
		return number * 2 + (this.#name === 'model' ? 1 : 0);
	}
}
