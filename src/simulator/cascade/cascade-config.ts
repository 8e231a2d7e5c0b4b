/**
 * Where the cascade's three stages are: a language model (LLM), the words of the caller (STT), the voice (TTS). Each is
 * an OpenAI-compatible server that the environment names; each may be there without the others.
 */
import { fail, succeed } from '#core/base/result.ts';
import type { Result } from '#core/base/result.ts';

export type StageName = 'LLM' | 'STT' | 'TTS';

/** One server. It holds a key: never log it as a whole. */
export interface Endpoint {
	stage: StageName;
	/** What requests are put under: with the version, without a slash at its end, `http://127.0.0.1:11434/v1`. */
	baseUrl: string;
	/** Of the address; sent with every request. */
	query: Record<string, string>;
	/** Scheme, host and port: all that a message says about the address, because the rest may hold secrets. */
	origin: string;
	model?: string;
	key?: string;
	/** The longest silence of the server that is waited for, before its first byte and between two. */
	timeoutMs: number;
}

export interface SpeechEndpoint extends Endpoint {
	/** Spoken with instead of the session's voice. */
	voice?: string;
}

export interface CascadeConfig {
	llm?: Endpoint;
	stt?: Endpoint;
	tts?: SpeechEndpoint;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_TIMEOUT_MS = 30_000;
/** Node's fetch gives up after five minutes without headers or without a further byte, whatever is set here. */
const LONGEST_TIMEOUT_MS = 300_000;

const examples: Readonly<Record<StageName, string>> = {
	LLM: 'http://127.0.0.1:11434/v1',
	STT: 'http://127.0.0.1:8000/v1',
	TTS: 'http://127.0.0.1:8000/v1'
};

/**
 * The address that requests are put under. The version may be given or left out: a path with a part such as `v1`, `v3`
 * or `v1beta` is taken as it is, any other gets `/v1`. A whole endpoint (`.../v1/chat/completions`) is taken as well.
 */
function baseUrlOf(url: URL): string {
	const path = url.pathname
		.replace(/\/+$/, '')
		.replace(/\/(chat\/completions|audio\/transcriptions|audio\/speech)$/, '');
	const hasVersion = path.split('/').some((part) => /^v\d+([a-z]+\d*)?$/.test(part));
	return url.origin + path + (hasVersion ? '' : '/v1');
}

/** The URL, or what is wrong with it; the text itself is not repeated, because it may hold a password. */
function parseUrl(text: string): Result<URL> {
	if (!/^https?:\/\//i.test(text)) return fail('must begin with http:// or https://');
	if (!URL.canParse(text)) return fail('is not a URL');
	const url = new URL(text);
	return url.username === '' && url.password === ''
		? succeed(url)
		: fail('must not hold a name or a password; a key has its own variable');
}

function parseTimeout(text: string | undefined): Result<number> {
	if (text === undefined) return succeed(DEFAULT_TIMEOUT_MS);
	const timeoutMs = Number(text);
	return Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= LONGEST_TIMEOUT_MS
		? succeed(timeoutMs)
		: fail(`must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT_MS}`);
}

/** The endpoint of one stage, or undefined when its URL is not set. */
function readEndpoint(env: Environment, stage: StageName): Result<SpeechEndpoint | undefined> {
	const nameOf = (part: string): string => `EARSHOT_${stage}_${part}`;
	const read = (part: string): string | undefined => env[nameOf(part)]?.trim() || undefined;
	const example = `for example ${nameOf('URL')}=${examples[stage]}`;
	const parts = ['MODEL', 'KEY', 'TIMEOUT_MS', ...(stage === 'TTS' ? ['VOICE'] : [])];
	const text = read('URL');
	if (text === undefined) {
		const lonely = parts.find((part) => read(part) !== undefined);
		if (lonely === undefined) return succeed(undefined);
		return fail(`${nameOf(lonely)} is set, but ${nameOf('URL')} is not: say where the server is, ${example}`);
	}
	const url = parseUrl(text);
	if (!url.ok) return fail(`${nameOf('URL')} ${url.error}; give the address of a server, ${example}`);
	const timeout = parseTimeout(read('TIMEOUT_MS'));
	if (!timeout.ok) return fail(`${nameOf('TIMEOUT_MS')} ${timeout.error}, for example ${nameOf('TIMEOUT_MS')}=60000`);
	const key = read('KEY');
	if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
		const problem = 'holds a space or a sign that no HTTP header can carry';
		return fail(`${nameOf('KEY')} ${problem}; give the key alone, for example ${nameOf('KEY')}=sk-local`);
	}
	const model = read('MODEL');
	const voice = stage === 'TTS' ? read('VOICE') : undefined;
	return succeed({
		stage,
		baseUrl: baseUrlOf(url.value),
		query: Object.fromEntries(url.value.searchParams),
		origin: url.value.origin,
		timeoutMs: timeout.value,
		...(model === undefined ? {} : { model }),
		...(key === undefined ? {} : { key }),
		...(voice === undefined ? {} : { voice })
	});
}

/**
 * Reads `EARSHOT_LLM_URL`, `EARSHOT_STT_URL`, `EARSHOT_TTS_URL` and, of each, `_MODEL`, `_KEY`, `_TIMEOUT_MS` (30000) and
 * for TTS `_VOICE`. URLs may end in `/v1` or not. What is not set or empty is left out; nothing set gives `{}`. The error
 * names the variable, what is wrong with it and an example, and repeats no value.
 */
export function readCascadeConfig(env: Environment): Result<CascadeConfig> {
	const config: CascadeConfig = {};
	for (const stage of ['LLM', 'STT', 'TTS'] as const) {
		const endpoint = readEndpoint(env, stage);
		if (!endpoint.ok) return endpoint;
		if (endpoint.value) config[stage.toLowerCase() as 'llm' | 'stt' | 'tts'] = endpoint.value;
	}
	return succeed(config);
}
