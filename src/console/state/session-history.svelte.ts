import { isObject, numberAt, parseJson, stringAt, type JsonObject } from '#core/base/json.ts';
import { deriveJsonDifferences, isSameJson, type JsonDifference } from '#core/protocol/session-compare.ts';
import { withoutSecrets } from '#core/protocol/session-secrets.ts';
import { readKept, withoutKeys, writeKept } from './kept.ts';
import { notices } from './notices.svelte.ts';

/** The texts of the two editors that together are a session. */
export interface SessionTexts {
	readonly session: string;
	readonly tools: string;
}

/** A configuration that a server took. */
export interface AppliedSession extends SessionTexts {
	/** When it was applied last: unix time, ms. */
	readonly atMs: number;
	readonly endpoint: string;
	readonly model: string;
}

export interface HistoryRow extends AppliedSession {
	/** What differs from the configuration before it; `null` for the oldest that is kept. */
	readonly changes: readonly JsonDifference[] | null;
}

const STORAGE_KEY = 'earshot.session-history';
const MOST_KEPT = 50;
/** Of the five million characters that a browser gives an origin, this history takes at most so many. */
const MOST_CHARACTERS = 1_000_000;

/** The configurations that were applied in this browser, the newest first. Holds no keys. */
class SessionHistory {
	/** Newest first. */
	list = $state.raw<readonly AppliedSession[]>(readSaved());
	readonly rows = $derived(deriveHistoryRows(this.list));

	/** Another tab may have written in the meantime. */
	reload(): void {
		this.list = readSaved();
	}

	/** Keeps a configuration. One that is the newest already only moves to its new time. */
	async add(applied: AppliedSession): Promise<void> {
		// First the members that are nothing but secrets: a mark in their place would be sent when it is restored.
		const safe = withoutToolSecrets(applied);
		const [session, tools] = await Promise.all([withoutKeys(safe.session), withoutKeys(safe.tools)]);
		if (session !== null && tools !== null) this.#keep(withApplied(readSaved(), { ...safe, session, tools }));
	}

	clear(): void {
		this.#keep([]);
	}

	#keep(list: readonly AppliedSession[]): void {
		this.list = list;
		if (writeKept(STORAGE_KEY, list)) return;
		notices.show({
			kind: 'warning',
			title: 'The session history is not kept',
			text: 'This browser stores no more for this page, so what was applied is forgotten when the page is closed.'
		});
	}
}

/** The history with one more configuration, within its bounds. */
export function withApplied(list: readonly AppliedSession[], applied: AppliedSession): readonly AppliedSession[] {
	const safe = withoutToolSecrets(applied);
	const [newest] = list;
	const isAgain =
		newest !== undefined &&
		newest.endpoint === safe.endpoint &&
		newest.model === safe.model &&
		isSameJson(wholeSession(newest), wholeSession(safe));
	const all = [safe, ...(isAgain ? list.slice(1) : list)];
	let left = MOST_CHARACTERS;
	const kept = all.slice(0, MOST_KEPT).findIndex((one) => (left -= one.session.length + one.tools.length) < 0);
	return all.slice(0, kept < 0 ? MOST_KEPT : kept);
}

export function deriveHistoryRows(list: readonly AppliedSession[]): readonly HistoryRow[] {
	const sessions = list.map(wholeSession);
	return list.map((applied, index) => {
		const isOldest = index === list.length - 1;
		return { ...applied, changes: isOldest ? null : deriveJsonDifferences(sessions[index + 1], sessions[index]) };
	});
}

/** The session with its tools, as it was sent. */
function wholeSession({ session, tools }: SessionTexts): unknown {
	const value = parseJson(session);
	const list = parseJson(tools);
	return isObject(value) && Array.isArray(list) && list.length > 0 ? { ...value, tools: list } : value;
}

/** Texts in which a tool holds no secret stay as they are written. */
function withoutToolSecrets(applied: AppliedSession): AppliedSession {
	return { ...applied, session: safeText(applied.session), tools: safeText(applied.tools) };
}

function safeText(text: string): string {
	const value = parseJson(text);
	const safe = withoutSecrets(value);
	return safe === value ? text : `${JSON.stringify(safe, null, 2)}\n`;
}

function readSaved(): readonly AppliedSession[] {
	const saved = readKept(STORAGE_KEY);
	return Array.isArray(saved) ? saved.filter(isObject).flatMap(parseApplied).slice(0, MOST_KEPT) : [];
}

function parseApplied(saved: JsonObject): AppliedSession[] {
	const [atMs, session, tools] = [numberAt(saved, 'atMs'), stringAt(saved, 'session'), stringAt(saved, 'tools')];
	if (atMs === undefined || session === undefined || tools === undefined) return [];
	const endpoint = stringAt(saved, 'endpoint') ?? '';
	return [{ atMs, session, tools, endpoint, model: stringAt(saved, 'model') ?? '' }];
}

export const sessionHistory = new SessionHistory();
