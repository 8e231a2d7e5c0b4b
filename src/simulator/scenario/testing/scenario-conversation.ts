/** For tests: a conversation with a scenario, without the rest of a session. */
import type { ConversationItem, McpCallItem } from '#simulator/session/conversation.ts';
import type { AnswerEnd, AnswerRequest, AnswerSource, CallableTool, PlannedCall } from '#simulator/session/ports.ts';
import { parseScenario } from '#simulator/scenario/parse-scenario.ts';
import { createScenarioAnswers } from '#simulator/scenario/scenario-answers.ts';
import type { Scenario } from '#simulator/scenario/scenario.ts';
import { VirtualClock } from '#simulator/testing/virtual-clock.ts';

export function scenarioOf(...rules: unknown[]): Scenario {
	return readScenario({ scenario: 1, rules });
}

export function readScenario(value: unknown): Scenario {
	const parsed = parseScenario(value);
	if ('error' in parsed) throw new Error(parsed.error);
	return parsed.scenario;
}

export const toolOf = (name: string, parameters: Record<string, unknown> = { type: 'object' }): CallableTool => ({
	name,
	description: null,
	parameters
});

export interface Answer {
	/** A text for each message. */
	messages: string[];
	phases: (string | undefined)[];
	calls: PlannedCall[];
	end: AnswerEnd | undefined;
	/** What came, in order. */
	log: string[];
	/** When it ended, on the clock of the conversation. */
	tookMs: number;
}

let userMessages = 0;

const userMessage = (content: Extract<ConversationItem, { kind: 'message' }>['content']): ConversationItem => ({
	kind: 'message',
	id: `user ${++userMessages}`,
	status: 'completed',
	role: 'user',
	content
});

export class ScenarioConversation {
	readonly clock = new VirtualClock();
	readonly items: ConversationItem[] = [];
	readonly answers: AnswerSource;
	scenario: Scenario;
	tools: CallableTool[];
	#turn = 0;

	constructor(scenario: Scenario, tools: CallableTool[] = []) {
		this.scenario = scenario;
		this.tools = tools;
		this.answers = createScenarioAnswers({ scenario: () => this.scenario, schedule: this.clock.schedule });
	}

	type(text: string): this {
		this.items.push(userMessage([{ type: 'input_text', text }]));
		return this;
	}

	/** A second of speech at -20 dB; the words when somebody knows them. */
	speak(words?: string, samples = 24_000): this {
		const audio = [new Int16Array(samples).fill(3277)];
		const heard = words === undefined ? {} : { heardWords: words };
		this.items.push(userMessage([{ type: 'input_audio', transcript: null, audio, rateHz: 24_000, ...heard }]));
		return this;
	}

	showPicture(): this {
		this.items.push(userMessage([{ type: 'input_image', imageUrl: 'data:,', detail: 'auto', tokens: 85 }]));
		return this;
	}

	/** The output of the newest call of that tool. */
	giveOutput(tool: string, output: unknown): this {
		const call = this.items.findLast((item) => item.kind === 'function_call' && item.name === tool);
		if (call?.kind !== 'function_call') throw new Error(`Nobody called ${tool}`);
		const text = typeof output === 'string' ? output : JSON.stringify(output);
		this.items.push({ kind: 'function_call_output', id: `output ${call.id}`, callId: call.callId, output: text });
		return this;
	}

	addMcpCall(name: string, rest: Partial<McpCallItem>): this {
		const id = `mcp ${this.items.length}`;
		const ends = { output: null, error: null, approvalRequestId: null };
		this.items.push({ kind: 'mcp_call', id, serverLabel: 'server', name, arguments: '{}', ...ends, ...rest });
		return this;
	}

	request(rest: Partial<AnswerRequest> = {}): AnswerRequest {
		return {
			turn: ++this.#turn,
			model: 'gpt-realtime',
			voice: 'alloy',
			modality: 'audio',
			instructions: '',
			items: [...this.items],
			tools: this.tools,
			toolDemand: { kind: 'auto' },
			allowsSeveralCalls: true,
			maxOutputTokens: 'inf',
			metadata: null,
			isOutOfBand: false,
			...rest
		};
	}

	/** Lets the model answer until it ends, and keeps what it did in the conversation. */
	answer(rest: Partial<AnswerRequest> = {}): Answer {
		const request = this.request(rest);
		const answer: Answer = { messages: [], phases: [], calls: [], end: undefined, log: [], tookMs: 0 };
		let isOpen = false;
		const startMs = this.clock.nowMs();
		this.answers.answer(request, {
			onText: (text, phase) => {
				if (!isOpen) {
					answer.messages.push('');
					answer.phases.push(phase);
				}
				isOpen = true;
				answer.messages.push(`${answer.messages.pop() ?? ''}${text}`);
				answer.log.push(`text ${text}`);
			},
			onMessageEnd: () => {
				isOpen = false;
				answer.log.push('message end');
			},
			onCall: (call) => {
				isOpen = false;
				answer.calls.push(call);
				answer.log.push(`call ${call.name} ${call.arguments}`);
			},
			onEnd: (end) => {
				if (answer.end) throw new Error('An answer ends once');
				answer.end = end;
				answer.tookMs = this.clock.nowMs() - startMs;
				answer.log.push(end.kind);
			}
		});
		if (answer.log.length > 0) throw new Error('Nothing may be said from inside answer()');
		this.clock.advance(1_000_000);
		if (!request.isOutOfBand) this.#keep(answer);
		return answer;
	}

	/** What it says to that, as one text. */
	ask(typed: string, rest: Partial<AnswerRequest> = {}): string {
		return this.type(typed).answer(rest).messages.join(' ');
	}

	#keep({ messages, calls }: Answer): void {
		for (const text of messages) {
			const content = [{ type: 'output_text' as const, text }];
			this.items.push({
				kind: 'message',
				id: `answer ${this.items.length}`,
				status: 'completed',
				role: 'assistant',
				content
			});
		}
		for (const { name, arguments: args } of calls) {
			const id = `call ${this.items.length}`;
			this.items.push({ kind: 'function_call', id, status: 'completed', name, callId: id, arguments: args });
		}
	}
}
