import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import { lineOf } from './entry-line.ts';
import { LineWriter, type BlockReader } from './line-writer.ts';

const BLOCK_LENGTH = 7;

/** Entries in small blocks. */
function blocksOf(entries: readonly LogEntry[]): BlockReader {
	const blocks: { first: number; data: EntryBlockData }[] = [];
	for (let first = 0; first < entries.length; first += BLOCK_LENGTH) {
		const block = new EntryBlock();
		for (const entry of entries.slice(first, first + BLOCK_LENGTH)) block.append(entry);
		blocks.push({ first, data: block.data() });
	}
	return {
		length: entries.length,
		entry: (index) => entries[index]!,
		blockAt: (index) => blocks[Math.floor(index / BLOCK_LENGTH)]!
	};
}

/** Parts of texts, among them all that is spelled otherwise in JSON, and what UTF-8 cannot hold. */
const part = fc.constantFrom(
	'',
	'a',
	'"',
	'\\',
	'\n',
	'\u0000',
	'\u001f',
	'\u007f',
	'ä',
	'日',
	'𝄞',
	'\ud800',
	'\udc00',
	'event_12'
);
const anyText = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
/** Texts that differ in the value of their id, and some that only look so. */
const shapedText = fc
	.tuple(
		fc.constantFrom('{"event_id":"', '{"event_id" : "', '"event_id":"'),
		anyText,
		fc.constantFrom('","delta":""}', '"', '')
	)
	.map((parts) => parts.join(''));
const anyEntry = fc.record({
	at: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
	from: fc.constantFrom('client', 'server', 'console'),
	text: fc.oneof(anyText, shapedText, shapedText),
	kind: fc.constantFrom('text', 'binary', 'caller', 'model', 'model'),
	offset: fc.nat(Number.MAX_SAFE_INTEGER),
	length: fc.nat(4_000_000_000)
});

const anyEntries = fc.array(anyEntry, { minLength: 1, maxLength: 40 }).map((made) =>
	made.map(({ at, from, text, kind, offset, length }, seq): LogEntry => {
		const stamp = { seq, at, from, text };
		if (kind === 'caller' || kind === 'model')
			return { ...stamp, audio: { track: kind, index: text.length, offset, length } };
		return kind === 'binary' ? { ...stamp, binary: true } : stamp;
	})
);

it('writes the same lines from blocks as from entries, from anywhere to anywhere', () => {
	fc.assert(
		fc.property(anyEntries, fc.nat(40), fc.nat(40), (entries, a, b) => {
			const [first, end] = [Math.min(a, b), Math.min(Math.max(a, b), entries.length)];
			const expected = entries.slice(first, end).map(lineOf).join('');
			const reader = blocksOf(entries);
			const plain = { length: entries.length, entry: reader.entry };
			for (const writer of [new LineWriter(reader), new LineWriter(plain)]) {
				expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(writer.lines(first, end))).toBe(expected);
				const audio = entries.slice(first, end).map((_, i) => writer.audioOf(first + i));
				expect(audio).toEqual(entries.slice(first, end).map((entry) => entry.audio));
			}
		}),
		{ numRuns: 1_000 }
	);
});

it('writes lines that are longer than all before', () => {
	const long = (length: number) => `{"event_id":"${'"'.repeat(length)}","delta":""}`;
	const entries = [10, 1_000_000, 20].map((length, seq): LogEntry => {
		const audio = { track: 'model' as const, index: 3, offset: seq, length: 1 };
		return { seq, at: seq, from: 'server', text: long(length), audio };
	});
	const lines = new LineWriter(blocksOf(entries)).lines(0, 3);
	expect(new TextDecoder().decode(lines)).toBe(entries.map(lineOf).join(''));
});
