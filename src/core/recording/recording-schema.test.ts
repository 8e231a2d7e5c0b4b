import { readFileSync } from 'node:fs';
import Ajv, { type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { hourLog } from '../../../tests/bench/hour-log.ts';
import type { RecordingHeader } from './recorded-event.ts';
import { formatHeader, HEADER_LIMITS } from './recording-header.ts';
import { formatRecordedEvent, formatReferenceLine, parseRecordingLine } from './recording-line.ts';
import { MemoryLog } from './recording-log.ts';
import { formatManifest, TrackCodings } from './recording-zip.ts';
import schema from './recording-schema.json' with { type: 'json' };

const ajv = new Ajv({ allErrors: true });
ajv.addSchema(schema);

function validatorOf(pointer: string): ValidateFunction {
	const validate = ajv.getSchema(`${schema.$id}${pointer}`);
	if (!validate) throw new Error(`The schema has no ${pointer}.`);
	return validate;
}
const any = validatorOf('');
const header = validatorOf('#/definitions/header');
const line = validatorOf('#/definitions/line');
const manifest = validatorOf('#/definitions/manifest');

function errorsOf(validate: ValidateFunction, text: string): unknown {
	return validate(JSON.parse(text)) ? [] : validate.errors;
}

const HEADER: RecordingHeader = {
	...{ earshot: 1, id: 'a', startedAt: '2026-11-20T09:00:00.000Z', title: 'A', endpoint: '', transport: '', model: '' },
	redacted: []
};

describe('what Earshot writes is as the schema says', () => {
	test('in a file that is kept for ever', () => {
		const text = readFileSync(new URL('../../../tests/fixtures/v1-barge-in.earshot.jsonl', import.meta.url), 'utf8');
		const [first, ...others] = text.trimEnd().split('\n');
		expect(errorsOf(header, first!)).toEqual([]);
		expect(others.flatMap((each) => errorsOf(line, each))).toEqual([]);
		expect(
			text
				.trimEnd()
				.split('\n')
				.every((each) => any(JSON.parse(each)))
		).toBe(true);
	});

	test('in a minute of a session', () => {
		const [, ...lines] = Buffer.concat([...hourLog({ minutes: 1, seed: 1 })])
			.toString('utf8')
			.trimEnd()
			.split('\n');
		expect(lines.slice(0, 800).flatMap((each) => errorsOf(line, each))).toEqual([]);
	});

	test('whatever the messages, with their audio and without', () => {
		fc.assert(
			fc.property(fc.array(anyMessage(), { maxLength: 8 }), (messages) => {
				const log = new MemoryLog();
				for (const message of messages) log.append({ seq: log.length, ...message });
				for (let index = 0; index < log.length; index++) {
					expect(errorsOf(line, formatRecordedEvent(log.recorded(index)))).toEqual([]);
					expect(errorsOf(line, formatReferenceLine(log.entry(index)))).toEqual([]);
				}
			})
		);
	});

	test('in a header with all that it may have', () => {
		const full = { clock: 'wall', source: 'Chrome HAR', tags: ['a'], note: 'b'.repeat(HEADER_LIMITS.note) } as const;
		expect(errorsOf(header, formatHeader({ ...HEADER, ...full }))).toEqual([]);
		expect(errorsOf(header, formatHeader(HEADER))).toEqual([]);
		const { text, list, listText, note } = HEADER_LIMITS;
		const { properties } = schema.definitions.header;
		expect([properties.title.maxLength, properties.tags.maxItems, properties.redacted.items.maxLength]).toEqual([
			text,
			list,
			listText
		]);
		expect(properties.note.maxLength).toBe(note);
	});

	test('in a manifest', () => {
		const codings = new TrackCodings();
		const text = formatManifest(
			{ 'recording.jsonl': { sha256: 'a'.repeat(64), bytes: 3 } },
			{ caller: codings.of('caller') }
		);
		expect(errorsOf(manifest, text)).toEqual([]);
	});
});

describe('the schema refuses', () => {
	test.each([
		['no time', '{"from":"client","raw":""}'],
		['a time that is a text', '{"at":"1","from":"client","raw":""}'],
		['a time beyond a week', '{"at":604800001,"from":"client","raw":""}'],
		['a sender that there is not', '{"at":1,"from":"user","raw":""}'],
		['no message', '{"at":1,"from":"client"}'],
		['two messages', '{"at":1,"from":"client","raw":"","event":{}}'],
		['a message that is a list', '{"at":1,"from":"client","event":[]}'],
		[
			'audio beside a binary frame',
			'{"at":1,"from":"client","binary":"","audio":{"track":"model","index":0,"offset":0,"length":1}}'
		],
		['audio of no track', '{"at":1,"from":"client","raw":"","audio":{"index":0,"offset":0,"length":1}}']
	])('a line with %s', (_case, text) => expect(line(JSON.parse(text))).toBe(false));

	test.each([
		['{}'],
		['{"earshot":2}'],
		['{"earshot":"1"}'],
		['{"earshot":1,"title":7}'],
		['{"earshot":1,"clock":"sun"}']
	])('the header %s', (text) => expect(header(JSON.parse(text))).toBe(false));
});

test('every line that is as the schema says can be read', () => {
	const value = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant({}), fc.constant([]), fc.constant(null));
	const mostly = (usual: fc.Arbitrary<unknown>) => fc.oneof({ weight: 9, arbitrary: usual }, value);
	const stamp = fc.record({ at: mostly(fc.nat(9000)), from: mostly(fc.constantFrom('client', 'server', 'console')) });
	const message = fc.oneof(
		fc.record({ event: mostly(fc.dictionary(fc.string(), value)) }),
		fc.record({ raw: mostly(fc.string()) }),
		fc.record({ binary: mostly(fc.string()) })
	);
	const more = fc.record({ seq: value, raw: value, audio: value, at: value, x: value }, { requiredKeys: [] });
	const anyLine = fc
		.tuple(stamp, message, fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, more))
		.map((parts) => Object.assign({}, ...parts) as object);
	let valid = 0;
	fc.assert(
		fc.property(anyLine, (fields) => {
			const text = JSON.stringify(fields);
			if (!line(JSON.parse(text))) return;
			valid++;
			expect(parseRecordingLine(text).ok).toBe(true);
		}),
		{ numRuns: 3000 }
	);
	expect(valid).toBeGreaterThan(500);
});
