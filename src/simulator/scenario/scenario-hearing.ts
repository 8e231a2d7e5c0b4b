/** The words of the caller, from a scenario: those that its `caller` gives for the spoken turn, and no others. */
import type { Hearing, HearingListener } from '#simulator/session/ports.ts';
import type { Schedule } from '#simulator/session/session-context.ts';
import type { Scenario } from '#simulator/scenario/scenario.ts';

/** Words with the space before them, so that their sum is the text. */
function splitWords(text: string): string[] {
	return text.match(/\s*\S+|\s+$/g) ?? [];
}

function describeMissing(scenario: Scenario, spokenTurn: number): string {
	return (
		`Nobody knows what was said in spoken turn ${spokenTurn}: the scenario "${scenario.name}" gives no words for it. ` +
		'Give them as an entry of "caller" in the scenario, or set EARSHOT_STT_URL to a transcription endpoint.'
	);
}

/** For one session. Words come one by one, without a pause: when they are sent is the session's business. */
export function createScenarioHearing(options: { scenario: () => Scenario; schedule: Schedule }): Hearing {
	const { scenario, schedule } = options;
	const wordsOf = (spokenTurn: number): string | undefined => scenario().caller[spokenTurn - 1] ?? undefined;

	function tell(transcript: string, listener: HearingListener): () => void {
		const words = splitWords(transcript);
		let isCancelled = false;
		let cancelTimer = schedule(0, next);
		function next(): void {
			const word = words.shift();
			if (word === undefined) return listener.onDone(transcript);
			listener.onWords(word);
			if (!isCancelled) cancelTimer = schedule(0, next);
		}
		return () => {
			isCancelled = true;
			cancelTimer();
		};
	}

	return {
		expectedWords: wordsOf,
		hear: ({ spokenTurn }, listener) => {
			const words = wordsOf(spokenTurn);
			if (words !== undefined) return { cancel: tell(words, listener) };
			const message = describeMissing(scenario(), spokenTurn);
			return { cancel: schedule(0, () => listener.onError({ code: 'transcription_unavailable', message })) };
		}
	};
}
