import type { RecordingLog } from '#core/recording/recording-log.ts';
import type { Checkpoints } from '#core/session/checkpoints.ts';
import { SessionFold } from '#core/session/session-fold.ts';
import type { Session } from '#core/session/session-model.ts';
import { deriveConversation, type ConversationEntry } from '#core/timeline/conversation.ts';
import { deriveHeardShare } from '#core/timeline/heard-share.ts';
import { deriveInterruptionMarkers } from '#core/timeline/interruption-markers.ts';
import { deriveLanes } from '#core/timeline/lanes.ts';
import { deriveCallerPlacements, deriveModelPlacements } from '#core/timeline/placements.ts';
import { deriveSpeechRegions } from '#core/timeline/speech-regions.ts';
import { deriveTurns, type Turn } from '#core/timeline/turns.ts';
import { sessionModel, sessionVoice } from '#core/protocol/session-config.ts';
import { beginWork } from './busy.ts';
import { keepAlike } from './keep-alike.ts';
import { beginSlice, PAGE_SLICES, type Slicing } from './slices.ts';

/** While a log is being folded, it is shown anew whenever it has grown by this factor: to show it costs all of it. */
const SHOWN_GROWTH = 1.5;
/** Of a log that grows slowly: this often. Milliseconds. */
const SHOWN_EVERY_MS = 500;

export interface SessionViewOptions {
	/** Shared by the views of a log, so that all can be moved to any place of it. */
	readonly checkpoints?: Checkpoints;
	readonly slicing?: Slicing;
}

/**
 * The fold of a log up to some entry, and what the panes show of it. Live and replay differ only in who moves it.
 *
 * The session is changed in place by the fold; panes read it through `version`, which is replaced after each step.
 */
export class SessionView {
	readonly log: RecordingLog;
	readonly #fold: SessionFold;
	readonly #slicing: Slicing;
	#version = $state.raw(0);
	/** How many entries the view was last asked for. */
	#wanted = 0;
	#isMoving = false;
	#following: Promise<void> | null = null;
	#isLoaded = false;
	#isDisposed = false;
	#shownCount = 0;
	#shownMs = -Infinity;
	#conversation: readonly ConversationEntry[] = [];
	#turns: readonly Turn[] = [];

	constructor(log: RecordingLog, { checkpoints, slicing = PAGE_SLICES }: SessionViewOptions = {}) {
		this.log = log;
		this.#fold = new SessionFold(log, checkpoints);
		this.#slicing = slicing;
	}

	/** The session as folded so far. Read-only for everyone but this class. */
	readonly session = $derived.by<Session>(() => {
		void this.#version;
		return { ...this.#fold.session };
	});

	readonly conversation = $derived.by(() => {
		this.#conversation = keepAlike(this.#conversation, deriveConversation(this.session));
		return this.#conversation;
	});
	readonly turns = $derived.by(() => {
		this.#turns = keepAlike(this.#turns, deriveTurns(this.session));
		return this.#turns;
	});
	readonly speechRegions = $derived(deriveSpeechRegions(this.session));
	readonly callerPlacements = $derived(deriveCallerPlacements(this.session));
	readonly modelPlacements = $derived(deriveModelPlacements(this.session));
	readonly markers = $derived(deriveInterruptionMarkers(this.session, this.modelPlacements));
	readonly lanes = $derived(
		deriveLanes(this.session, {
			modelPlacements: this.modelPlacements,
			speechRegions: this.speechRegions,
			turns: this.turns
		})
	);
	readonly heardShare = $derived(deriveHeardShare(this.session));
	readonly model = $derived(sessionModel(this.session.config));
	readonly voice = $derived(sessionVoice(this.session.config));

	/** The session at once, not waiting for the panes: for whoever must react to an event in the moment it arrives. */
	get current(): Session {
		return this.#fold.session;
	}

	/** Folds the first `count` entries, however long it takes. */
	foldTo(count: number): void {
		if (count === this.current.eventCount) return;
		this.#fold.moveTo(count);
		this.publish();
	}

	/** Folds the log's next entry without telling the panes; `publish` tells them. */
	applyNext(): void {
		this.#fold.moveTo(this.current.eventCount + 1);
	}

	publish(): void {
		this.#version++;
		this.#shownCount = this.current.eventCount;
		this.#shownMs = this.#slicing.nowMs();
	}

	/**
	 * Shows the fold of the first `count` entries: at once when it is near, else as soon as it is there. When it is asked for
	 * another place on the way, it goes there next, or at once when that is nearer.
	 */
	moveTo(count: number): void {
		this.#wanted = count;
		if (this.#isMoving || count === this.current.eventCount) return;
		if (this.#fold.moveTo(count, beginSlice(this.#slicing))) this.publish();
		else void this.#move();
	}

	/**
	 * Folds all of the log, in slices. On the way it is shown in growing steps.
	 *
	 * @param isLoaded the log has come as a whole: what it still gains comes in small pieces, and each is shown
	 */
	follow(isLoaded: boolean): Promise<void> {
		this.#isLoaded = isLoaded;
		this.#following ??= this.#follow().finally(() => (this.#following = null));
		return this.#following;
	}

	/** Resolves when all that has come by now is folded and shown. */
	async settle(): Promise<void> {
		await this.#following;
		if (!this.#isDisposed && this.#shownCount < this.current.eventCount) this.publish();
	}

	/** Ends what is still being folded. */
	dispose(): void {
		this.#isDisposed = true;
	}

	async #follow(): Promise<void> {
		const endWork = beginWork();
		try {
			for (;;) {
				const isDue = this.#isDue();
				if (!isDue && this.current.eventCount === this.log.length) return;
				// To show it is a piece of work of its own.
				await this.#slicing.rest();
				if (this.#isDisposed) return;
				if (isDue) this.publish();
				else this.#fold.moveTo(this.log.length, beginSlice(this.#slicing));
			}
		} finally {
			endWork();
		}
	}

	/** Goes where it is wanted, slice by slice. */
	async #move(): Promise<void> {
		this.#isMoving = true;
		const endWork = beginWork();
		let goal = this.#wanted;
		try {
			for (;;) {
				await this.#slicing.rest();
				if (this.#isDisposed) return;
				if (this.#fold.distanceTo(this.#wanted) < this.#fold.distanceTo(goal)) goal = this.#wanted;
				if (!this.#fold.moveTo(goal, beginSlice(this.#slicing))) continue;
				this.publish();
				if (goal === this.#wanted) return;
				goal = this.#wanted;
			}
		} finally {
			this.#isMoving = false;
			endWork();
		}
	}

	/** What was folded since it was last shown is to be shown. */
	#isDue(): boolean {
		const { eventCount } = this.current;
		if (eventCount === this.#shownCount) return false;
		if (eventCount >= this.#shownCount * SHOWN_GROWTH) return true;
		const isSlow = this.#isLoaded || this.#slicing.nowMs() - this.#shownMs >= SHOWN_EVERY_MS;
		return isSlow && eventCount === this.log.length;
	}
}
