/** For tests of the pure session: edges made of arithmetic, on the test's own clock. */
import type {
	AnswerEnd,
	AnswerRequest,
	AnswerSource,
	Hearing,
	McpCallError,
	McpConnector,
	McpTool,
	PlannedCall,
	SpeechDetector,
	SpeechSource
} from '#simulator/session/ports.ts';
import type { VirtualClock } from '#simulator/testing/virtual-clock.ts';

/** Speaks 60 ms per character as a constant, 20 ms after it was asked. `fail` makes it fail instead, `silent` say nothing. */
export function createFakeSpeech(
	clock: VirtualClock,
	options: { fail?: boolean; silent?: boolean } = {}
): SpeechSource {
	return {
		speak: (_request, listener) => {
			const pending = new Set<() => void>();
			const later = (action: () => void): void => {
				const cancel = clock.schedule(20, () => {
					pending.delete(cancel);
					action();
				});
				pending.add(cancel);
			};
			let hasFailed = false;
			return {
				say: (clause) =>
					later(() => {
						if (options.fail && !hasFailed) {
							hasFailed = true;
							listener.onError(new Error('no voice today'));
						} else if (!options.silent) listener.onAudio(new Int16Array(clause.length * 60 * 24).fill(1000));
					}),
				end: () => later(() => !hasFailed && listener.onDone()),
				cancel: () => {
					for (const cancel of pending) cancel();
				}
			};
		}
	};
}

export interface FakeDetectorOptions {
	/** The push that fails. */
	failAfterPushes?: number;
	/** How long an answer takes; 2 ms. */
	answerMs?: number;
}

/** Takes a frame for speech when it is louder than 0.03 of full scale. */
export function createFakeDetector(clock: VirtualClock, options: FakeDetectorOptions = {}): SpeechDetector {
	let pushes = 0;
	return {
		openStream: (rateHz, listener) => {
			const frameSamples = (rateHz * 32) / 1000;
			let rest: number[] = [];
			const pending = new Set<() => void>();
			return {
				push: (samples) => {
					pushes++;
					const isFailure = pushes === options.failAfterPushes;
					rest.push(...samples);
					const probabilities: number[] = [];
					while (rest.length >= frameSamples) {
						const frame = rest.slice(0, frameSamples);
						rest = rest.slice(frameSamples);
						const level = frame.reduce((sum, sample) => sum + Math.abs(sample), 0) / frame.length;
						probabilities.push(level > 1000 ? 0.9 : 0.01);
					}
					const cancel = clock.schedule(options.answerMs ?? 2, () => {
						pending.delete(cancel);
						if (isFailure) listener.onError(new Error('no ears today'));
						else listener.onProbabilities(Float32Array.from(probabilities));
					});
					pending.add(cancel);
				},
				dispose: () => {
					for (const cancel of pending) cancel();
				}
			};
		}
	};
}

/** One thing that a scripted answer does. */
export type ScriptStep =
	| { text: string; phase?: 'commentary' | 'final_answer' }
	| { messageEnd: true }
	| { call: PlannedCall }
	| { waitMs: number }
	| { end: AnswerEnd };

/** An answer source that does what a function says, step by step; without an `end` it completes. Requests are kept. */
export class ScriptedAnswers implements AnswerSource {
	readonly requests: AnswerRequest[] = [];
	readonly wantsWords: boolean;
	/** Answers that were called off before their end. */
	cancelledCount = 0;
	readonly #clock: VirtualClock;
	readonly #script: (request: AnswerRequest) => ScriptStep[];

	constructor(clock: VirtualClock, script: (request: AnswerRequest) => ScriptStep[] = sayBack, wantsWords = false) {
		this.#clock = clock;
		this.#script = script;
		this.wantsWords = wantsWords;
	}

	readonly answer: AnswerSource['answer'] = (request, listener) => {
		this.requests.push(request);
		const steps = [...this.#script(request)];
		let isOver = false;
		let cancelTimer = (): void => {};
		const run = (): void => {
			for (;;) {
				const step = steps.shift() ?? { end: { kind: 'completed' as const } };
				if ('waitMs' in step) {
					cancelTimer = this.#clock.schedule(step.waitMs, run);
					return;
				}
				if ('text' in step) listener.onText(step.text, step.phase);
				else if ('call' in step) listener.onCall(step.call);
				else if ('messageEnd' in step) listener.onMessageEnd();
				else {
					isOver = true;
					listener.onEnd(step.end);
					return;
				}
			}
		};
		cancelTimer = this.#clock.schedule(0, run);
		return {
			cancel: () => {
				cancelTimer();
				if (!isOver) this.cancelledCount++;
				isOver = true;
			}
		};
	};
}

/** What the caller typed and spoke since the last answer. */
export function sayBack(request: AnswerRequest): ScriptStep[] {
	const last = request.items.findLastIndex((item) => item.kind === 'message' && item.role === 'assistant');
	const typed: string[] = [];
	let spoke = false;
	for (const item of request.items.slice(last + 1)) {
		if (item.kind !== 'message' || item.role !== 'user') continue;
		for (const part of item.content) {
			if (part.type === 'input_text') typed.push(part.text);
			if (part.type === 'input_audio') spoke = true;
		}
	}
	const heard = spoke ? 'I heard you, and I say so in some words that take their time. ' : '';
	const read = typed.length > 0 ? `You typed: ${typed.join(' ')} ` : '';
	return [
		{ text: `${read}${heard}I am made for a test, so I only say back what I notice. This was answer ${request.turn}.` }
	];
}

/** Knows the words of the spoken turns that it is given, and nobody else's. */
export function createFakeHearing(clock: VirtualClock, turns: (string | undefined)[] = []): Hearing {
	return {
		expectedWords: (turn) => turns[turn - 1],
		hear: ({ spokenTurn }, listener) => {
			const words = turns[spokenTurn - 1];
			const cancel = clock.schedule(30, () => {
				if (words === undefined) {
					listener.onError({ code: 'transcription_unavailable', message: 'Nobody knows the words.' });
					return;
				}
				listener.onWords(words);
				listener.onDone(words);
			});
			return { cancel };
		}
	};
}

export interface FakeMcpOptions {
	tools?: McpTool[];
	listError?: McpCallError;
	/** What a call gives: its output, or its error; nothing at all when undefined. */
	call?: (name: string, args: string) => string | McpCallError | undefined;
}

/** Answers after 50 ms. Calls that were called off are counted. */
export class FakeMcp implements McpConnector {
	cancelledCount = 0;
	readonly calls: { name: string; args: string }[] = [];
	readonly #clock: VirtualClock;
	readonly #options: FakeMcpOptions;

	constructor(clock: VirtualClock, options: FakeMcpOptions = {}) {
		this.#clock = clock;
		this.#options = options;
	}

	readonly listTools: McpConnector['listTools'] = (_server, listener) => ({
		cancel: this.#clock.schedule(50, () => {
			if (this.#options.listError) listener.onError(this.#options.listError);
			else listener.onTools(this.#options.tools ?? []);
		})
	});

	readonly callTool: McpConnector['callTool'] = (_server, name, args, listener) => {
		this.calls.push({ name, args });
		let isOver = false;
		const cancel = this.#clock.schedule(50, () => {
			const result = this.#options.call?.(name, args);
			if (result === undefined) return;
			isOver = true;
			if (typeof result === 'string') listener.onOutput(result);
			else listener.onError(result);
		});
		return {
			cancel: () => {
				cancel();
				if (!isOver) this.cancelledCount++;
				isOver = true;
			}
		};
	};
}
