import type { EntryReader } from '#core/recording/recording-log.ts';
import { applyEntry } from '#core/session/apply-event.ts';
import { createSession, type Session } from '#core/session/session-model.ts';
import { sessionModel } from '#core/protocol/session-config.ts';
import { deriveCounts, deriveLength } from '#core/timeline/summary.ts';

/** What the library shows of a recording, and by which words it is found. */
export interface Digest {
	readonly turns: number;
	readonly interruptions: number;
	readonly errors: number;
	/** To its last event, or to the last sample that was heard: as replay shows it. Milliseconds. */
	readonly lengthMs: number;
	/** Its connection was not closed, so that it ends before its session did. */
	readonly wasCutOff: boolean;
	/** The model that the session told of; `null` when it told of none. */
	readonly model: string | null;
	/** All words of the conversation. */
	readonly text: string;
}

/** Folds a recording once, for its row in the library. */
export function digestOf(entries: EntryReader): Digest {
	const session = createSession();
	for (let index = 0; index < entries.length; index++) applyEntry(session, entries.entry(index));
	const { state } = session.connection;
	return {
		...deriveCounts(session),
		lengthMs: deriveLength(session),
		wasCutOff: state === 'connected' || state === 'connecting',
		model: sessionModel(session.config) ?? null,
		text: wordsOf(session)
	};
}

function wordsOf(session: Session): string {
	return session.itemOrder.map((id) => session.items.get(id)?.text ?? '').join('\n');
}
