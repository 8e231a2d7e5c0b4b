/** Why a stage did not do its part, in words for the person who configured it. No key, and of the address the origin only. */
import { APIConnectionError, APIError } from 'openai';
import { stringAt } from '#core/base/json.ts';
import type { Endpoint, StageName } from '#simulator/cascade/cascade-config.ts';

export type FailureKind = 'unreachable' | 'timeout' | 'error';

/** A server did not do what was asked. `message` can be shown to anybody. */
export class StageFailure extends Error {
	readonly kind: FailureKind;
	/** Of the answer, where there was one that said no. */
	readonly status: number | undefined;

	constructor(kind: FailureKind, message: string, status?: number) {
		super(message);
		this.kind = kind;
		this.status = status;
	}
}

const LONGEST_QUOTE_CHARS = 300;
/** Shorter ones (`?v=1`, a key of one letter) are no secrets, and would riddle the words with holes. */
const SHORTEST_SECRET_CHARS = 4;

const stageTitles: Readonly<Record<StageName, string>> = {
	LLM: 'The language model',
	STT: 'The transcription server',
	TTS: 'The speech server'
};

function titleOf(endpoint: Endpoint): string {
	return `${stageTitles[endpoint.stage]} (EARSHOT_${endpoint.stage}_URL, ${endpoint.origin})`;
}

/** Words of the server or of the system on one line: shortened, and without the secrets that a server may repeat. */
function quote(endpoint: Endpoint, text: string): string {
	let clean = text;
	for (const secret of [endpoint.key, ...Object.values(endpoint.query)]) {
		if (secret !== undefined && secret.length >= SHORTEST_SECRET_CHARS) clean = clean.replaceAll(secret, '***');
	}
	clean = clean.replace(/[\p{Cc}\s]+/gu, ' ').trim();
	return clean.length <= LONGEST_QUOTE_CHARS ? clean : `${clean.slice(0, LONGEST_QUOTE_CHARS)}...`;
}

function sentence(text: string): string {
	return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Node's fetch says "fetch failed" and hides the reason below; a name with two addresses has a list of them. */
function rootOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
	if (error.cause instanceof Error) return rootOf(error.cause);
	return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

/** What the server said; `error` is the body's `error`, or that of an event in a stream. */
function wordsOf(error: APIError): string {
	const body: unknown = error.error;
	const said = typeof body === 'string' ? body : stringAt(body, 'message');
	return said ?? JSON.stringify(body ?? null);
}

function adviceFor(stage: StageName, status: number): string {
	if (status >= 300 && status < 400) return ` It redirects: put the address it redirects to into EARSHOT_${stage}_URL.`;
	if (status === 401 || status === 403) return ` Check EARSHOT_${stage}_KEY.`;
	if (status === 404) return ` Check EARSHOT_${stage}_URL, and that EARSHOT_${stage}_MODEL is a model it has.`;
	return '';
}

/** A failure that we found ourselves; `problem` goes on after the name of the server: "sent no text". */
export function brokenBy(endpoint: Endpoint, problem: string): StageFailure {
	return new StageFailure('error', `${titleOf(endpoint)} ${sentence(quote(endpoint, problem))}`);
}

/** The server was silent for `limitMs`. */
export function silentFor(endpoint: Endpoint, limitMs: number): StageFailure {
	const advice = `EARSHOT_${endpoint.stage}_TIMEOUT_MS gives it longer.`;
	return new StageFailure('timeout', `${titleOf(endpoint)} sent nothing for ${limitMs / 1000} s. ${advice}`);
}

/** What the `openai` client, fetch or a body's stream threw, as a failure of the stage. */
export function asStageFailure(endpoint: Endpoint, error: unknown): StageFailure {
	if (error instanceof StageFailure) return error;
	const title = titleOf(endpoint);
	if (error instanceof APIConnectionError) {
		const reason = sentence(quote(endpoint, rootOf(error)));
		return new StageFailure('unreachable', `${title} cannot be reached: ${reason} Is it running?`);
	}
	if (error instanceof APIError) {
		const { status } = error as { status: number | undefined };
		const said = sentence(quote(endpoint, wordsOf(error)) || 'no reason given');
		// Without a status it is an error inside a stream that had begun well.
		if (status === undefined) return new StageFailure('error', `${title} reported: ${said}`);
		const message = `${title} answered ${status}: ${said}${adviceFor(endpoint.stage, status)}`;
		return new StageFailure('error', message, status);
	}
	if (error instanceof SyntaxError) return brokenBy(endpoint, 'sent what is not JSON');
	return brokenBy(endpoint, `broke its answer off: ${rootOf(error)}`);
}
