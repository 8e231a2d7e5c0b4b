import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileLog } from '../../../tests/fixtures/hostile-log.ts';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { foldLog } from '../../../tests/fixtures/session-script.ts';
import type { EntryReader, MemoryLog } from '../recording/recording-log.ts';
import { applyEntry } from './apply-event.ts';
import { Checkpoints } from './checkpoints.ts';
import { copySession } from './copy-session.ts';
import { SessionFold } from './session-fold.ts';
import { createSession, type Session } from './session-model.ts';

/** A log whose events come again and again: `times` as long, and time goes on. */
function repeated(log: MemoryLog, times: number): EntryReader {
	return {
		length: log.length * times,
		entry: (index) => ({
			...log.entry(index % log.length),
			text: log.entry(index % log.length).text,
			seq: index,
			at: index
		})
	};
}

/** Parts of messages, which no fold changes. */
const AS_SENT = ['config', 'usage', 'requested', 'effective'];

/** Puts something into everything that a fold could change. */
function spoil(session: Session): void {
	const seen = new Set<unknown>();
	const visit = (value: unknown): void => {
		if (typeof value !== 'object' || value === null || seen.has(value)) return;
		seen.add(value);
		if (Array.isArray(value)) {
			value.forEach(visit);
			value.push('spoilt');
		} else if (value instanceof Map) {
			value.forEach(visit);
			value.set('spoilt', true);
		} else {
			for (const [key, part] of Object.entries(value)) if (!AS_SENT.includes(key)) visit(part);
			Object.assign(value, { spoilt: true });
		}
	};
	visit(session);
}

describe('a session restored from a checkpoint', () => {
	test('is the session that was, folds on as it did, and shares nothing that can change', { timeout: 30_000 }, () => {
		const moments = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 3 });
		fc.assert(
			fc.property(hostileLog(), moments, (hostile, places) => {
				if (hostile.length === 0) return;
				const log = repeated(hostile, Math.ceil(5000 / hostile.length));
				const checkpoints = new Checkpoints();
				new SessionFold(log, checkpoints).moveTo(log.length);
				expect(checkpoints.count).toBe(Math.floor(log.length / 1024));
				for (const place of places) {
					const count = place % (log.length + 1);
					spoil(checkpoints.restore(count));
					const session = checkpoints.restore(count);
					expect(session.eventCount).toBe(checkpoints.nearest(count));
					for (let index = session.eventCount; index < count; index++) applyEntry(session, log.entry(index));
					expect(session).toEqual(foldLog(log as MemoryLog, count));
				}
			}),
			{ numRuns: 25 }
		);
	});

	test('holds an utterance once, by its place and by its item', () => {
		const log = repeated(bargeIn().log, 60);
		const checkpoints = new Checkpoints();
		new SessionFold(log, checkpoints).moveTo(log.length);
		const session = checkpoints.restore(log.length);
		expect(session.utterances.length).toBeGreaterThan(0);
		for (const utterance of session.utterances) {
			expect(session.utterancesByItem.get(utterance.itemId)?.get(utterance.contentIndex)).toBe(utterance);
		}
	});
});

test('two parts that are alike stay two, also when one of them was there before', () => {
	const session = createSession();
	const span = { itemId: 'a', audioStartMs: 0, audioEndMs: null, startedAt: 0, stoppedAt: null };
	session.speech.push(span, { ...span });
	const before = copySession(session);
	before.speech.push(before.speech[0]!);
	session.speech.push({ ...span });
	expect(new Set(copySession(session, before).speech).size).toBe(3);
});

test('there are never more than 64, evenly spaced, however long the log is', () => {
	const checkpoints = new Checkpoints();
	const session = createSession();
	let most = 0;
	for (let count = 1; count <= 300_000; count++) {
		session.eventCount = count;
		checkpoints.note(session);
		most = Math.max(most, checkpoints.count);
	}
	expect(most).toBe(64);
	expect(checkpoints.count).toBeGreaterThan(32);
	const places = Array.from({ length: 300 }, (_, thousand) => checkpoints.nearest(thousand * 1000));
	const gaps = [...new Set(places)].map((count, index, all) => count - (all[index - 1] ?? 0)).slice(1);
	expect(new Set(gaps).size).toBe(1);
	expect(checkpoints.nearest(1)).toBe(0);
});

test('a copy shares with the one before what did not change, and nothing else', () => {
	const script = bargeIn();
	const session = createSession();
	const half = Math.floor(script.log.length / 2);
	for (let index = 0; index < half; index++) applyEntry(session, script.log.entry(index));
	const before = copySession(session);
	for (let index = half; index < script.log.length; index++) applyEntry(session, script.log.entry(index));
	const copy = copySession(session, before);
	expect(copy).toEqual(session);
	const [first] = session.itemOrder;
	expect(copy.items.get(first!)).toBe(before.items.get(first!));
	expect(copy.items.get(first!)).not.toBe(session.items.get(first!));
	expect(copy.items).not.toBe(before.items);
	expect(copy.config).toBe(session.config);
	expect(copySession(session, copy)).toBe(copy);
});
