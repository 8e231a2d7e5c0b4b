// Sessions that others recorded from real servers, where a folder of them is at hand: EARSHOT_CORPUS names it.
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { foldLog } from '../../../tests/fixtures/session-script.ts';
import { listAt, numberAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import { findEventDefinition, gaType } from '../protocol/catalog.ts';
import { formatHeader, formatRecordedEvent, parseRecordingFile } from '../recording/recording-file.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import type { Session } from './session-model.ts';

const CORPUS = process.env['EARSHOT_CORPUS'];
const LOGS = CORPUS && existsSync(path.join(CORPUS, 'logs')) ? path.join(CORPUS, 'logs') : undefined;
const FILES = LOGS ? globSync('**/*.jsonl', { cwd: LOGS }).sort() : [];

/** What is reported as skipped where no folder is at hand. */
const NONE = 'recorded sessions (EARSHOT_CORPUS names no folder of them)';

/** What servers other than OpenAI's send besides; nobody but their own clients needs to know them. */
const OF_VENDORS = ['ping', 'conversation.item.input_audio_transcription.updated', 'response.animation_viseme.delta'];

interface Message {
	readonly from: 'client' | 'server';
	readonly event: JsonObject;
	/** The event's text as the log spells it. */
	readonly raw: string;
}

/** Lines are `{seq, direction, event}`, or a bare server event. */
function read(file: string): Message[] {
	const lines = readFileSync(path.join(LOGS!, file), 'utf8')
		.split('\n')
		.filter((line) => line.trim() !== '');
	return lines.flatMap((line) => {
		const parsed = JSON.parse(line) as JsonObject;
		const event = objectAt(parsed, 'event') ?? parsed;
		const direction = stringAt(parsed, 'direction');
		if (stringAt(event, 'type') === undefined) return [];
		const bare = event === parsed;
		const raw = bare ? line : line.slice(line.indexOf('{', line.indexOf('"event"')), line.lastIndexOf('}'));
		return [{ from: direction === 'client' ? 'client' : 'server', event, raw: raw.trimEnd() }];
	});
}

describe.skipIf(FILES.length === 0).each(FILES.length > 0 ? FILES : [NONE])('%s', (file) => {
	const messages = file === NONE ? [] : read(file);
	const log = new MemoryLog();
	messages.forEach(({ from, raw }, seq) => log.append({ seq, at: seq * 10, from, raw }));
	const ofType = (type: string) =>
		messages.filter((m) => m.from === 'server' && gaType(stringAt(m.event, 'type')!) === type);

	test('keeps every text, in memory and in a file', () => {
		expect(messages.length).toBeGreaterThan(5);
		messages.forEach(({ raw, event }, index) => {
			expect(log.raw(index)).toBe(raw);
			expect(JSON.parse(log.raw(index))).toEqual(event);
		});
		const header = {
			earshot: 1,
			id: file,
			startedAt: '2026-01-01T00:00:00Z',
			title: file,
			endpoint: '',
			transport: '',
			model: '',
			redacted: []
		} as const;
		const lines = messages.map((_, index) => formatRecordedEvent(log.recorded(index)));
		const parsed = parseRecordingFile([formatHeader(header), ...lines].join('\n'));
		expect(parsed).toMatchObject({ ok: true, value: { skipped: [] } });
		if (parsed.ok) messages.forEach(({ raw }, index) => expect(parsed.value.log.raw(index)).toBe(raw));
	});

	test('has events of the catalog only', () => {
		const types = new Set(messages.map(({ event }) => stringAt(event, 'type')!));
		const unknown = [...types].filter((type) => !findEventDefinition(gaType(type)) && !OF_VENDORS.includes(type));
		expect(unknown).toEqual([]);
		for (const { from, event } of messages) {
			const definition = findEventDefinition(gaType(stringAt(event, 'type')!));
			if (definition) expect(definition.from, stringAt(event, 'type')).toBe(from);
		}
	});

	test('folds into responses that are done as the events say', () => {
		const session = foldLog(log);
		const done = new Map(
			ofType('response.done').map(({ event }) => [stringAt(objectAt(event, 'response'), 'id'), event])
		);
		for (const { event } of ofType('response.created')) {
			const id = stringAt(objectAt(event, 'response'), 'id')!;
			const wire = objectAt(done.get(id), 'response');
			if (!wire) continue; // the recording ends before it is done
			expect(session.responses.get(id)).toMatchObject({
				status: stringAt(wire, 'status'),
				usage: objectAt(wire, 'usage') ?? null
			});
			expect(session.responses.get(id)!.doneAt).not.toBeNull();
			const ids = listAt(wire, 'output').flatMap((item) => stringAt(item, 'id') ?? []);
			expect(session.responses.get(id)!.itemIds).toEqual(expect.arrayContaining(ids));
		}
		expect(session.activeResponseId === null || !done.has(session.activeResponseId)).toBe(true);
	});

	test('folds into items that are all known, in the order that the server tells', () => {
		const session = foldLog(log);
		for (const { event } of messages) {
			const id = stringAt(objectAt(event, 'item'), 'id') ?? stringAt(event, 'item_id');
			if (id && stringAt(event, 'type') !== 'conversation.item.create' && !isSpeech(event))
				expect(session.items.has(id), id).toBe(true);
		}
		for (const { event } of ofType('conversation.item.added')) {
			const previous = stringAt(event, 'previous_item_id');
			const id = stringAt(objectAt(event, 'item'), 'id')!;
			const place = session.itemOrder.indexOf(id);
			if (previous && session.items.has(previous)) expect(session.itemOrder[place - 1]).toBe(previous);
		}
	});

	test('folds into the words of the done events', () => {
		const session = foldLog(log);
		const said = new Map<string, string[]>();
		for (const [type, field] of WORDS) {
			for (const { event } of ofType(type)) {
				const id = stringAt(event, 'item_id')!;
				said.set(id, [...(said.get(id) ?? []), stringAt(event, field)!]);
			}
		}
		for (const [id, texts] of said) expect(session.items.get(id)!.text).toBe(texts.join('\n'));
	});

	test('folds into the audio of the deltas', () => {
		const session = foldLog(log);
		const bytes = sum(ofType('response.output_audio.delta'), 'delta');
		expect(session.utterances.reduce((total, u) => total + u.receivedBytes, 0)).toBe(bytes);
		const appended = messages.filter(({ event }) => stringAt(event, 'type') === 'input_audio_buffer.append');
		expect(callerBytes(session)).toBe(sum(appended, 'audio'));
		for (const span of session.speech) expect(span.audioEndMs ?? Infinity).toBeGreaterThan(span.audioStartMs);
	});
});

const WORDS = [
	['response.output_text.done', 'text'],
	['response.output_audio_transcript.done', 'transcript'],
	['response.function_call_arguments.done', 'arguments'],
	['conversation.item.input_audio_transcription.completed', 'transcript']
] as const;

function isSpeech(event: JsonObject): boolean {
	return (
		stringAt(event, 'type')!.startsWith('input_audio_buffer.speech_') || numberAt(event, 'audio_end_ms') !== undefined
	);
}

function sum(messages: readonly Message[], field: string): number {
	return messages.reduce((total, { event }) => total + Buffer.from(stringAt(event, field) ?? '', 'base64').length, 0);
}

function callerBytes(session: Session): number {
	return session.callerSegments.reduce((total, segment) => total + segment.length, 0);
}
