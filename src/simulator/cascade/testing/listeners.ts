/** Listeners that write down what they are told, and requests with the fields that a test does not care about. */
import { vi } from 'vitest';
import { readCascadeConfig } from '#simulator/cascade/cascade-config.ts';
import type { CascadeConfig } from '#simulator/cascade/cascade-config.ts';
import type { ConversationItem } from '#simulator/session/conversation.ts';
import type {
	AnswerEnd,
	AnswerListener,
	AnswerRequest,
	HearingListener,
	HearingRequest,
	PlannedCall,
	SpeechListener
} from '#simulator/session/ports.ts';

/** What a listener was told, in order, and the promise of its end. */
export interface Heard<Entry> {
	told: Entry[];
	ended: Promise<void>;
	/** Resolves when at least this many things were told. */
	hasTold: (count: number) => Promise<void>;
}

class Notes<Entry> implements Heard<Entry> {
	readonly told: Entry[] = [];
	readonly ended: Promise<void>;
	readonly #waiting: { count: number; resolve: () => void }[] = [];
	#end: () => void = () => undefined;

	constructor() {
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	note(entry: Entry, isEnd = false): void {
		this.told.push(entry);
		if (isEnd) this.#end();
		for (const { count, resolve } of this.#waiting) if (this.told.length >= count) resolve();
	}

	hasTold(count: number): Promise<void> {
		if (this.told.length >= count) return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push({ count, resolve }));
	}
}

export type AnswerEntry = { text: string } | { messageEnd: true } | { call: PlannedCall } | { end: AnswerEnd };

export function noteAnswer(): { listener: AnswerListener; heard: Heard<AnswerEntry> } {
	const notes = new Notes<AnswerEntry>();
	return {
		heard: notes,
		listener: {
			onText: (text) => notes.note({ text }),
			onMessageEnd: () => notes.note({ messageEnd: true }),
			onCall: (call) => notes.note({ call }),
			onEnd: (end) => notes.note({ end }, true)
		}
	};
}

export type HearingEntry = { words: string } | { done: string } | { error: { code: string; message: string } };

export function noteHearing(): { listener: HearingListener; heard: Heard<HearingEntry> } {
	const notes = new Notes<HearingEntry>();
	return {
		heard: notes,
		listener: {
			onWords: (words) => notes.note({ words }),
			onDone: (done) => notes.note({ done }, true),
			onError: (error) => notes.note({ error }, true)
		}
	};
}

export type SpeechEntry = { audio: Int16Array } | { done: true } | { error: string };

export function noteSpeech(): { listener: SpeechListener; heard: Heard<SpeechEntry> } {
	const notes = new Notes<SpeechEntry>();
	return {
		heard: notes,
		listener: {
			onAudio: (audio) => notes.note({ audio }),
			onDone: () => notes.note({ done: true }, true),
			onError: ({ message }) => notes.note({ error: message }, true)
		}
	};
}

/** All samples that a speech listener was told. */
export function samplesOf(heard: Heard<SpeechEntry>): number[] {
	return heard.told.flatMap((entry) => ('audio' in entry ? [...entry.audio] : []));
}

export function answerRequest(more: Partial<AnswerRequest> = {}): AnswerRequest {
	return {
		turn: 1,
		model: 'gpt-realtime',
		voice: 'marin',
		modality: 'audio',
		instructions: 'Be brief.',
		items: [userText('Hello')],
		tools: [],
		toolDemand: { kind: 'auto' },
		allowsSeveralCalls: true,
		maxOutputTokens: 'inf',
		metadata: null,
		isOutOfBand: false,
		...more
	};
}

export function userText(text: string): ConversationItem {
	return {
		kind: 'message',
		id: 'item_user',
		status: 'completed',
		role: 'user',
		content: [{ type: 'input_text', text }]
	};
}

export function hearingRequest(more: Partial<HearingRequest> = {}): HearingRequest {
	return { itemId: 'item_1', spokenTurn: 1, samples: new Int16Array([1, -2, 3, -32768]), rateHz: 24000, ...more };
}

/** The configuration that these variables give. Throws the error text. */
export function configFrom(env: Record<string, string>): Required<CascadeConfig> {
	const config = readCascadeConfig(env);
	if (!config.ok) throw new Error(config.error);
	return config.value as Required<CascadeConfig>;
}

/** From here on time limits pass only with `vi.advanceTimersByTime`; sockets go on as ever. Undo with `vi.useRealTimers`. */
export function freezeTimeLimits(): void {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
}
