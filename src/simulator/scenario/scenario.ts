/** What the simulator's model says and does, as data: the types of a scenario that was read and checked. */
import type { JsonObject } from '#simulator/session/shapes.ts';

// What opens scenarios is found where their type is.
export { loadDefaultScenario, loadScenario } from '#simulator/scenario/scenario-files.ts';

/** What must hold for a rule to be used. All of it must; what is left out is not asked. */
export interface ScenarioConditions {
	/** Of what was typed since the model's last answer or call. */
	typed?: RegExp;
	/** Of the words of the caller's audio since then. */
	transcript?: RegExp;
	/** Of either. */
	text?: RegExp;
	/** Whether the caller spoke since then. */
	audio?: boolean;
	/** Whether a picture came since then. */
	image?: boolean;
	/** First and last number of the answer in the session, from 1. */
	turn?: { min: number; max: number };
	/** Name of a tool that must be offered. */
	tool?: string;
	/** Whether the text names an offered tool. */
	mentionsTool?: boolean;
	/** Whether a tool's output came since then; of which tool, and what it matches. */
	toolOutput?: boolean | { tool?: string; matches?: RegExp };
	outOfBand?: boolean;
	metadata?: readonly (readonly [key: string, regex: RegExp])[];
	instructions?: RegExp;
	model?: RegExp;
	variables?: readonly (readonly [name: string, regex: RegExp])[];
}

export interface SayStep {
	kind: 'say';
	/** Taken in turn; with variables in braces. */
	texts: readonly string[];
}

export interface CallStep {
	kind: 'call';
	/** May hold variables, as all texts of steps. */
	tool: string;
	server?: string;
	arguments: JsonObject | 'example';
	/** Left out, instead of the whole rule, when the tool cannot be called. */
	isOptional: boolean;
}

export type ScenarioStep =
	| SayStep
	| CallStep
	| { kind: 'wait'; ms: number }
	| { kind: 'set'; values: Readonly<Record<string, string | number>> }
	| { kind: 'fail'; type: string; code: string; message: string }
	| { kind: 'refuse'; text: string | undefined }
	| { kind: 'silent' };

export interface ScenarioRule {
	name?: string;
	when: ScenarioConditions;
	steps: readonly ScenarioStep[];
	/** Used at most once in a session. */
	isOnce: boolean;
}

export interface Scenario {
	name: string;
	description?: string;
	/** The words of the caller's 1st, 2nd, ... spoken turn; null where nobody knows them. */
	caller: readonly (string | null)[];
	/** For translation sessions: the 1st, 2nd, ... stretch of speech and its translation. */
	translations: readonly { hear: string | null; say: string }[];
	variables: Readonly<Record<string, string | number>>;
	/** Their named groups are remembered from all that is typed or heard. */
	notice: readonly RegExp[];
	/** Objects, otherwise as they stand in the file: whoever makes faults checks them. */
	faults: readonly unknown[];
	/** The last one always holds. */
	rules: readonly ScenarioRule[];
	/** Whether anything in it looks at the caller's words. */
	wantsWords: boolean;
}
