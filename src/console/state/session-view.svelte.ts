import { PeakTrack } from '#core/audio/peaks.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { applyEntry } from '#core/session/apply-event.ts';
import { createSession, type Session } from '#core/session/session-model.ts';
import { deriveConversation } from '#core/timeline/conversation.ts';
import { deriveHeardShare } from '#core/timeline/heard-share.ts';
import { deriveInterruptionMarkers } from '#core/timeline/interruption-markers.ts';
import { deriveLanes } from '#core/timeline/lanes.ts';
import { deriveCallerPlacements, deriveModelPlacements } from '#core/timeline/placements.ts';
import { deriveSpeechRegions } from '#core/timeline/speech-regions.ts';
import { deriveTurns } from '#core/timeline/turns.ts';
import { sessionModel, sessionVoice } from '#core/protocol/session-config.ts';

/**
 * The fold of a log up to some entry, and what the panes show of it. Live and replay differ only in who moves it.
 *
 * The session is changed in place by the fold; panes read it through `version`, which is replaced after each step.
 */
export class SessionView {
	readonly log: RecordingLog;
	#session: Session = createSession();
	#version = $state.raw(0);

	constructor(log: RecordingLog) {
		this.log = log;
	}

	/** The session as folded so far. Read-only for everyone but this class. */
	readonly session = $derived.by<Session>(() => {
		void this.#version;
		return { ...this.#session };
	});

	readonly conversation = $derived(deriveConversation(this.session));
	readonly turns = $derived(deriveTurns(this.session));
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
		return this.#session;
	}

	/** Folds up to the first `count` entries: forwards step by step, backwards from the beginning. */
	foldTo(count: number): void {
		if (count === this.#session.eventCount) return;
		if (count < this.#session.eventCount) this.#session = createSession();
		for (let i = this.#session.eventCount; i < count; i++) applyEntry(this.#session, this.log.entry(i));
		this.publish();
	}

	/** Folds the log's next entry without telling the panes; `publish` tells them. */
	applyNext(): void {
		applyEntry(this.#session, this.log.entry(this.#session.eventCount));
	}

	publish(): void {
		this.#version++;
	}
}

/** The peaks of both tracks, built as their bytes arrive. */
export class TrackPeaks {
	readonly caller = new PeakTrack();
	readonly model = new PeakTrack();

	append(track: TrackName, bytes: Uint8Array): void {
		this[track].append(bytes);
	}

	/** Takes in the whole of a stored log. */
	static of(log: RecordingLog): TrackPeaks {
		const peaks = new TrackPeaks();
		for (const name of ['caller', 'model'] as const) {
			const track = log.tracks[name];
			peaks.append(name, track.read(0, track.length));
		}
		return peaks;
	}
}
