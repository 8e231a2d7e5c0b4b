/** Opens what all sessions share, and makes what each has of its own. */
import { createLlmAnswers } from '#simulator/cascade/llm-answers.ts';
import { createSttHearing } from '#simulator/cascade/stt-hearing.ts';
import { createTtsSpeech } from '#simulator/cascade/tts-speech.ts';
import type { CascadeConfig } from '#simulator/cascade/cascade-config.ts';
import { openSpeechDetector } from '#simulator/detection/speech-detector.ts';
import { openMcpConnector } from '#simulator/mcp/mcp-connector.ts';
import { createScenarioAnswers } from '#simulator/scenario/scenario-answers.ts';
import { createScenarioHearing } from '#simulator/scenario/scenario-hearing.ts';
import type { Scenario } from '#simulator/scenario/scenario.ts';
import type { AnswerSource, Hearing, McpConnector, SpeechDetector, SpeechSource } from '#simulator/session/ports.ts';
import type { Schedule } from '#simulator/session/session-context.ts';
import { openSpeechEngine } from '#simulator/speech/speech.ts';

export interface SharedEdges {
	speech: SpeechSource;
	detector: SpeechDetector;
	mcp: McpConnector;
	/**
	 * Who answers and who knows the words, for one session. `isChosen`: the client named the scenario, so that it answers
	 * even where a language model is configured. `llmAnswers` is there when one is.
	 */
	forSession: (
		scenario: () => Scenario,
		schedule: Schedule,
		isChosen: boolean
	) => { answers: AnswerSource; hearing: Hearing; llmAnswers: AnswerSource | undefined };
	dispose: () => Promise<void>;
}

export interface SharedEdgesOptions {
	cascade: CascadeConfig;
	/** Which MCP servers may be reached. */
	isMcpAllowed?: (url: URL) => boolean;
	log: (line: string) => void;
}

/** Opens the threads for speech and turn detection, without waiting for them. */
export function openSharedEdges({ cascade, isMcpAllowed, log }: SharedEdgesOptions): SharedEdges {
	const engine = openSpeechEngine();
	const detector = openSpeechDetector();
	const mcp = openMcpConnector(isMcpAllowed ? { isAllowed: isMcpAllowed } : {});
	const llmAnswers = cascade.llm && createLlmAnswers(cascade.llm);
	const speech = cascade.tts ? createTtsSpeech(cascade.tts) : engine;
	if (!cascade.tts) engine.warmUp();
	detector.warmUp();
	return {
		speech,
		detector,
		mcp,
		forSession: (scenario, schedule, isChosen) => {
			const scenarioHearing = createScenarioHearing({ scenario, schedule });
			const hearing = cascade.stt ? createSttHearing(cascade.stt, scenarioHearing, log) : scenarioHearing;
			const answers = llmAnswers && !isChosen ? llmAnswers : createScenarioAnswers({ scenario, schedule });
			return { answers, hearing, llmAnswers };
		},
		dispose: async () => {
			await Promise.all([engine.dispose(), detector.dispose(), mcp.dispose()]);
		}
	};
}
