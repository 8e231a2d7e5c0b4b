import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import { lineOf, parseLine } from './entry-line.ts';
import { LineReader } from './line-reader.ts';

/** Lines of a session are alike: they differ in numbers and ids, and now and then one is of another kind. */
const anyKind = fc.record({
	from: fc.constantFrom('client', 'server', 'console'),
	track: fc.constantFrom('caller', 'model'),
	head: fc.constantFrom('{"type":"a","event_id":"', '{"event_id" : "', '{"type":"ä\\n","audio":"'),
	tail: fc.constantFrom('","delta":""}', '"}', '')
});
const anyNumber = fc.oneof(fc.nat(12), fc.nat(1e9), fc.constantFrom(1e14, 1e15, Number.MAX_SAFE_INTEGER));
const anyVariation = fc.record({
	kind: fc.constantFrom(0, 0, 0, 1),
	at: fc.oneof(
		fc.nat(12),
		fc.nat(3).map((fourths) => fourths / 4),
		fc.nat(7 * 24 * 3_600_000_000).map((us) => us / 1000),
		fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 })
	),
	id: fc.constantFrom('', '', 'event_1', 'event_22', 'ä', '\\"', '\u0000', '\u007f', '\ud800', 'x"y', '𝄞'),
	hasAudio: fc.constantFrom(true, true, true, false),
	offset: anyNumber,
	length: anyNumber,
	/** A byte that becomes another, is doubled, or is gone. */
	hit: fc.option(
		fc.record({
			at: fc.nat(400),
			kind: fc.constantFrom('change', 'change', 'double', 'drop'),
			byte: fc.constantFrom(...Array.from('0099.-e"\\}:,aä\u0000', (letter) => letter.charCodeAt(0)), 0xff)
		})
	)
});

function hitLine(bytes: Uint8Array, { at, kind, byte }: { at: number; kind: string; byte: number }): Uint8Array {
	const place = at % bytes.length;
	const rest = bytes.subarray(place + 1);
	const middle = kind === 'change' ? [byte] : kind === 'double' ? [bytes[place]!, bytes[place]!] : [];
	return Uint8Array.from([...bytes.subarray(0, place), ...middle, ...rest]);
}

/** The entry that comes of these bytes, among others as in a chunk. */
function readLine(reader: LineReader, line: Uint8Array) {
	return reader.read(Uint8Array.from([10, ...line, 10, 125, 125]), 1, 1 + line.length);
}

const parseBytes = (line: Uint8Array) => parseLine(new TextDecoder('utf-8', { ignoreBOM: true }).decode(line));

it('reads of any lines, whole or broken, what parsing them gives', () => {
	fc.assert(
		fc.property(fc.tuple(anyKind, anyKind), fc.array(anyVariation, { maxLength: 20 }), (kinds, variations) => {
			const reader = new LineReader();
			variations.forEach(({ kind, at, id, hasAudio, offset, length, hit }, seq) => {
				const { from, track, head, tail } = kinds[kind]!;
				const text = head + id + tail;
				const audio = hasAudio && { track, index: text.length, offset, length };
				const entry: LogEntry = { seq, at, from, text, ...(audio && { audio }) };
				const whole = new TextEncoder().encode(lineOf(entry).slice(0, -1));
				expect(readLine(reader, whole)).toEqual(parseBytes(whole));
				const broken = hit ? hitLine(whole, hit) : whole;
				expect(readLine(reader, broken)).toEqual(parseBytes(broken));
			});
		}),
		{ numRuns: 3_000 }
	);
});

it.each([
	['a number with a zero before it', '"offset":17', '"offset":017'],
	['a time with a zero before it', '"at":2.5', '"at":02.5'],
	['a time that ends in a point', '"at":2.5', '"at":2.'],
	['an index behind the text', '"index":33', '"index":36'],
	['a number that is not exact', '"offset":17', '"offset":9007199254740993'],
	['another member', '"offset":', '"offsee":'],
	['more behind the end', '}}', '}},'],
	['a control character in the id', 'event_1', 'event\u0001']
])('leaves out a line with %s, as parsing does', (_what, part, wrong) => {
	const line = lineOf({
		seq: 3,
		at: 2.5,
		from: 'server',
		text: '{"event_id":"event_1","delta":""}',
		audio: { track: 'model', index: 33, offset: 17, length: 960 }
	}).slice(0, -1);
	const reader = new LineReader();
	const bytesOf = (text: string) => new TextEncoder().encode(text);
	expect(readLine(reader, bytesOf(line))).toBeDefined();
	expect(line).toContain(part);
	expect(parseLine(line.replace(part, wrong))).toBeUndefined();
	expect(readLine(reader, bytesOf(line.replace(part, wrong)))).toBeUndefined();
	expect(readLine(reader, bytesOf(line))).toBeDefined();
});
