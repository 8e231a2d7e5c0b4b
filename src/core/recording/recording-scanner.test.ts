import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { hourLog } from '../../../tests/bench/hour-log.ts';
import { encodeBase64 } from '../audio/base64.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { formatRecordedEvent } from './recording-line.ts';
import { readPlainly } from './testing/plain-recording-file.ts';
import { isInFile, rawOf, scan, scanSlices } from './testing/scan.ts';

const HEAD = '{"earshot":1,"id":"a","startedAt":"2026-11-20T09:00:00.000Z","title":"A"}';

const fixture = () => readFileSync(new URL('../../../tests/fixtures/v1-barge-in.earshot.jsonl', import.meta.url));

/** Scans the file and reads it plainly; both must say the same. */
function expectSame(file: Uint8Array, sizes?: readonly number[]): ReturnType<typeof scan> {
	const plain = readPlainly(file);
	const scanned = scan(file, sizes);
	expect(scanned.problem === null).toBe(plain.problem === null);
	expect(scanned.skipped.map(({ line }) => line)).toEqual(plain.skipped);
	const cut = scanned.skipped.filter(({ reason }) => reason.includes('cut off'));
	expect(cut.map(({ line }) => line)).toEqual(plain.cut);
	expect(scanned.notes.some((note) => note.includes('wall time'))).toBe(plain.isWallTime);
	expect(scanned.entries.length).toBe(plain.log.length);
	scanned.entries.forEach((entry, index) => {
		const { at, from, text, binary, audio } = plain.log.entry(index);
		expect(entry).toMatchObject({ at, from, text });
		expect([entry.binary, entry.audio?.track, entry.audio?.index]).toEqual([binary, audio?.track, audio?.index]);
		expect(rawOf(entry) === plain.log.raw(index)).toBe(true);
		expect(isInFile(file, entry)).toBe(true);
	});
	return scanned;
}

const base64 = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(encodeBase64);
const id = fc.constantFrom('event_1', 'evt-Ab9', 'x', '', 'a b', '\\u0041', 'é', 'a"b');
/** Payloads that are base64, and such as only look so. */
const payload = fc.oneof(
	{ weight: 5, arbitrary: base64 },
	fc.constantFrom('', 'AAB=', 'AAA', 'AAAA AAAA', 'AA\tAAAAA', 'AAAA\\n', 'AAAé', 'A===', '====', 'AAAA=AAA', '-_-_')
);
const at = fc.oneof(
	fc.nat(5000).map(String),
	fc.nat(5_000_000).map((n) => String(n / 1000)),
	fc.constantFrom(
		'0',
		'-0',
		'-1',
		'1e3',
		'007',
		'1.',
		'.5',
		'0.50',
		'1E2',
		'123456789012345.6',
		'0.1234567890123456789'
	)
);

/** Messages around their audio. `ID` and `NUMBER` are filled in. */
const SHAPES: readonly (readonly [from: string, before: string, after: string])[] = [
	['client', '{"type":"input_audio_buffer.append","audio":"', '"}'],
	['client', '{"event_id":"ID","type":"input_audio_buffer.append","audio":"', '"}'],
	['client', '{"type":"input_audio_buffer.append","audio":"', '","event_id":"ID"}'],
	['server', '{"type":"response.output_audio.delta","event_id":"ID","item_id":"i","delta":"', '"}'],
	['server', '{"type":"response.output_audio.delta","event_id":"ID","item_id":"日","delta":"', '","x":1 }'],
	['server', '{"event_id":"ID","type":"response.output_audio_transcript.delta","delta":"', '"}'],
	['client', '{"type":"x","inner":{"event_id":"ID","type":"input_audio_buffer.append","audio":"', '"}}'],
	['console', '{"type":"input_audio_buffer.append","audio":"', '"}'],
	['console', '{"type":"earshot.audio","track":"model","audio":"', '"}'],
	['server', '{"type":"session.output_audio.delta","elapsed_ms":NUMBER,"x": NUMBER ,"delta":"', '","n":"NUMBER"}'],
	[
		'server',
		'{"event":"media","sequenceNumber":"NUMBER","media":{"track":"inbound","payload":"',
		'"},"streamSid":"s"}'
	],
	['server', '{"event":"media","media":{"track":"outbound","chunk":NUMBER,"payload":"', '"},"streamSid":"x: 1, "}'],
	['client', '{"type":"input_audio_buffer.append","audio":"', '"NUMBER}']
];

