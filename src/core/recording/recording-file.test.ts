import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage, anyRaw } from '../../../tests/fixtures/arbitrary.ts';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { encodeBase64 } from '../audio/base64.ts';
import type { RecordedEvent, RecordingHeader } from './recorded-event.ts';
import {
	formatHeader,
	formatRecordedEvent,
	formatRecordingFile,
	parseRecordingFile,
	parseRecordingLine
} from './recording-file.ts';
import { MemoryLog } from './recording-log.ts';

const HEADER: RecordingHeader = {
	earshot: 1,
	id: 'a',
	startedAt: '2026-11-20T09:00:00.000Z',
	title: 'A title with "quotes" and 日本',
	endpoint: 'Simulator',
	transport: 'websocket',
	model: 'gpt-realtime-2.1',
	redacted: ['transcripts']
};
const HEAD = formatHeader(HEADER);

function event(raw: string, more: Partial<RecordedEvent> = {}): RecordedEvent {
	return { seq: 0, at: 1834.271, from: 'server', raw, ...more };
}

function fixture(name: string): string {
	return readFileSync(new URL(`../../../tests/fixtures/${name}`, import.meta.url), 'utf8');
}

/** A file of these events, through the bytes of UTF-8, and back. */
function throughFile(events: readonly RecordedEvent[]): RecordedEvent[] {
	const log = new MemoryLog();
	for (const e of events) log.append(e);
	const bytes = Buffer.from([...formatRecordingFile(HEADER, log)].join(''), 'utf8');
	const parsed = parse(bytes.toString('utf8'));
	expect(parsed.header).toEqual(HEADER);
	expect(parsed.skipped).toEqual([]);
	return eventsOf(parsed.log);
}

function parse(text: string) {
	const parsed = parseRecordingFile(text);
	if (!parsed.ok) throw new Error(parsed.error.message);
	return parsed.value;
}

function eventsOf(log: MemoryLog): RecordedEvent[] {
	return Array.from({ length: log.length }, (_, index) => log.recorded(index));
}

function refusal(text: string): string {
	const parsed = parseRecordingFile(text);
	expect(parsed.ok).toBe(false);
	return parsed.ok ? '' : parsed.error.message;
}

describe('a line', () => {
	test('embeds an event’s text as it is spelled', () => {
		const raw = '{ "type" : "error",\t"n":1.0,"n":2e3, "s":"\\u0041\\/" }';
		expect(formatRecordedEvent(event(raw, { seq: 12 }))).toBe(
			`{"seq":12,"at":1834.271,"from":"server","event":${raw}}`
		);
	});

	test('holds other text as a JSON string', () => {
		expect(formatRecordedEvent(event('not "JSON"\n'))).toContain(String.raw`"raw":"not \"JSON\"\n"}`);
	});

	test('holds a binary frame as base64', () => {
		expect(formatRecordedEvent(event('AAECAw==', { binary: true }))).toContain('"binary":"AAECAw=="}');
	});

	test.each([
		['a line feed between its members', '{"a":\n1}'],
		['a carriage return', '{"a":\r1}'],
		['space around it', ' {"a":1}'],
		['a byte order mark', '\uFEFF{"a":1}'],
		['a lone surrogate', '{"a":"\uD800"}'],
		['a NUL', '{"a":"\0"}'],
		['a list', '[{"a":1}]'],
		['two objects', '{"a":1},{"b":2}'],
		['half an object', '{"a":1'],
		['nothing', '']
	])('never embeds %s, and gives it back', (_name, raw) => {
		const line = formatRecordedEvent(event(raw));
		expect(line).toContain('"raw":');
		expect(line).not.toMatch(/[\n\r]/);
		expect(throughFile([event(raw)])).toEqual([event(raw)]);
	});

	test('may be spelled in other ways by other tools', () => {
		const line = '{ "event" : {"event":{"a":1.0}, "b":"}"} , "from":"client","ev\\u0065nt2":1, "at": 5, "seq": 3 }';
		expect(parseRecordingLine(line)).toEqual({
			ok: true,
			value: { seq: 3, at: 5, from: 'client', raw: '{"event":{"a":1.0}, "b":"}"}' }
		});
	});

	test('with one member twice is read as JSON.parse reads it', () => {
		const line = '{"event":{"a":1},"at":1,"from":"client","\\u0065vent":{"a":2}}';
		expect(parseRecordingLine(line)).toMatchObject({ ok: true, value: { raw: '{"a":2}' } });
	});
});

