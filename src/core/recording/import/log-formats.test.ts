// What holds for the readers of all line-based logs.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATA_CHANNEL_FORMAT } from './data-channel.ts';
import { detectFormat } from './formats.ts';
import type { ImportFormat } from './import-sink.ts';
import { LIVEKIT_FORMAT } from './livekit.ts';
import { DATA_CHANNEL_LOG, LIVEKIT_LOG, TWILIO_LOG, WEBSOCKETS_LOG } from './testing/log-samples.ts';
import { PIECE_SIZES, readWhole } from './testing/read-whole.ts';
import { TWILIO_FORMAT } from './twilio.ts';
import { WEBSOCKETS_DEBUG_FORMAT } from './websockets-debug.ts';

const SAMPLES: [name: string, format: ImportFormat, sample: string][] = [
	['a data channel', DATA_CHANNEL_FORMAT, DATA_CHANNEL_LOG],
	['LiveKit', LIVEKIT_FORMAT, LIVEKIT_LOG],
	['websockets', WEBSOCKETS_DEBUG_FORMAT, WEBSOCKETS_LOG],
	['Twilio', TWILIO_FORMAT, TWILIO_LOG]
];

describe.each(SAMPLES)('a log of %s', (_name, format, sample) => {
	const whole = readWhole(format, sample);

	test.each(PIECE_SIZES)('reads the same in pieces of %d bytes', (size) => {
		expect(readWhole(format, sample, size)).toEqual(whole);
	});

	test('reads the same with CRLF, and with a byte order mark', () => {
		expect(readWhole(format, `\uFEFF${sample.replaceAll('\n', '\r\n')}`)).toEqual(whole);
	});

	test('is known as what it is', () => {
		expect(detectFormat(new TextEncoder().encode(sample))?.id).toBe(format.id);
	});

	test('stops nothing, however it is mutated', { timeout: 60_000 }, () => {
		const bytes = new TextEncoder().encode(sample);
		const cut = fc.record({ at: fc.nat(bytes.length), drop: fc.nat(40), put: fc.uint8Array({ maxLength: 12 }) });
		const said = fc.constantFrom(
			'{',
			'}',
			'"',
			"'",
			'\\',
			'\n',
			' [9 bytes]',
			'"event":',
			'<<< ',
			'\x1b[0m',
			'\uFEFF',
			'[[[['
		);
		const word = fc.record({
			at: fc.nat(bytes.length),
			drop: fc.nat(3),
			put: said.map((text) => new TextEncoder().encode(text))
		});
		fc.assert(
			fc.property(fc.array(fc.oneof(cut, word), { minLength: 1, maxLength: 8 }), fc.nat(200), (changes, size) => {
				let mutated = bytes;
				for (const { at, drop, put } of changes) {
					mutated = Uint8Array.of(...mutated.subarray(0, at), ...put, ...mutated.subarray(at + drop));
				}
				const read = readWhole(format, mutated, size + 1);
				format.sniff(mutated);
				for (const { messages, start } of read.connections) {
					expect(start.startedAt === null || !Number.isNaN(Date.parse(start.startedAt))).toBe(true);
					for (const { at } of messages) expect(at).toSatisfy(Number.isFinite);
				}
			}),
			{ numRuns: 300 }
		);
	});

	test('reads the rest, when a line of it is 70 MiB', () => {
		const read = readWhole(format, `${sample}${'x'.repeat(70 * 2 ** 20)}\n${sample}`, 2 ** 22);
		const messages = (result: typeof read) => result.connections.reduce((sum, c) => sum + c.messages.length, 0);
		expect(messages(read)).toBe(2 * messages(whole));
		const place = `line ${sample.split('\n').length}`;
		expect(read.skipped).toContainEqual({ place, reason: 'This line is too long to be a message: 70 MiB.' });
	});
});