const oddNumber = fc.constantFrom('007', '1.5', '1e3', '-1', '', '9'.repeat(16));
const oddEnd = fc.constantFrom('}\r\n', ' }\n', '} \n', ',"x":1}\n', '\n', ',"event":{}}\n', '}}\n', '}{\n');
const audioParts = fc.record({
	at,
	id,
	payload,
	number: fc.oneof({ weight: 5, arbitrary: fc.nat(3000).map(String) }, oddNumber),
	shape: fc.nat(2),
	end: fc.oneof({ weight: 5, arbitrary: fc.constant('}\n') }, oddEnd)
});

/** Audio lines of three shapes at most, so that nearly all are recognised by one before. */
const audioLines = fc
	.tuple(fc.array(fc.constantFrom(...SHAPES), { minLength: 3, maxLength: 3 }), fc.array(audioParts, { maxLength: 10 }))
	.map(([shapes, lines]) =>
		lines.map(({ at, id, number, payload, shape, end }) => {
			const [from, before, after] = shapes[shape]!;
			const fill = (text: string) => text.replaceAll('ID', id).replaceAll('NUMBER', number);
			return `{"seq":7,"at":${at},"from":"${from}","event":${fill(before)}${payload}${fill(after)}${end}`;
		})
	);

const anyLine = fc.oneof(
	anyMessage().map((message) => `${formatRecordedEvent({ seq: 0, ...message })}\n`),
	fc.json().map((json) => `${json}\n`),
	fc.string({ unit: 'binary' }).map((text) => `${text}\n`),
	fc.constantFrom(
		'\n',
		'\r\n',
		' \t\n',
		'\uFEFF\n',
		'null\n',
		'{"at":1,"from":"server","event":{"a":1},"event":{"b":2}}\n'
	)
);

const anyFile = fc
	.tuple(
		fc.constantFrom('', '\uFEFF', '\n'),
		fc.constantFrom(HEAD, HEAD, HEAD, '{"earshot":2}', 'x'),
		fc.array(
			fc.oneof(
				anyLine.map((line) => [line]),
				audioLines
			),
			{ maxLength: 4 }
		)
	)
	.map(([start, head, lines]) => `${start}${head}\n${lines.flat().join('')}`);

const anySizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });

describe('a scanned file is what it is when it is parsed line by line', () => {
	test('whatever its lines, wherever its slices end', { timeout: 60_000 }, () => {
		fc.assert(
			fc.property(anyFile, anySizes, (text, sizes) => void expectSame(encodeUtf8(text), sizes)),
			{ numRuns: 1500 }
		);
	});

	test('with errors in its bytes', { timeout: 120_000 }, () => {
		const small = encodeUtf8(fixture().toString('utf8').split('\n').slice(0, 60).join('\n')).subarray(0, 30_000);
		const errors = fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
		fc.assert(
			fc.property(errors, fc.constantFrom(97, 8192, 1 << 20), (list, size) => {
				const file = small.slice();
				for (const [place, byte] of list) file[place] = byte;
				expectSame(file, [size]);
			}),
			{ numRuns: 2000 }
		);
	});

	test('cut off at every byte of its last two lines', () => {
		const line = (seq: number, text: string) => `{"seq":${seq},"at":${seq}.5,"from":"server","event":${text}}\n`;
		const delta = (id: number) => `{"type":"response.output_audio.delta","event_id":"event_${id}","delta":"AAECAwQF"}`;
		const start = `${HEAD}\n${line(0, delta(0))}${line(1, delta(1))}`;
		const whole = encodeUtf8(`${start}${line(2, delta(2))}${line(3, '{"type":"error","message":"日本"}')}`);
		for (let length = encodeUtf8(start).length; length <= whole.length; length++) {
			for (const size of [40, 1000]) expectSame(whole.subarray(0, length), [size]);
		}
	});

	test('ended by a line without an end, whole or not', () => {
		const last = ['{"at":1,"from":"server"}', '{"at":1,"from":"server","raw":"a"}', '{"at":1,', '[]', 'x', ' ', '\r'];
		for (const line of last) expectSame(encodeUtf8(`${HEAD}\n${line}`), [7]);
	});

	test('a minute of a session, in slices of any size', () => {
		const file = Buffer.concat([...hourLog({ minutes: 1, seed: 3 })]).subarray(0, 2_000_000);
		for (const sizes of [[1 << 23], [65_536], [1399], [7]]) expectSame(file, sizes);
		const { entries } = expectSame(file);
		const audio = entries.filter((entry) => entry.audio).length / entries.length;
		expect(audio).toBeGreaterThan(0.9);
		expect(entries.every((entry) => !entry.audio || entry.audio.payloadAt !== null)).toBe(true);
	});
});