describe('export and import', () => {
	test('give every message back, byte for byte', () => {
		fc.assert(
			fc.property(fc.array(anyMessage(), { maxLength: 12 }), (messages) => {
				const events = messages.map((message, seq) => ({ ...message, seq }));
				expect(throughFile(events)).toEqual(events);
			}),
			{ numRuns: 150 }
		);
	});

	test('give every text back, byte for byte', () => {
		fc.assert(
			fc.property(anyRaw(), (raw) => {
				expect(throughFile([event(raw)])).toEqual([event(raw)]);
			}),
			{ numRuns: 600 }
		);
	});

	test('give an append of 15 MiB back', () => {
		const audio = encodeBase64(new Uint8Array(15 * 1024 * 1024).map((_, i) => (i * 31) >> 3));
		const raw = `{"type":"input_audio_buffer.append","audio":"${audio}"}`;
		const [back] = throughFile([event(raw, { from: 'client' })]);
		expect(back!.raw === raw).toBe(true);
	});

	test('write the same file again', () => {
		const text = fixture('v1-barge-in.earshot.jsonl');
		const { header, log } = parse(text);
		expect([...formatRecordingFile(header, log)].join('') === text).toBe(true);
	});
});

describe('a file', () => {
	const good = formatRecordedEvent(event('{"type":"a"}', { at: 1 }));
	const second = formatRecordedEvent(event('{"type":"b"}', { seq: 1, at: 2 }));

	test('of format 1 is read', () => {
		const { header, log, skipped } = parse(fixture('v1-barge-in.earshot.jsonl'));
		expect(skipped).toEqual([]);
		expect(header).toMatchObject({ id: 'fixture-barge-in', title: 'Opening hours, interrupted' });
		expect(eventsOf(log)).toEqual(eventsOf(bargeIn().log));
	});

	test('of a newer format is refused by name', () => {
		expect(refusal(fixture('from-the-future.earshot.jsonl'))).toBe(
			'This recording was made by a newer Earshot (format 2); this one reads up to 1. Update Earshot to open it.'
		);
	});

	test.each([
		['is no recording', '{"type":"session.created"}\n', /first line must be a header.*Choose a file/],
		['is no JSON', 'RIFF\0\0', /first line must be a header/],
		['has a header of another kind', '{"earshot":"1"}', /first line must be a header/],
		['has a format that never was', '{"earshot":0}', /first line must be a header/],
		['is empty', '', /empty/],
		['is blank', '\uFEFF\r\n \n', /empty/]
	])('that %s is refused with what to do', (_name, text, message) => {
		expect(refusal(text)).toMatch(message);
	});

	test('with CRLF, a byte order mark and blank lines is read', () => {
		const { log, skipped } = parse(`\uFEFF${HEAD}\r\n\r\n${good}\r\n${second}\r\n\r\n`);
		expect(eventsOf(log).map((e) => e.raw)).toEqual(['{"type":"a"}', '{"type":"b"}']);
		expect(skipped).toEqual([]);
	});

	test('may end without a line end', () => {
		expect(parse(`${HEAD}\n${good}`).log.length).toBe(1);
	});

	test('that was cut off costs its last line only', () => {
		const whole = `${HEAD}\n${good}\n${second}\n`;
		for (let cut = HEAD.length + good.length + 3; cut < whole.length - 2; cut++) {
			const { log, skipped } = parse(whole.slice(0, cut));
			expect(log.length).toBe(1);
			expect(skipped).toEqual([{ line: 3, reason: expect.stringContaining('cut off') }]);
		}
	});

	test('names its broken lines and keeps the rest', () => {
		const broken = [
			'garbage',
			'[]',
			'{"at":1,"from":"server"}',
			'{"at":1,"from":"server","event":{},"raw":""}',
			'{"at":1,"from":"server","event":"text"}',
			'{"at":1,"from":"server","raw":{}}',
			'{"at":"1","from":"server","event":{}}',
			'{"at":1,"from":"toString","event":{}}',
			'{"__proto__":{"at":1,"from":"server","event":{}}}'
		];
		const { log, skipped } = parse([HEAD, good, ...broken, second, ''].join('\n'));
		expect(eventsOf(log).map((e) => [e.seq, e.raw])).toEqual([
			[0, '{"type":"a"}'],
			[1, '{"type":"b"}']
		]);
		expect(skipped.map((s) => s.line)).toEqual(broken.map((_, index) => index + 3));
		expect(skipped.every((s) => s.reason.startsWith('This line'))).toBe(true);
	});

	test('whose numbers and times are disordered is read in the order of its lines', () => {
		const lines = [5, 3, -1, 1e8].map((at, n) => formatRecordedEvent(event('{}', { seq: 9 - n, at })));
		expect(eventsOf(parse([HEAD, ...lines].join('\n')).log).map((e) => [e.seq, e.at])).toEqual([
			[0, 5],
			[1, 5],
			[2, 5],
			[3, 1e8]
		]);
	});

	const timed = (at: string, type = 'a') => `{"at":${at},"from":"server","event":{"type":"${type}"}}`;

	test('names lines whose time is beyond all sessions, and can be exported again', () => {
		const weekMs = 7 * 24 * 3_600_000;
		const lines = ['1', '1e400', '-1e400', `${weekMs + 1}`, '1e300', `${weekMs}`].map((at) => timed(at));
		const { header, log, skipped, notes } = parse([HEAD, ...lines].join('\n'));
		expect(eventsOf(log).map((e) => e.at)).toEqual([1, weekMs]);
		expect(skipped.map((s) => s.line)).toEqual([3, 4, 5, 6]);
		expect(skipped.map((s) => s.reason)).toEqual(
			Array<unknown>(4).fill(expect.stringMatching(/^This line’s time .*7 days/))
		);
		expect(notes).toEqual([]);
		expect([...formatRecordingFile(header, log)]).toHaveLength(3);
	});

	test('with wall time in "at" begins at its first event, and says so', () => {
		const from = 1_795_360_000_000;
		const lines = [`${from}.5`, `${from + 40}.5`, '7', '1e400'].map((at) => timed(at));
		const { log, skipped, notes } = parse([HEAD, 'garbage', ...lines].join('\n'));
		expect(eventsOf(log).map((e) => e.at)).toEqual([0, 40, 40]);
		expect(skipped.map((s) => s.line)).toEqual([2, 6]);
		expect(notes).toEqual([expect.stringMatching(/wall time.*first event/)]);
	});

	test('with wall time later than at its first event has lost its time there', () => {
		const { log, skipped, notes } = parse([HEAD, timed('5'), timed('1795360000000')].join('\n'));
		expect([log.length, skipped.length, notes]).toEqual([1, 1, []]);
	});

	test('with a poor header is read', () => {
		expect(parse('{"earshot":1,"title":7,"startedAt":"yesterday","redacted":["a",1],"new":true}').header).toEqual({
			...{ earshot: 1, id: '', title: 'Untitled recording', startedAt: '1970-01-01T00:00:00.000Z' },
			...{ endpoint: '', transport: '', model: '', redacted: ['a'] }
		});
		expect(parse('{"earshot":1,"title":" "}').header.title).toBe('Untitled recording');
	});

	test('never stops the reader, whatever it holds', () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(fc.json(), fc.string(), fc.constant(good)), { maxLength: 6 }), (lines) => {
				const { log, skipped } = parse([HEAD, ...lines].join('\n'));
				expect(log.length + skipped.length).toBeGreaterThanOrEqual(lines.filter((line) => line === good).length);
			})
		);
	});
});
