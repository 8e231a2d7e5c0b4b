// Sessions without secrets come out as they went in, byte for byte.
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SessionScript } from '../../../../tests/fixtures/session-script.ts';
import type { From } from '../recorded-event.ts';
import { createRedactor } from './redactor.ts';

const ALL = { emails: true, phones: true, cards: true };
const CORPUS = process.env['EARSHOT_CORPUS'];
const LOGS = CORPUS && existsSync(path.join(CORPUS, 'logs')) ? path.join(CORPUS, 'logs') : undefined;
const FILES = LOGS ? globSync('**/*.jsonl', { cwd: LOGS }).sort() : [];
const FIXTURE = path.join(import.meta.dirname, '../../../../tests/fixtures/v1-barge-in.earshot.jsonl');

function expectUnchanged(messages: readonly { readonly from: From; readonly raw: string }[]): void {
	expect(messages.length).toBeGreaterThan(5);
	for (const options of [{}, ALL]) {
		const redactor = createRedactor(options);
		for (const { from, raw } of messages) expect(redactor.message(from, raw)).toBe(raw);
		expect(redactor.found).toEqual([]);
		expect(redactor.counts.size).toBe(0);
	}
}

/** Each line as it is, and the event in it. */
function linesOf(file: string): { from: From; raw: string }[] {
	const lines = readFileSync(file, 'utf8')
		.split('\n')
		.filter((line) => line.trim() !== '');
	return lines.flatMap((raw) => {
		const { event, direction, from } = JSON.parse(raw) as { event?: unknown; direction?: From; from?: From };
		const whole = { from: direction ?? from ?? ('server' as const), raw };
		return event === undefined ? [whole] : [whole, { ...whole, raw: JSON.stringify(event) }];
	});
}

test('a scripted session', () => {
	const script = new SessionScript()
		.connects()
		.callerSpeaks('item_1', { fromMs: 100, ms: 800, previous: null })
		.callerTranscribed('item_1', ['When are', ' you open', ' on Saturdays?'])
		.responseBegins('resp_1')
		.modelBegins('resp_1', 'item_2', 'item_1')
		.modelSpeaks('resp_1', 'item_2', ['From nine', ' to six, ask', ' at the desk.'], 1500)
		.modelEnds('resp_1', 'item_2', 'From nine to six, ask at the desk.', { previous: 'item_1' });
	const messages = Array.from({ length: script.log.length }, (_, index) => ({
		from: script.log.entry(index).from,
		raw: script.log.raw(index)
	}));
	expectUnchanged(messages);
	expectUnchanged(messages.map(({ from }, index) => ({ from, raw: script.log.entry(index).text })));
});

test('the recording file of the fixtures', () => expectUnchanged(linesOf(FIXTURE)));

/** What is reported as skipped where no folder is at hand. */
const NONE = 'recorded sessions (EARSHOT_CORPUS names no folder of them)';

describe.skipIf(FILES.length === 0).each(FILES.length > 0 ? FILES : [NONE])('%s', (file) => {
	test('comes out as it went in', () => expectUnchanged(linesOf(path.join(LOGS!, file))));
});

describe.skipIf(!LOGS)('what is in the recorded exchanges', () => {
	test('the secrets go, and all else stays', () => {
		const counts = new Map<string, number>();
		for (const file of globSync('**/*.json', { cwd: LOGS! }).sort()) {
			const redactor = createRedactor(ALL);
			const raw = readFileSync(path.join(LOGS!, file), 'utf8');
			const redacted = redactor.message('server', raw);
			expect(redacted.replace(/\[redacted: [a-z ]+\]/g, '').length).toBeGreaterThan(raw.length * 0.9);
			expect(redacted).not.toMatch(/"ek_|a=ice-pwd:\w/);
			for (const [kind, count] of redactor.counts) counts.set(kind, (counts.get(kind) ?? 0) + count);
		}
		expect(Object.fromEntries(counts)).toEqual({ 'client secret': 3, password: 4, 'ip address': 6, 'api key': 2 });
	});
});
