import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryBlock } from '#core/recording/entry-block.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import { lineOf, parseLine } from './entry-line.ts';

/** Any sequence of 16-bit units, also such that no Unicode text has. */
const anyUnits = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
const anyTime = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 });
const anyWhole = fc.nat(Number.MAX_SAFE_INTEGER);
const anyAudio = fc.record({ track: fc.constantFrom('caller', 'model'), offset: anyWhole, length: anyWhole });

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The line as it is stored and read again. */
function storedLine(entry: LogEntry): string {
	const line = decoder.decode(encoder.encode(lineOf(entry)));
	expect(line.indexOf('\n')).toBe(line.length - 1);
	return line.slice(0, -1);
}

describe('a line', () => {
	it('survives UTF-8 whatever the text, lone surrogates too', () => {
		fc.assert(
			fc.property(anyUnits, anyTime, fc.option(anyAudio), fc.boolean(), (text, at, audio, binary) => {
				const kind = audio ? { audio: { ...audio, index: text.length } } : binary ? { binary: true as const } : {};
				const entry: LogEntry = { seq: 7, at, from: 'server', text, ...kind };
				const { seq: _seq, ...rest } = entry;
				expect(JSON.parse(storedLine(entry))).toEqual({ ...entry, at: at + 0 });
				expect(parseLine(storedLine(entry))).toEqual({ ...rest, at: at + 0 });
			}),
			{
				numRuns: 1_000,
				examples: [
					['\ud800', 0, null, false],
					['\udc00\ud800\n\u2028\u0000\uFEFF', 1.5, null, true]
				]
			}
		);
	});

	it('is written of an entry whose text is made when it is asked for', () => {
		const block = new EntryBlock();
		const text = '{"type":"input_audio_buffer.append","audio":""}';
		block.append({ at: 1, from: 'client', text, audio: { track: 'caller', index: 45, offset: 0, length: 3 } });
		expect(parseLine(storedLine(block.entry(0, 0)))).toMatchObject({ text, audio: { length: 3 } });
	});

	it('is read in any spelling of its JSON, and not when it lacks anything', () => {
		const spelled = '{ "text" : "a", "extra": [1], "from": "console", "seq": 3, "at": 1e1 }';
		expect(parseLine(spelled)).toEqual({ at: 10, from: 'console', text: 'a' });
		const whole = {
			seq: 1,
			at: 1,
			from: 'client',
			text: 'abc',
			audio: { track: 'caller', index: 3, offset: 0, length: 1 }
		};
		expect(parseLine(JSON.stringify(whole))).toBeDefined();
		const broken: object[] = [
			{ ...whole, seq: undefined },
			{ ...whole, at: '1' },
			{ ...whole, from: 'nobody' },
			{ ...whole, text: 1 },
			{ ...whole, audio: null },
			{ ...whole, audio: { ...whole.audio, track: '__proto__' } },
			{ ...whole, audio: { ...whole.audio, index: 4 } },
			{ ...whole, audio: { ...whole.audio, offset: -1 } },
			{ ...whole, audio: { ...whole.audio, length: 0.5 } },
			['a']
		];
		for (const value of broken) expect(parseLine(JSON.stringify(value)), JSON.stringify(value)).toBeUndefined();
		expect(parseLine(JSON.stringify(whole).slice(0, -1))).toBeUndefined();
	});
});
