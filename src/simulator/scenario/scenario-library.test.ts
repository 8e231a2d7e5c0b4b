import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDefaultScenario, loadScenario } from '#simulator/scenario/scenario.ts';
import { openScenarioLibrary } from '#simulator/scenario/scenario-library.ts';
import type { ScenarioLibrary } from '#simulator/scenario/scenario-library.ts';

const SHIPPED = ['default', 'interpreter', 'language-tutor', 'receptionist', 'solar-system', 'support-agent'];

let folder: string;
let library: ScenarioLibrary | undefined;
let lines: string[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'earshot-scenarios-'));
	lines = [];
});

afterEach(() => {
	library?.dispose();
	library = undefined;
	rmSync(folder, { recursive: true });
});

const open = (given?: string): ScenarioLibrary =>
	(library = openScenarioLibrary({ log: (line) => lines.push(line), ...(given === undefined ? {} : { given }) }));

function write(name: string, say: unknown): string {
	const file = join(folder, name);
	writeFileSync(file, typeof say === 'string' ? JSON.stringify({ scenario: 1, name, rules: [{ say }] }) : String(say));
	return file;
}

/** Like an editor: a new file takes the name. */
function replace(name: string, say: unknown): void {
	renameSync(write('.tmp', say), join(folder, name));
}

/** The one text of a scenario of one rule. */
function textOf(name?: string): string | undefined {
	const step = library?.get(name)?.rules[0]?.steps[0];
	return step?.kind === 'say' ? step.texts[0] : undefined;
}

describe('loadScenario', () => {
	it('names the file that is wrong, the place and what to do', () => {
		const file = join(folder, 'mine.json');
		expect(() => loadScenario(file)).toThrow(/mine\.json cannot be read: ENOENT/);
		writeFileSync(file, '{"scenario": 1,');
		expect(() => loadScenario(file)).toThrow(/mine\.json cannot be read: .*JSON/);
		writeFileSync(file, '{"scenario": 1}');
		expect(() => loadScenario(file)).toThrow(/mine\.json is not right\. rules: must be a list/);
	});

	it('reads a file that begins with a byte order mark', () => {
		const file = join(folder, 'mine.json');
		writeFileSync(file, '\uFEFF{"scenario": 1, "rules": [{"say": "x"}]}');
		expect(loadScenario(file).rules).toHaveLength(1);
	});

	it('reads the default', () => {
		expect(loadDefaultScenario().name).toBe('default');
	});
});

describe('a library', () => {
	it('has the shipped scenarios, each under its own name', () => {
		open();
		expect(library?.names()).toEqual(SHIPPED);
		for (const name of SHIPPED) expect(library?.get(name)?.name).toBe(name);
		expect(library?.get()?.name).toBe('default');
		expect(library?.get('../scenario.schema')).toBeUndefined();
		expect(lines).toEqual([]);
	});

	it('takes the name of a shipped one for the default', () => {
		expect(open('receptionist').get()?.name).toBe('receptionist');
	});

	it('takes a file for the default, and keeps the shipped ones', () => {
		open(write('mine.json', 'mine'));
		expect(library?.defaultName).toBe('mine');
		expect([textOf(), textOf('mine')]).toEqual(['mine', 'mine']);
		expect(library?.names()).toEqual([...SHIPPED.slice(0, 3), 'mine', ...SHIPPED.slice(3)]);
	});

	it('takes a folder, in which names of shipped ones count more', () => {
		write('one.json', 'first');
		write('two.json', 'second');
		writeFileSync(join(folder, 'mine.schema.json'), '{}');
		writeFileSync(join(folder, 'notes.txt'), 'notes');
		open(folder);
		expect([textOf('one'), textOf('two'), library?.get()?.name]).toEqual(['first', 'second', 'default']);
		library?.dispose();
		write('default.json', 'my own default');
		open(folder);
		expect(textOf()).toBe('my own default');
	});

	it('refuses what is not there or not right, and says what there is', () => {
		expect(() => open('nowhere')).toThrow(
			`There is no file, folder or shipped scenario "nowhere". Give the path of a scenario file or of a folder of them, or one of these names: ${SHIPPED.join(', ')}.`
		);
		const file = join(folder, 'mine.json');
		writeFileSync(file, '{"scenario": 1}');
		expect(() => open(file)).toThrow(/mine\.json is not right\. rules: must be a list/);
		expect(() => open(folder)).toThrow(/mine\.json is not right\. rules: must be a list/);
	});

	it('reads a file again that changed, was replaced or came back', () => {
		open(write('mine.json', 'one'));
		const before = library?.get();
		expect(library?.get()).toBe(before);
		write('mine.json', 'number two');
		expect(textOf()).toBe('number two');
		replace('mine.json', 'three');
		expect(textOf()).toBe('three');
		rmSync(join(folder, 'mine.json'));
		expect([textOf(), textOf()]).toEqual(['three', 'three']);
		write('mine.json', 'five!');
		expect(textOf()).toBe('five!');
		expect(lines.filter((line) => line.endsWith('mine.json was read again'))).toHaveLength(3);
		expect(
			lines.filter((line) => /mine\.json is not there any more; what was read before stays/.test(line))
		).toHaveLength(1);
	});

	it('keeps the version before a broken one, and tells the fault once', () => {
		open(write('mine.json', 'one'));
		writeFileSync(join(folder, 'mine.json'), '{"scenario": 1, "rules": [{"says": "x"}]}');
		expect([textOf(), textOf()]).toEqual(['one', 'one']);
		expect(lines).toEqual([
			expect.stringMatching(
				/^scenario: .*mine\.json is not right\. rules\[0\]\.says: is unknown.*; what was read before stays in use$/
			) as string
		]);
		write('mine.json', 'two');
		expect(textOf()).toBe('two');
	});

	it('finds files that came later', () => {
		open(folder);
		expect(textOf('late')).toBeUndefined();
		write('late.json', 'late');
		expect(textOf('late')).toBe('late');
		writeFileSync(join(folder, 'broken.json'), '{');
		expect(library?.get('broken')).toBeUndefined();
		expect(library?.names()).not.toContain('broken');
		expect(lines).toEqual([expect.stringMatching(/broken\.json cannot be read/) as string]);
	});

	it('tells of a fault without being asked, as soon as the file is written', async () => {
		open(write('mine.json', 'one'));
		replace('mine.json', 5);
		await vi.waitFor(() => expect(lines.join()).toMatch(/mine\.json is not right/), 5000);
		replace('mine.json', 'two');
		await vi.waitFor(() => expect(lines.join()).toMatch(/mine\.json was read again/), 5000);
	});

	it('goes on when the folder is gone', () => {
		const inner = join(folder, 'inner');
		mkdirSync(inner);
		writeFileSync(join(inner, 'mine.json'), '{"scenario": 1, "rules": [{"say": "x"}]}');
		open(inner);
		rmSync(inner, { recursive: true });
		expect(textOf('mine')).toBe('x');
		expect(library?.get('other')).toBeUndefined();
		expect(lines.join()).toMatch(/inner cannot be read/);
	});
});
