// Real files of other tools, where a folder of them is at hand: EARSHOT_CORPUS names it.
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { objectAt, parseJson, stringAt } from '../../base/json.ts';
import { findEventDefinition, gaType } from '../../protocol/catalog.ts';
import { detectFormat } from './formats.ts';
import { PIECE_SIZES, readWhole } from './testing/read-whole.ts';

const CORPUS = process.env['EARSHOT_CORPUS'];
const isAtHand = CORPUS !== undefined && existsSync(CORPUS);
const filesOf = (pattern: string) => (isAtHand ? globSync(pattern, { cwd: CORPUS }).sort() : []);
const NONE = 'files (EARSHOT_CORPUS names no folder of them)';
const named = (files: string[]) => (files.length > 0 ? files : [NONE]);
const LOGS = filesOf('logs/**/*.jsonl');
const HARS = filesOf('captures/*.har');
const OTHERS = filesOf('logs/**/*.json');

function readFile(file: string, pieceBytes?: number) {
	const bytes = readFileSync(path.join(CORPUS!, file));
	const format = detectFormat(bytes.subarray(0, 65_536));
	return { bytes, format, ...readWhole(format!, bytes, pieceBytes) };
}

describe.skipIf(LOGS.length === 0).each(named(LOGS))('%s', (file) => {
	test('gives every event as it is spelled, from whom the log says', () => {
		const { bytes, format, connections, skipped } = readFile(file);
		const lines = bytes
			.toString('utf8')
			.split('\n')
			.filter((line) => line !== '');
		const wanted = lines.map((line) => {
			const wrapper = parseJson(line);
			const said = stringAt(wrapper, 'direction');
			const raw = said === undefined ? line : line.slice(line.indexOf('{', 1), line.lastIndexOf('}')).trimEnd();
			const type = stringAt(objectAt(wrapper, 'event') ?? wrapper, 'type')!;
			return { from: said ?? findEventDefinition(gaType(type))?.from ?? 'server', raw };
		});
		expect(format?.id).toBe('event-json');
		expect(skipped).toEqual([]);
		expect(connections).toHaveLength(1);
		expect(connections[0]!.messages.map(({ from, raw }) => ({ from, raw }))).toEqual(wanted);
	});

	test('reads the same in pieces', () => {
		const whole = readFile(file).connections;
		for (const size of PIECE_SIZES) expect(readFile(file, size).connections).toEqual(whole);
	});
});

describe.skipIf(HARS.length === 0).each(named(HARS))('%s', (file) => {
	test('gives the messages of its WebSocket', () => {
		const { bytes, format, connections, skipped, notes } = readFile(file);
		expect(format?.id).toMatch(/^(chrome|playwright)-har$/);
		expect({ skipped, notes }).toEqual({ skipped: [], notes: [] });
		const entries = (JSON.parse(bytes.toString()) as { log: { entries: HarEntry[] } }).log.entries;
		const messages = entries.flatMap((entry) => entry._webSocketMessages ?? []);
		expect(connections).toHaveLength(1);
		const { start, messages: read } = connections[0]!;
		expect(read.map(({ from, raw, binary }) => [from, raw, binary ?? false])).toEqual(
			messages.map(({ type, data, opcode }) => [type === 'send' ? 'client' : 'server', data, opcode === 2])
		);
		expect(start).toMatchObject({
			model: 'gpt-realtime',
			clock: 'wall',
			endpoint: expect.stringMatching(/^127\.0\.0\.1:/)
		});
		const ms = messages.map(({ time }) => (time > 1e11 ? time : time * 1000));
		read.forEach(({ at }, index) => expect(at).toBeCloseTo(ms[index]! - ms[0]!, 2));
		expect(Date.parse(start.startedAt!)).toBe(Math.floor(ms[0]!));
		for (const size of PIECE_SIZES) expect(readFile(file, size).connections).toEqual(connections);
	});
});

interface HarEntry {
	_webSocketMessages?: { type: string; time: number; opcode: number; data: string }[];
}

describe.skipIf(OTHERS.length === 0).each(named(OTHERS))('%s', (file) => {
	test('has no Realtime events, and says so', () => {
		const { connections, skipped } = readFile(file);
		expect(connections).toEqual([]);
		expect(skipped.at(-1)!.reason).toMatch(/no Realtime events in this file/);
	});
});
