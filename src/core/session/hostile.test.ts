import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileLog } from '../../../tests/fixtures/hostile-log.ts';
import { foldLog } from '../../../tests/fixtures/session-script.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { applyEntry } from './apply-event.ts';
import { createSession, type Session } from './session-model.ts';

test('nothing that a log holds stops the fold', { timeout: 30_000 }, () => {
	fc.assert(
		fc.property(hostileLog(), (log) => expectSound(foldLog(log), log.length)),
		{ numRuns: 300 }
	);
});

/** What every pane may rely on, whatever was folded. */
function expectSound(folded: Session, count: number): void {
	expect(folded.eventCount).toBe(count);
	expect(new Set(folded.itemOrder)).toEqual(new Set(folded.items.keys()));
	expect(folded.itemOrder.length).toBe(folded.items.size);
	expect(folded.requestedResponseIds).toHaveLength(folded.requestedResponses);
	for (const segment of folded.callerSegments) expect(segment.bytesPerMs).toBeGreaterThan(0);
	for (const utterance of folded.utterances) {
		expect(utterance.bytesPerMs).toBeGreaterThan(0);
		expect(utterance.pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(utterance.receivedBytes);
		expect(utterance.playback.playedSamples).toBeGreaterThanOrEqual(0);
	}
	expect(Object.prototype).not.toHaveProperty('id');
}

test.each([
	['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
	['objects', '{"item":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
	['an item', `{"type":"conversation.item.added","item":{"id":"a","content":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`],
	[
		'an item’s content',
		`{"type":"conversation.item.added","item":{"id":"a","content":[${'{"text":'.repeat(1e5)}1${'}'.repeat(1e5)}]}}`
	]
])('%s nested 100,000 deep stop nothing', (_name, raw) => {
	const log = new MemoryLog();
	log.append({ seq: 0, at: 0, from: 'server', raw });
	const folded = createSession();
	expect(() => applyEntry(folded, log.entry(0))).not.toThrow();
	expect(log.raw(0) === raw).toBe(true);
});

test('20,000 answers are folded, each to its end', () => {
	const log = new MemoryLog();
	const add = (type: string, fields: object) =>
		log.append({ seq: log.length, at: log.length, from: 'server', raw: JSON.stringify({ type, ...fields }) });
	for (let n = 0; n < 20_000; n++) {
		const of = { item_id: `item_${n}`, response_id: `resp_${n}`, content_index: 0 };
		const item = { id: of.item_id, type: 'message', role: 'assistant', status: 'in_progress', content: [] };
		add('response.created', { response: { id: of.response_id, status: 'in_progress' } });
		add('conversation.item.added', { previous_item_id: n === 0 ? null : `item_${n - 1}`, item });
		add('response.output_audio.delta', { ...of, delta: 'AAAA' });
		add('response.done', { response: { id: of.response_id, status: 'completed', output: [item] } });
	}
	const folded = foldLog(log);
	expect(folded.utterances).toHaveLength(20_000);
	expect(folded.utterances.every((utterance) => utterance.complete)).toBe(true);
});

test('ids that objects inherit are ids like others', () => {
	const log = new MemoryLog();
	const of = (item_id: string) => ({ item_id, response_id: item_id, content_index: 0 });
	for (const name of ['__proto__', 'constructor']) {
		const events = [
			{ type: 'response.created', response: { id: name, status: 'in_progress' } },
			{ type: 'conversation.item.added', item: { id: name, type: 'message', role: 'assistant', content: [] } },
			{ type: 'response.output_audio.delta', ...of(name), delta: 'AAAA' },
			{ type: 'response.output_text.delta', ...of(name), delta: name }
		];
		for (const event of events) log.append({ seq: log.length, at: 0, from: 'server', raw: JSON.stringify(event) });
	}
	const folded = foldLog(log);
	expect(folded.itemOrder).toEqual(['__proto__', 'constructor']);
	expect(folded.items.get('__proto__')?.text).toBe('__proto__');
	expect(folded.utterances.map((u) => [u.itemId, u.receivedBytes])).toEqual([
		['__proto__', 3],
		['constructor', 3]
	]);
	expect(folded.responses.get('constructor')?.itemIds).toEqual(['constructor']);
});
