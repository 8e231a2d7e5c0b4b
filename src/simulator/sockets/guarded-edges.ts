/**
 * A mistake of ours inside a session must end that session and no other: whatever calls into it goes through `run`, which
 * catches what is thrown.
 */
import type { AnswerSource, Hearing, McpConnector, SpeechDetector, SpeechSource } from '#simulator/session/ports.ts';
import type { Schedule } from '#simulator/session/session-context.ts';

/** Runs an action of a session. */
export type Run = (action: () => void) => void;

/** Calls `onCrash` with what was thrown, once; afterwards nothing is run any more. */
export function createRun(onCrash: (error: unknown) => void): Run {
	let hasCrashed = false;
	return (action) => {
		if (hasCrashed) return;
		try {
			action();
		} catch (error) {
			hasCrashed = true;
			onCrash(error);
		}
	};
}

/** Every callback of a listener, run so. */
function guard<Listener extends object>(listener: Listener, run: Run): Listener {
	const guarded = Object.entries(listener as Record<string, (...values: unknown[]) => void>).map(
		([name, callback]) => [name, (...values: unknown[]) => run(() => callback(...values))] as const
	);
	return Object.fromEntries(guarded) as Listener;
}

export function guardSchedule(schedule: Schedule, run: Run): Schedule {
	return (delayMs, action) => schedule(delayMs, () => run(action));
}

interface Edges {
	speech: SpeechSource;
	detector: SpeechDetector;
	answers: AnswerSource;
	hearing: Hearing;
	mcp: McpConnector;
}

/** The edges of a session, whose callbacks are run so. */
export function guardEdges({ speech, detector, answers, hearing, mcp }: Edges, run: Run): Edges {
	return {
		speech: { speak: (request, listener) => speech.speak(request, guard(listener, run)) },
		detector: { openStream: (rateHz, listener) => detector.openStream(rateHz, guard(listener, run)) },
		answers: {
			get wantsWords() {
				return answers.wantsWords;
			},
			answer: (request, listener) => answers.answer(request, guard(listener, run))
		},
		hearing: {
			expectedWords: (spokenTurn) => hearing.expectedWords(spokenTurn),
			hear: (request, listener) => hearing.hear(request, guard(listener, run))
		},
		mcp: {
			listTools: (server, listener) => mcp.listTools(server, guard(listener, run)),
			callTool: (server, name, args, listener) => mcp.callTool(server, name, args, guard(listener, run))
		}
	};
}
