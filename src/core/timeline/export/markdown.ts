import { formatClock } from '../../base/time.ts';
import type { RecordingHeader } from '../../recording/recorded-event.ts';
import type { Item, Session } from '../../session/session-model.ts';
import { deriveConversation, type ConversationEntry } from '../conversation.ts';
import { deriveInterruptionMarkers, type InterruptionMarker } from '../interruption-markers.ts';
import { deriveCounts, deriveLength } from '../summary.ts';
import { codeBlock, escapeLine, linesOf } from './markdown-text.ts';

/** What a transcript says of the session besides what its header and its events hold. */
export interface TranscriptFacts {
	/** As the session told them: `sessionModel` and `sessionVoice` of core/protocol/session-config.ts. */
	readonly model?: string | undefined;
	readonly voice?: string | undefined;
}

/**
 * The conversation of a session that was folded to its end, as Markdown, piece by piece: what it was, each item with its
 * time, and what went wrong. Words that the caller never heard are struck.
 *
 * All text of the session is other people's: it can make no heading, link, image, list or HTML. Secrets are not looked for
 * here: fold the session from redacted entries (`redactEntry`), and pass a redacted header.
 */
export function* formatMarkdown(
	header: RecordingHeader,
	session: Session,
	facts: TranscriptFacts = {}
): Generator<string, void> {
	const entries = deriveConversation(session);
	yield `# ${escapeLine(header.title) || 'Recording'}\n\n${factLines(header, session, facts).join('\n')}\n`;
	if (entries.some(({ heardText }) => heardText !== null)) yield `\n${STRUCK}\n`;
	yield '\n## Conversation\n';
	if (entries.length === 0) yield '\n*Nothing was said.*\n';
	const markers = new Map(deriveInterruptionMarkers(session).map((marker) => [marker.itemId, marker]));
	const names = namesOfCalls(session);
	for (const entry of entries) {
		const item = session.items.get(entry.itemId)!;
		const heading = [titleOf(entry, item, names), ...notesOf(entry, item, markers.get(entry.itemId))].join(', ');
		yield `\n### ${formatClock(entry.atMs)} ${heading}\n\n${bodyOf(entry)}\n`;
	}
	if (session.problems.length === 0) return;
	yield '\n## Errors\n\n';
	for (const { at, message, code } of session.problems) {
		yield `- ${formatClock(at)} ${escapeLine(message)}${code === null ? '' : ` (${escapeLine(code)})`}\n`;
	}
}

const STRUCK =
	'~~Struck~~ words were never heard. Where they begin is estimated from the pace of the speech: the protocol gives no ' +
	'times for words.';

function factLines(header: RecordingHeader, session: Session, { model, voice }: TranscriptFacts): string[] {
	const { turns, interruptions, errors } = deriveCounts(session);
	const isTimed = header.clock !== 'order';
	const facts: [string, string | undefined][] = [
		['Time', isTimed ? timeOf(header.startedAt) : 'not recorded: the times below only keep the order'],
		['Length', isTimed ? formatClock(deriveLength(session)) : undefined],
		['Model', model ?? header.model],
		['Voice', voice],
		['Endpoint', header.endpoint],
		['Read from', header.source],
		['Turns', String(turns)],
		['Interruptions', String(interruptions)],
		['Errors', String(errors)],
		['Taken out', header.redacted.join(', ')]
	];
	return facts.flatMap(([name, value]) => (value ? [`- ${name}: ${escapeLine(value)}`] : []));
}

/** `2026-11-20 09:00:00 UTC` */
function timeOf(startedAt: string): string {
	const ms = Date.parse(startedAt);
	if (Number.isNaN(ms)) return startedAt;
	return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Function names by call id: an output does not say of which function it is. */
function namesOfCalls(session: Session): ReadonlyMap<string, string> {
	const names = new Map<string, string>();
	for (const { type, callId, name } of session.items.values()) {
		if (type === 'function_call' && callId !== null && name !== null) names.set(callId, name);
	}
	return names;
}

function titleOf({ role, who }: ConversationEntry, item: Item, names: ReadonlyMap<string, string>): string {
	if (role !== 'tool') return item.textKind === 'typed' && role !== 'system' ? `${who} (text)` : who;
	if (item.type === 'function_call' || item.type === 'mcp_call')
		return `Tool call ${escapeLine(item.name ?? '')}`.trimEnd();
	if (item.type !== 'function_call_output') return escapeLine(who);
	return `Tool output ${escapeLine(names.get(item.callId ?? '') ?? '')}`.trimEnd();
}

/** What is to be known of an item before it is read. */
function notesOf(entry: ConversationEntry, item: Item, marker: InterruptionMarker | undefined): string[] {
	const notes: string[] = [];
	if (marker) {
		notes.push(`interrupted after ${marker.estimated ? 'about ' : ''}${(marker.playedMs / 1000).toFixed(3)} s`);
	} else if (entry.heardText) {
		notes.push(entry.heardText.heard === '' ? 'never heard' : 'not heard to its end');
	}
	if (entry.isOutOfBand) notes.push('outside of the conversation');
	if (entry.isOpen) notes.push('not finished');
	else if (item.status === 'incomplete' && !marker) notes.push('incomplete');
	return notes;
}

function bodyOf({ role, text, heardText, textKind, hasAudio }: ConversationEntry): string {
	if (role === 'tool') {
		if (text === '') return textKind === 'arguments' ? '*No arguments.*' : '*Nothing.*';
		return codeBlock(text, textKind === 'arguments' ? 'json' : '');
	}
	const paragraphs = heardText ? struckLines(heardText.heard, heardText.unheard) : linesOf(text).map(escapeLine);
	if (paragraphs.length > 0) return paragraphs.join('\n\n');
	return hasAudio ? '*Speech without a transcript.*' : '*No words.*';
}

/** Lines of which the end is struck. Each line is struck by itself: a strike does not reach into the next paragraph. */
function struckLines(heard: string, unheard: string): string[] {
	const plain = linesOf(heard).map(escapeLine);
	const struck = linesOf(unheard).map((line) => `~~${escapeLine(line)}~~`);
	const [last, first] = [plain.at(-1), struck[0]];
	const shareLine = linesOf(heard + unheard).length < plain.length + struck.length;
	if (!shareLine || last === undefined || first === undefined) return [...plain, ...struck];
	return [...plain.slice(0, -1), `${last}${seam(heard, unheard)}${first}`, ...struck.slice(1)];
}

/**
 * What stands between heard and struck words: nothing where no space is written between words, as in Chinese. A strike
 * that begins with a mark needs a space before it, or it is read as two tildes.
 */
function seam(heard: string, unheard: string): string {
	const isApart = /\s$/.test(heard) || /^\s/.test(unheard);
	return isApart || !/^[\p{L}\p{N}\p{M}]/u.test(escapeLine(unheard)) ? ' ' : '';
}
