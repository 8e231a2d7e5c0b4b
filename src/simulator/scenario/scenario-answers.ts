/** Answers from a scenario: one of these for each session, because it remembers what was said and done. */
import type { AnswerEnd, AnswerListener, AnswerRequest, AnswerSource, Cancellable } from '#simulator/session/ports.ts';
import type { Schedule } from '#simulator/session/session-context.ts';
import { writeArguments } from '#simulator/scenario/call-arguments.ts';
import { chooseRule, sourcesOf } from '#simulator/scenario/choose-rule.ts';
import type { PlannedStep } from '#simulator/scenario/choose-rule.ts';
import { noticeGroups } from '#simulator/scenario/conditions.ts';
import type { Scenario, SayStep, ScenarioRule } from '#simulator/scenario/scenario.ts';
import { deriveTurnFacts } from '#simulator/scenario/turn-facts.ts';
import { fillSpeech, fillText, fillValue } from '#simulator/scenario/variables.ts';
import type { VariableSources } from '#simulator/scenario/variables.ts';

export interface ScenarioAnswersOptions {
	/** Asked for each answer, so that a file that changed counts from the next answer on. */
	scenario: () => Scenario;
	schedule: Schedule;
}

interface StepWorld {
	schedule: Schedule;
	sources: VariableSources;
	/** The text of a step whose texts are taken in turn. */
	nextText: (step: SayStep) => string;
	set: (name: string, value: unknown) => void;
}

/** The steps of one answer, one after the other. */
class StepRun implements Cancellable {
	readonly #steps: readonly PlannedStep[];
	readonly #world: StepWorld;
	readonly #listener: AnswerListener;
	#at = 0;
	#isInMessage = false;
	#isOver = false;
	#cancelTimer: () => void;

	constructor(steps: readonly PlannedStep[], world: StepWorld, listener: AnswerListener) {
		this.#steps = steps;
		this.#world = world;
		this.#listener = listener;
		this.#cancelTimer = world.schedule(0, () => this.#run());
	}

	cancel(): void {
		this.#isOver = true;
		this.#cancelTimer();
	}

	#run(): void {
		// The listener may call it off at any word.
		while (!this.#isOver) {
			const step = this.#steps[this.#at++];
			if (!step) return this.#end({ kind: 'completed' });
			if (step.kind === 'wait') {
				this.#cancelTimer = this.#world.schedule(step.ms, () => this.#run());
				return;
			}
			this.#do(step);
		}
	}

	#do(step: Exclude<PlannedStep, { kind: 'wait' }>): void {
		const { sources } = this.#world;
		switch (step.kind) {
			case 'say':
				this.#say(this.#world.nextText(step));
				if (!this.#isOver && this.#isInMessage && this.#isMessageComplete()) this.#endMessage();
				return;
			case 'call': {
				const { tool } = step;
				const server = tool.serverLabel === undefined ? {} : { serverLabel: tool.serverLabel };
				const args = writeArguments(step.arguments, tool, sources);
				this.#listener.onCall({ name: tool.name, arguments: args, ...server });
				return;
			}
			case 'set':
				for (const [name, value] of Object.entries(step.values)) {
					this.#world.set(name, typeof value === 'string' ? fillValue(value, sources) : value);
				}
				return;
			case 'refuse':
				if (step.text !== undefined) this.#say(step.text);
				return this.#end({ kind: 'filtered' });
			case 'fail': {
				const { type, code } = step;
				return this.#end({ kind: 'failed', error: { type, code, message: fillText(step.message, sources) } });
			}
			case 'silent':
				return this.#end({ kind: 'completed' });
		}
	}

	/** Texts that follow each other are one message, as when somebody goes on after a pause. */
	#say(text: string): void {
		const filled = fillSpeech(text, this.#world.sources);
		// Variables without a value may leave nothing to say.
		if (filled.trim() === '') return;
		if (this.#isInMessage) this.#listener.onText(` ${filled}`);
		else {
			const isFollowedByCall = this.#steps.slice(this.#at).some(({ kind }) => kind === 'call');
			this.#isInMessage = true;
			this.#listener.onText(filled, isFollowedByCall ? 'commentary' : 'final_answer');
		}
	}

	/** What ends an answer early cuts its message off. */
	#isMessageComplete(): boolean {
		const next = this.#steps.slice(this.#at).find(({ kind }) => kind !== 'wait' && kind !== 'set');
		return next === undefined || next.kind === 'call';
	}

	#endMessage(): void {
		this.#isInMessage = false;
		this.#listener.onMessageEnd();
	}

	#end(end: AnswerEnd): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#listener.onEnd(end);
	}
}

class ScenarioAnswers implements AnswerSource {
	readonly #options: ScenarioAnswersOptions;
	/** Of the session: what named groups found and what `set` steps made. */
	readonly #variables = new Map<string, unknown>();
	/** MCP calls that an answer reacted to. */
	readonly #seenCalls = new Set<string>();
	#scenario: Scenario | undefined;
	/** How often each step has spoken, and which rules are used up; a file that is read again begins anew. */
	#timesSaid = new Map<SayStep, number>();
	#usedUp = new Set<ScenarioRule>();

	constructor(options: ScenarioAnswersOptions) {
		this.#options = options;
	}

	get wantsWords(): boolean {
		return this.#options.scenario().wantsWords;
	}

	answer(request: AnswerRequest, listener: AnswerListener): Cancellable {
		const scenario = this.#readScenario();
		const facts = deriveTurnFacts(request, this.#seenCalls);
		// An answer beside the conversation sees what is remembered, but leaves it as it is.
		const variables = request.isOutOfBand ? new Map(this.#variables) : this.#variables;
		remember(variables, noticeGroups(scenario.notice, facts));
		const { rule, steps, match } = chooseRule(scenario, facts, { variables, usedUp: this.#usedUp });
		remember(variables, match.groups);
		if (rule?.isOnce) this.#usedUp.add(rule);
		if (!request.isOutOfBand) {
			for (const item of request.items) if (item.kind === 'mcp_call') this.#seenCalls.add(item.id);
		}
		const { schedule } = this.#options;
		const sources = { ...sourcesOf(scenario, facts, variables, match), session: variables };
		const set = (name: string, value: unknown): void => void variables.set(name, value);
		return new StepRun(steps, { schedule, sources, nextText: (step) => this.#nextText(step), set }, listener);
	}

	#readScenario(): Scenario {
		const scenario = this.#options.scenario();
		if (scenario !== this.#scenario) {
			this.#scenario = scenario;
			this.#timesSaid = new Map();
			this.#usedUp = new Set();
		}
		return scenario;
	}

	#nextText(step: SayStep): string {
		const timesSaid = this.#timesSaid.get(step) ?? 0;
		this.#timesSaid.set(step, timesSaid + 1);
		return step.texts[timesSaid % step.texts.length] ?? '';
	}
}

function remember(variables: Map<string, unknown>, groups: Readonly<Record<string, string>>): void {
	for (const [name, value] of Object.entries(groups)) variables.set(name, value);
}

/**
 * Answers from a scenario, for one session. Nothing is said from inside `answer`; each answer is run through `schedule`.
 * Texts that are taken in turn and `once` rules are counted for the session; variables live as long as it does.
 */
export function createScenarioAnswers(options: ScenarioAnswersOptions): AnswerSource {
	return new ScenarioAnswers(options);
}