describe('where audio stands in the file', () => {
	const payloads = (lines: readonly string[]) => {
		const file = encodeUtf8([HEAD, ...lines, ''].join('\n'));
		const { entries } = expectSame(file);
		return entries.map((entry) => entry.audio && (entry.audio.payloadAt === null ? 'nowhere' : 'in the file'));
	};

	test('is known behind text of any language, and with another order of members', () => {
		const message = '{"type":"input_audio_buffer.append","x":"日本é😀","audio":"AAAA"}';
		const lines = [
			`{"seq":1,"at":1,"from":"client","event":${message}}`,
			`{ "event" : ${message} , "from":"client", "at":2, "x":"é" }`,
			`{"x":"日","at":3,"from":"client","event":${message}}`
		];
		expect(payloads(lines)).toEqual(['in the file', 'in the file', 'in the file']);
	});

	test('is not known behind bytes that are no UTF-8', () => {
		const line = '{"at":1,"from":"client","event":{"x":"éÿ","type":"input_audio_buffer.append","audio":"AAAA"}}';
		const file = encodeUtf8(`${HEAD}\n${line}\n`);
		const place = file.indexOf(0xc3, file.indexOf(0xc3) + 1);
		file[place] = 0xff;
		expect(expectSame(file).entries[0]?.audio?.payloadAt).toBeNull();
	});

	test('is not known inside a JSON string', () => {
		const raw = '{"type":"input_audio_buffer.append",\n"audio":"AAAA"}';
		expect(payloads([formatRecordedEvent({ seq: 0, at: 0, from: 'client', raw })])).toEqual(['nowhere']);
	});
});

describe('lines as long as they come', () => {
	test('an append of 15 MiB is taken', () => {
		const audio = encodeBase64(new Uint8Array(15 * 2 ** 20).map((_, i) => (i * 31) >> 3));
		const line = `{"seq":0,"at":1,"from":"client","event":{"type":"input_audio_buffer.append","audio":"${audio}"}}`;
		const file = encodeUtf8(`${HEAD}\n${line}\n${line}\n`);
		const { entries, skipped } = scan(file, [8 << 20]);
		expect(skipped).toEqual([]);
		expect(entries.map((entry) => [entry.audio?.length, isInFile(file, entry)])).toEqual([
			[15 * 2 ** 20, true],
			[15 * 2 ** 20, true]
		]);
	});

	test.each([1, 7, 100, 1000])('a longer one costs itself only, in slices of %d', (size) => {
		const lines = ['{"at":1,"from":"server","event":{"n":1}}', `{"at":2,"from":"server","raw":"${'x'.repeat(500)}"}`];
		const file = encodeUtf8(`${HEAD}\n${lines[0]}\n${lines[1]}\n${lines[0]}\n${lines[1]}`);
		const { entries, skipped } = scan(file, [size], { maxLineBytes: 200 });
		expect(entries.map(({ text }) => text)).toEqual(['{"n":1}', '{"n":1}']);
		expect(skipped).toEqual([
			{ line: 3, reason: expect.stringContaining('longer than any message') },
			{ line: 5, reason: expect.stringContaining('longer than any message') }
		]);
	});

	test('one of a gigabyte is not held', () => {
		const piece = new Uint8Array(2 ** 23).fill(97);
		let most = 0;
		const { entries, skipped } = scanSlices(
			(function* () {
				yield encodeUtf8(`${HEAD}\n`);
				for (let i = 0; i < 128; i++) {
					yield piece;
					most = Math.max(most, process.memoryUsage().arrayBuffers);
				}
				yield encodeUtf8('\n{"at":1,"from":"server","raw":"after"}\n');
			})()
		);
		expect(skipped.map(({ line }) => line)).toEqual([2]);
		expect(entries.map(({ text }) => text)).toEqual(['after']);
		expect(most).toBeLessThan(300 * 2 ** 20);
	});

	test('a header of 2 MB is none', () => {
		expect(scan(encodeUtf8(`{"earshot":1,"title":"${'x'.repeat(2e6)}"}\n`)).problem).toContain(
			'not an Earshot recording'
		);
	});
});

