import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '#core/audio/base64.ts';
import { encodeALaw, encodeMuLaw } from '#core/audio/g711.ts';
import { floatToPcm16, floatToSamples } from '#core/audio/pcm16.ts';
import type { JsonObject } from '#core/base/json.ts';
import { findTurn, formatOffset } from './event-times.ts';
import { diffLines } from './line-diff.ts';
import { codingOf, decodeMemberAudio, formatWavePath, wavOf } from './member-audio.ts';
import { deriveMemberRows, findMedia, NO_OPENINGS, setOpenings } from './members.ts';
import { findUnknownMembers } from './unknown-members.ts';

describe('lines', () => {
	const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
	const side = (lines: ReturnType<typeof diffLines>, which: 'old' | 'new') =>
		lines.filter((line) => line.in === 'both' || line.in === which).map((line) => line.text);

	test('a difference holds both texts, and nothing that is in both twice', () => {
		fc.assert(
			fc.property(text, text, (a, b) => {
				const lines = diffLines(a, b);
				expect(side(lines, 'old').join('\n')).toBe(a);
				expect(side(lines, 'new').join('\n')).toBe(b);
				expect(lines.length).toBeGreaterThanOrEqual(Math.max(a.split('\n').length, b.split('\n').length));
				if (a === b) expect(lines.every((line) => line.in === 'both')).toBe(true);
			})
		);
	});

	test('it is the smallest', () => {
		const lines = diffLines('a\nb\nc\na\nb\nb\na', 'c\nb\na\nb\na\nc');
		expect(lines.filter((line) => line.in !== 'both')).toHaveLength(5);
	});

	test('texts that have little in common are shown one after the other', () => {
		const many = (letter: string) => Array.from({ length: 3000 }, (_, index) => `${letter}${index}`).join('\n');
		const lines = diffLines(`same\n${many('a')}\nend`, `same\n${many('b')}\nend`);
		expect(lines).toHaveLength(6002);
		expect(lines[0]).toEqual({ in: 'both', text: 'same' });
		expect(lines[1]).toEqual({ in: 'old', text: 'a0' });
	});
});

describe('unknown members', () => {
	const schemaOf = (name: string) =>
		JSON.parse(readFileSync(`src/core/protocol/schemas/${name}-event.schema.json`, 'utf8')) as JsonObject;
	const client = schemaOf('client');
	const server = schemaOf('server');

	test('fields of no type are found at any depth; what is open is not judged', () => {
		const event = {
			type: 'conversation.item.create',
			event_id: 'x',
			more: 1,
			item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi', colour: 'red' }], id: 'i' }
		};
		expect(findUnknownMembers(client, event)).toEqual([['more'], ['item', 'content', 0, 'colour']]);
		const update = {
			type: 'session.update',
			session: {
				type: 'realtime',
				voice: 'marin',
				audio: { output: { voice: 'marin', pitch: 2 } },
				tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: { any: {} } } }],
				tracing: { metadata: { mine: 1 } }
			}
		};
		const found = findUnknownMembers(client, update).map((path) => path.join('.'));
		expect(found).toEqual(['session.voice', 'session.audio.output.pitch']);
	});

	test('an event of an unknown type is not judged, nor is a kind of item that nobody knows', () => {
		expect(findUnknownMembers(client, { type: 'some.event', field: {} })).toEqual([]);
		const item = { type: 'hologram', depth: 3 };
		expect(findUnknownMembers(client, { type: 'conversation.item.create', item })).toEqual([]);
	});

	test('the fixture of a session has none', () => {
		const lines = readFileSync('tests/fixtures/v1-barge-in.earshot.jsonl', 'utf8').trim().split('\n').slice(1);
		for (const line of lines) {
			const { from, event } = JSON.parse(line) as { from: string; event: object };
			const schema = from === 'client' ? client : server;
			if (from !== 'console') expect([event, findUnknownMembers(schema, event)]).toEqual([event, []]);
		}
	});

	test('whatever an event holds, it comes to an end', () => {
		const deep = JSON.parse(`${'{"item":'.repeat(5000)}1${'}'.repeat(5000)}`) as unknown;
		expect(findUnknownMembers(client, deep)).toEqual([]);
		fc.assert(fc.property(fc.anything(), (value) => void findUnknownMembers(server, value)));
	});
});

