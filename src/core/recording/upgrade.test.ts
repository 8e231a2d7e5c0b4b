import { expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { rawOf, scan } from './testing/scan.ts';
import { RECORDING_FORMAT, UPGRADES, type UpgradeTable } from './upgrade.ts';

test('there is an upgrader for every format before the present one', () => {
	expect(UPGRADES.format).toBe(RECORDING_FORMAT);
	expect([...UPGRADES.upgraders.keys()]).toEqual(Array.from({ length: RECORDING_FORMAT - 1 }, (_, index) => index + 1));
});

/** Formats that never were: the first had other names for everything, the second counted seconds. */
const THREE_FORMATS: UpgradeTable = {
	format: 3,
	upgraders: new Map([
		[
			1,
			{
				header: ({ name, ...rest }: JsonObject) => ({ ...rest, title: name }),
				line: ({ who, t, msg, text, ...rest }: JsonObject) => ({
					...rest,
					...{ from: who, seconds: t },
					...(msg !== undefined && { event: msg }),
					...(text !== undefined && { raw: text })
				})
			}
		],
		[
			2,
			{
				header: (header: JsonObject) => ({ ...header, note: 'was of format 2' }),
				line: ({ seconds, ...rest }: JsonObject) => ({ ...rest, at: Number(seconds) * 1000 })
			}
		]
	])
};

const message = (id: number) =>
	`{ "type":"response.output_audio.delta","n":1.0,"event_id":"e${id}","delta":"AAECAwQF"}`;

const FILES = [
	[
		1,
		'{"earshot":1,"name":"Old"}',
		(seconds: number, id: number) => `{"t":${seconds},"who":"server","msg":${message(id)}}`,
		'{"t":9,"who":"client","text":"no JSON"}'
	],
	[
		2,
		'{"earshot":2,"title":"Old"}',
		(seconds: number, id: number) => `{"seconds":${seconds},"from":"server","event":${message(id)}}`,
		'{"seconds":9,"from":"client","raw":"no JSON"}'
	],
	[
		3,
		'{"earshot":3,"title":"Old","note":"was of format 2"}',
		(seconds: number, id: number) => `{"seq":${id},"at":${seconds * 1000},"from":"server","event":${message(id)}}`,
		'{"at":9000,"from":"client","raw":"no JSON"}'
	]
] as const;

test.each(FILES)('a file of format %d of three is read', (_version, header, line, last) => {
	const file = encodeUtf8([header, line(1, 1), line(2, 2), '{"broken":', line(3, 3), last, ''].join('\n'));
	const { header: read, entries, skipped, problem } = scan(file, [64], { upgrades: THREE_FORMATS });
	expect(problem).toBeNull();
	expect(read).toMatchObject({ earshot: RECORDING_FORMAT, title: 'Old', note: 'was of format 2' });
	expect(entries.map((entry) => [entry.at, entry.from, rawOf(entry)])).toEqual([
		[1000, 'server', message(1)],
		[2000, 'server', message(2)],
		[3000, 'server', message(3)],
		[9000, 'client', 'no JSON']
	]);
	expect(entries.map(({ audio }) => audio && [...audio.bytes])).toEqual([
		...Array<number[]>(3).fill([0, 1, 2, 3, 4, 5]),
		undefined
	]);
	expect(skipped.map(({ line: number }) => number)).toEqual([4]);
});

test('a file of a format that is to come is refused by name', () => {
	const { problem } = scan(encodeUtf8('{"earshot":4}\n'), [64], { upgrades: THREE_FORMATS });
	expect(problem).toBe(
		'This recording was made by a newer Earshot (format 4); this one reads up to 3. Update Earshot to open it.'
	);
});

test('a format between two was never written', () => {
	const { problem } = scan(encodeUtf8('{"earshot":1.5}\n'), [64], { upgrades: THREE_FORMATS });
	expect(problem).toContain('not an Earshot recording');
});

test('a table with a hole is a mistake of ours', () => {
	const upgrades = { format: 3, upgraders: new Map([[1, THREE_FORMATS.upgraders.get(1)!]]) };
	expect(() => scan(encodeUtf8('{"earshot":1}\n'), [64], { upgrades })).toThrow('the upgrader of format 2');
});
