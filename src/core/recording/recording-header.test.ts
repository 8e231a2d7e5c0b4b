import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordingHeader } from './recorded-event.ts';
import { formatHeader, HEADER_LIMITS, parseHeader } from './recording-header.ts';

const ALWAYS = ['earshot', 'id', 'startedAt', 'title', 'endpoint', 'transport', 'model', 'redacted'];

const HEADER: RecordingHeader = {
	earshot: 1,
	id: 'a',
	startedAt: '2026-11-20T09:00:00.000Z',
	title: 'A',
	endpoint: '',
	transport: '',
	model: '',
	redacted: []
};

function read(fields: object): RecordingHeader {
	const parsed = parseHeader(JSON.stringify({ earshot: 1, ...fields }));
	if (!parsed.ok) throw new Error(parsed.error.message);
	return parsed.value.header;
}

const text = fc.string({ unit: 'binary', maxLength: 30 });

test('every header is read as it was written', () => {
	const anyHeader = fc.record(
		{
			earshot: fc.constant(1 as const),
			id: text,
			startedAt: fc.constant(HEADER.startedAt),
			title: text.map((title) => `t${title}`),
			endpoint: text,
			transport: text,
			model: text,
			redacted: fc.array(text, { maxLength: 5 }),
			clock: fc.constantFrom('monotonic' as const, 'wall' as const, 'order' as const),
			source: text,
			tags: fc.array(text, { minLength: 1, maxLength: 5 }),
			note: text
		},
		{ requiredKeys: ['earshot', 'id', 'startedAt', 'title', 'endpoint', 'transport', 'model', 'redacted'] }
	);
	fc.assert(
		fc.property(anyHeader, (header) => {
			const line = formatHeader(header);
			expect(line).not.toMatch(/[\n\r]/);
			expect(parseHeader(line)).toEqual({ ok: true, value: { header, version: 1 } });
		})
	);
});

describe('what is not known of a recording', () => {
	test('is not written', () => {
		expect(Object.keys(JSON.parse(formatHeader(HEADER)) as object)).toEqual(ALWAYS);
		expect(Object.keys(JSON.parse(formatHeader({ ...HEADER, tags: [] })) as object)).toEqual(ALWAYS);
	});

	test('is absent when it is read, also when it is of the wrong type', () => {
		expect(Object.keys(read({}))).toEqual(ALWAYS);
		const wrong = { clock: 'sundial', source: 1, tags: 'a', note: ['a'], redacted: {} };
		expect(Object.keys(read(wrong))).toEqual(ALWAYS);
		expect(read({ clock: null, tags: [1, 'a', null] })).toMatchObject({ tags: ['a'] });
	});

	test('is never what every object inherits', () => {
		const parsed = parseHeader('{"earshot":1,"__proto__":{"note":"inherited","title":"inherited"}}');
		expect(parsed).toMatchObject({ ok: true, value: { header: { title: 'Untitled recording' } } });
		expect(parsed.ok && 'note' in parsed.value.header).toBe(false);
	});
});

test('nothing is longer than it may be', () => {
	const long = 'x'.repeat(30_000);
	const header = read({
		title: long,
		id: long,
		source: long,
		note: long,
		tags: Array(99).fill(long),
		redacted: Array(99).fill(long)
	});
	const { text: mostText, list, listText, note } = HEADER_LIMITS;
	expect([header.title, header.id, header.source].map((value) => value?.length)).toEqual([
		mostText,
		mostText,
		mostText
	]);
	expect(header.note?.length).toBe(note);
	for (const values of [header.tags, header.redacted]) {
		expect(values?.length).toBe(list);
		expect(values?.[0]?.length).toBe(listText);
	}
});