describe('rows of the tree', () => {
	const rowsOf = (event: unknown, openings = NO_OPENINGS) => deriveMemberRows(event, 'x', openings);

	test('members in their order, with level and place', () => {
		const rows = rowsOf({ type: 'x', a: [1, { b: null }], empty: {}, none: [] });
		expect(rows.map(({ name, level, place, siblings, isOpen }) => [name, level, place, siblings, isOpen])).toEqual([
			['type', 1, 1, 4, null],
			['a', 1, 2, 4, true],
			['0', 2, 1, 2, null],
			['1', 2, 2, 2, true],
			['b', 3, 1, 1, null],
			['empty', 1, 3, 4, null],
			['none', 1, 4, 4, null]
		]);
	});

	test('long texts are folded, and so is all that was closed', () => {
		const event = { long: 'a'.repeat(101), lines: 'a\nb', short: 'a', inner: { b: 1 } };
		expect(rowsOf(event).map(({ kind, isOpen }) => `${kind} ${isOpen}`)).toEqual([
			...['long-text false', 'long-text false', 'text null', 'object true', 'other null']
		]);
		const closed = setOpenings(NO_OPENINGS, ['["inner"]'], 0);
		expect(rowsOf(event, closed)).toHaveLength(4);
	});

	test('a million members, and a million levels, make few rows', () => {
		const wide = { list: Array.from({ length: 1_000_000 }, () => ({ a: [1, 2, 3] })) };
		const rows = rowsOf(wide);
		expect(rows.length).toBeLessThan(400);
		expect(rows.at(-1)).toMatchObject({ kind: 'more', value: 1_000_000 - 100, place: 101, siblings: 101 });
		expect(rowsOf(wide, setOpenings(NO_OPENINGS, ['["list"]'], 200)).at(-1)).toMatchObject({ value: 999_800 });
		const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) as unknown;
		expect(rowsOf(deep)).toHaveLength(4);
	});

	test('a message that is no object is one row', () => {
		expect(rowsOf('text')).toMatchObject([{ path: [], name: '', level: 1, isOpen: null }]);
		expect(rowsOf([1])).toMatchObject([{ path: [] }, { path: [0] }]);
	});

	test('names like those of Object’s own are names', () => {
		const rows = rowsOf(JSON.parse('{"__proto__":{"constructor":1}}'));
		expect(rows.map(({ path }) => path)).toEqual([['__proto__'], ['__proto__', 'constructor']]);
	});

	test('audio and images are known by where they stand and how they begin', () => {
		expect(findMedia('input_audio_buffer.append', ['audio'], {}, 'AAAA')).toMatchObject({ source: 'input' });
		expect(findMedia('response.output_audio.delta', ['delta'], {}, 'AAAA')).toMatchObject({ source: 'output' });
		expect(findMedia('response.output_text.delta', ['delta'], {}, 'AAAA')).toBeNull();
		const part = { type: 'input_audio' };
		expect(findMedia('conversation.item.create', ['item', 'content', 0, 'audio'], part, 'AAAA')?.kind).toBe('audio');
		expect(findMedia('x', ['any'], {}, 'data:image/png;base64,AAAA')).toEqual({
			kind: 'image',
			mediaType: 'image/png'
		});
		expect(findMedia('x', ['any'], {}, 'data:image/svg+xml;base64,AAAA')).toBeNull();
	});
});

describe('audio', () => {
	const tone = Float32Array.from({ length: 800 }, (_, index) => Math.sin(index / 3) / 2);
	const samples = floatToSamples(tone);
	const sessionOf = (format: object) => ({ audio: { input: { format } } });

	test.each([
		['pcm16', { type: 'audio/pcm', rate: 24_000 }, floatToPcm16(tone), 24_000],
		['mu-law', { type: 'audio/pcmu' }, encodeMuLaw(samples), 8000],
		['a-law', { type: 'audio/pcma' }, encodeALaw(samples), 8000]
	] as const)('%s is read by what the session says', async (format, told, bytes, rate) => {
		const coding = codingOf(sessionOf(told), 'input');
		expect(coding).toEqual({ format, rate });
		const read = decodeMemberAudio(encodeBase64(bytes), coding);
		if (!read.ok) throw new Error(read.error);
		expect(read.value.durationMs).toBe((800 * 1000) / rate);
		for (const [index, sample] of read.value.samples.entries())
			expect(Math.abs(sample - tone[index]!)).toBeLessThan(0.03);
		const wav = new DataView(await wavOf(read.value).arrayBuffer());
		expect([wav.getUint32(24, true), wav.byteLength]).toEqual([rate, 44 + 1600]);
	});

	test('what is no canonical base64 says so', () => {
		expect(decodeMemberAudio('AAA', codingOf(null, 'output'))).toEqual({ ok: false, error: 'not canonical base64' });
	});

	test('each column of the picture has its own samples', () => {
		expect(formatWavePath(Float32Array.of(1, -1, 0, 0), 2, 10)).toBe('M0 0H1V10H0ZM1 4.5H2V5.5H1Z');
		expect(formatWavePath(new Float32Array(0), 100, 10)).toBe('');
	});
});

test('an event is of the turn of its item, else of the turn in which it came', () => {
	const turn = (number: number, atMs: number, itemIds: string[]) => ({
		...{ number, atMs, itemIds, interrupted: false, answerDelayMs: null }
	});
	const turns = [turn(1, 100, ['a', 'b']), turn(2, 900, ['c'])];
	expect(findTurn(turns, ['b'], 2000)?.number).toBe(1);
	expect(findTurn(turns, ['x'], 2000)?.number).toBe(2);
	expect(findTurn(turns, [], 899)?.number).toBe(1);
	expect(findTurn(turns, [], 50)).toBeNull();
	expect([formatOffset(1204.4), formatOffset(-20), formatOffset(0)]).toEqual(['+1.204 s', '−0.020 s', '+0.000 s']);
});