describe('a hostile line', () => {
	const line = (event: string) => `{"seq":0,"at":1,"from":"server","event":${event}}`;
	const good = line('{"type":"good"}');

	test.each([
		['a million levels', line(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`), true],
		['a million levels of objects', line(`${'{"a":'.repeat(1e6)}1${'}'.repeat(1e6)}`), true],
		['levels that are never closed', line(`${'{"a":'.repeat(1e5)}`), false],
		['a prototype', line('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'), true],
		['a prototype as its own', '{"__proto__":{"at":1,"from":"server","event":{}},"at":1}', false],
		['NULs', '\0'.repeat(10_000), false],
		['a NUL in a text', '{"at":1,"from":"server","raw":"a\\u0000b"}', true],
		[
			'noise',
			Array.from({ length: 5000 }, (_, i) => String.fromCharCode((i * 7919) % 65_536 || 1))
				.join('')
				.replaceAll('\n', ''),
			false
		],
		['more values than can be', line(`{"a":[${'{},'.repeat(5e6)}1]}`), false]
	])('of %s costs itself at most', (_name, hostile, isTaken) => {
		const { entries, skipped, problem } = scan(encodeUtf8([HEAD, good, hostile, good, ''].join('\n')));
		expect(problem).toBeNull();
		expect([entries.length, skipped.length]).toEqual(isTaken ? [3, 0] : [2, 1]);
		expect(entries[0]?.text).toBe('{"type":"good"}');
		expect(entries.at(-1)?.text).toBe('{"type":"good"}');
		expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
	});

	test.each([
		['0 bytes', new Uint8Array(0), /empty/],
		['NULs', new Uint8Array(5000), /not an Earshot recording/],
		[
			'noise',
			new Uint8Array(100_000).map((_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255),
			/not an Earshot recording/
		],
		['a zip', encodeUtf8('PK\x03\x04'), /not an Earshot recording/]
	])('makes no recording of %s', (_name, file, message) => {
		const { problem, entries, header } = scan(file, [1000]);
		expect(problem).toMatch(message);
		expect([entries, header]).toEqual([[], null]);
	});
});

test('times are those of JSON.parse, to the last bit', () => {
	const anyTime = fc.oneof(
		fc.double({ min: 0, max: 6e8, noNaN: true }).map(String),
		fc.nat(600_000_000_000).map((n) => String(n / 1000)),
		fc.tuple(fc.nat(1e9), fc.nat(1e9)).map(([whole, part]) => `${whole % 1e8}.${part}`)
	);
	fc.assert(
		fc.property(fc.array(anyTime, { minLength: 30, maxLength: 60 }), (times) => {
			const sorted = times.sort((a, b) => Number(a) - Number(b));
			const lines = sorted.map((time) => `{"seq":0,"at":${time},"from":"client","event":{}}\n`);
			const { entries } = scan(encodeUtf8(`${HEAD}\n${lines.join('')}`));
			expect(entries.map((entry) => entry.at)).toEqual(sorted.map((time) => JSON.parse(time) as number));
		})
	);
});

test('a file that is something else after its header is given up', () => {
	const good = '{"at":1,"from":"server","raw":"good"}\n';
	const file = encodeUtf8(`${HEAD}\n${good}${'x\n\n'.repeat(100_001)}${good}`);
	const { entries, skipped, notes } = scan(file);
	expect(entries.map(({ text }) => text)).toEqual(['good']);
	expect(skipped.length).toBe(100_001);
	expect(notes).toEqual([expect.stringContaining('More than 100,000 lines')]);
});
