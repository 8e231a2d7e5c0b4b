import type { PlaybackReport } from './playback-protocol.ts';

/** A stream of audio: one part of one item's content. */
export interface AudioSource {
	readonly itemId: string;
	readonly contentIndex: number;
}

/** How much of a source had left the ring at a time. */
export interface PlaybackPosition extends AudioSource {
	/** Samples of this source that left the ring, since it was first enqueued (or since the last stop). */
	readonly playedSamples: number;
	/** `performance.now()` time at which the sample after them left, or was due to leave, the ring. */
	readonly atMs: number;
}

/**
 * What happened in the speaker. `position` comes about every 100 ms while a source plays; `stalled` says that its next
 * sample is not there yet (nothing is lost, the position stands still); `ended` comes once, after its last sample.
 */
export interface PlaybackEvent extends PlaybackPosition {
	readonly kind: 'started' | 'position' | 'stalled' | 'resumed' | 'ended' | 'stopped';
	/** The loudest absolute sample, 0 to 1, since the event before. */
	readonly level: number;
}

/** What a stop found: the source that was playing, and what was dropped. */
export interface StoppedPlayback extends PlaybackPosition {
	/** Samples of this source that were enqueued and will not be played. */
	readonly queuedSamples: number;
	/** Sources behind it of which nothing more was played, in order. */
	readonly behind: readonly (AudioSource & { readonly playedSamples: number; readonly queuedSamples: number })[];
}

/** Where the accounts of one source stand. */
interface Account {
	readonly source: AudioSource;
	enqueued: number;
	played: number;
	isStarted: boolean;
	isStalled: boolean;
	isFinished: boolean;
	/** When the last of its samples so far left the ring, ms. */
	drainedAtMs: number;
}

/** A stretch of positions that holds samples of one source. */
interface Span {
	readonly account: Account;
	readonly start: number;
	end: number;
}

/**
 * Knows which sample of which source lies at which position of the ring, and turns the worklet's reports into events.
 * Plain accounting, no platform: the exact time of a border between two sources follows from the report after it,
 * because samples leave the ring without gaps between two reports.
 */
export class PlaybackLedger {
	readonly #emit: (event: PlaybackEvent) => void;
	readonly #msOfFrame: (frame: number) => number;
	readonly #accounts = new Map<string, Account>();
	/** What is not played yet, in order, without gaps from `#position` on. */
	#spans: Span[] = [];
	#position: number;
	/** The account whose samples were the last to leave. */
	#last: Account | undefined;

	/** @param firstPosition the position that the first sample to be added gets */
	constructor(firstPosition: number, msOfFrame: (frame: number) => number, emit: (event: PlaybackEvent) => void) {
		this.#position = firstPosition;
		this.#msOfFrame = msOfFrame;
		this.#emit = emit;
	}

	/** Books samples at the end. */
	add(source: AudioSource, count: number): void {
		if (count === 0) return;
		const account = this.#accounts.get(keyOf(source)) ?? this.#openAccount(source);
		account.enqueued += count;
		const last = this.#spans.at(-1);
		const start = last?.end ?? this.#position;
		if (last?.account === account) last.end += count;
		else this.#spans.push({ account, start, end: start + count });
	}

	/** No more samples of this source will come: when they are played it has ended, it has not stalled. */
	finish(source: AudioSource): void {
		const account = this.#accounts.get(keyOf(source));
		if (!account) return;
		account.isFinished = true;
		if (account.played === account.enqueued) this.#end(account, 0);
	}

	/** Takes in what the worklet saw. */
	report({ kind, position, frame, peak }: PlaybackReport): void {
		this.#advance(position, frame, peak);
		const next = this.#spans[0];
		const atMs = this.#msOfFrame(frame);
		if (kind === 'flowing' && next) this.#begin(next.account, atMs);
		else if (kind === 'playing' && this.#last && this.#isOpen(this.#last)) {
			this.#tell('position', this.#last, atMs, peak);
		} else if (kind === 'dry' && this.#last && this.#isOpen(this.#last)) {
			this.#last.isStalled = true;
			this.#tell('stalled', this.#last, atMs, peak);
		}
	}

	/** The source at a position that was not reported yet, and how much of it is played there. */
	locate(position: number): (AudioSource & { playedSamples: number }) | undefined {
		const span = this.#spans.find(({ end }) => position < end);
		const account = span?.account ?? (this.#last && this.#isOpen(this.#last) ? this.#last : undefined);
		if (!account) return undefined;
		let { played } = account;
		for (const { account: owner, start, end } of this.#spans) {
			if (owner === account) played += Math.max(0, Math.min(end, position) - Math.max(start, this.#position));
		}
		return { ...account.source, playedSamples: played };
	}

	/** Closes all accounts at the position that a stop found; `null` when nothing was left to play. */
	stop(position: number, frame: number): StoppedPlayback | null {
		this.#advance(position, frame, 0);
		const atMs = this.#msOfFrame(frame);
		const left = new Set(this.#spans.map(({ account }) => account));
		// A source that stalled was playing, unless another has been put behind it since.
		if (left.size === 0 && this.#last && this.#isOpen(this.#last)) left.add(this.#last);
		const reports = [...left].map((account) => {
			this.#tell('stopped', account, atMs, 0);
			const { source, played, enqueued } = account;
			return { ...source, playedSamples: played, queuedSamples: enqueued - played };
		});
		this.#accounts.clear();
		this.#spans = [];
		const [playing, ...behind] = reports;
		return playing ? { ...playing, atMs, behind } : null;
	}

	#openAccount(source: AudioSource): Account {
		const account = {
			source: { itemId: source.itemId, contentIndex: source.contentIndex },
			enqueued: 0,
			played: 0,
			isStarted: false,
			isStalled: false,
			isFinished: false,
			drainedAtMs: 0
		};
		this.#accounts.set(keyOf(source), account);
		return account;
	}

	#isOpen(account: Account): boolean {
		return this.#accounts.get(keyOf(account.source)) === account;
	}

	/** Moves to `position`, which was reached at `frame`, past the borders that lie before it. */
	#advance(position: number, frame: number, peak: number): void {
		while (this.#position < position) {
			const span = this.#spans[0];
			if (!span) break;
			const end = Math.min(span.end, position);
			const msAt = (at: number) => this.#msOfFrame(frame - (position - at));
			const { account } = span;
			this.#begin(account, msAt(this.#position));
			account.played += end - this.#position;
			this.#position = end;
			this.#last = account;
			if (end < span.end) break;
			this.#spans.shift();
			account.drainedAtMs = msAt(end);
			if (account.isFinished && account.played === account.enqueued) this.#end(account, peak);
			// Another source follows, so this is the last that is heard of this one for now.
			else if (this.#spans.length > 0) this.#tell('position', account, account.drainedAtMs, peak);
		}
	}

	/** Its next sample leaves the ring: the first one, or the first after a stall, or just the next. */
	#begin(account: Account, atMs: number): void {
		if (!account.isStarted) this.#tell('started', account, atMs, 0);
		else if (account.isStalled) this.#tell('resumed', account, atMs, 0);
		account.isStarted = true;
		account.isStalled = false;
	}

	#end(account: Account, level: number): void {
		this.#accounts.delete(keyOf(account.source));
		this.#tell('ended', account, account.drainedAtMs, level);
	}

	#tell(kind: PlaybackEvent['kind'], { source, played }: Account, atMs: number, level: number): void {
		this.#emit({ kind, ...source, playedSamples: played, atMs, level });
	}
}

function keyOf({ itemId, contentIndex }: AudioSource): string {
	return `${contentIndex} ${itemId}`;
}
