// Rules about the text of the repository that no linter knows.
import { describe, expect, test } from 'vitest';
import { isCode, listFiles, readText } from './source-files.ts';

interface TextRule {
	/** Which files it is about. */
	files: (file: string) => boolean;
	forbidden: RegExp;
	why: string;
}

const inSrc = (file: string) => file.startsWith('src/') && isCode(file);
const inCore = (file: string) => file.startsWith('src/core/') && isCode(file) && !file.endsWith('.test.ts');

// Written so that no pattern matches its own line.
const rules: Record<string, TextRule> = {
	'markup from text': {
		files: inSrc,
		forbidden: /\{@html\b|\.(inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write\b/,
		why: 'text of other people reaches the page: put it in as text'
	},
	'code from text': {
		files: inSrc,
		forbidden: /\beval\s*\(|\bnew Function\s*\(/,
		why: 'the page policy refuses it, and so do we'
	},
	'clock or chance in core': {
		files: inCore,
		forbidden: /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b/,
		why: 'core computes the same from the same: have the value passed in'
	},
	'package host': {
		files: () => true,
		forbidden:
			/"resolved"\s*:\s*"http|\b(registry|npm|artifacts?|mirror)\.[a-z0-9-]+\.(com|org|net|io|dev|internal|local)\b/i,
		why: "where packages come from is each person's own setting"
	},
	'path of one machine': {
		files: () => true,
		forbidden: /(?<![\w.@/-])\/(work|home\/\w+|Users\/\w+|root|tmp\/bash\w*)\//,
		why: 'it exists on one machine only'
	},
	'unfinished business': {
		files: () => true,
		forbidden: /\b(TO[D]O|FIX[M]E|XX[X])\b/,
		why: 'do it, or write down elsewhere what is missing'
	}
};

/** Violations of a rule in one text, each with its line. */
function findForbidden(file: string, text: string, { forbidden, why }: TextRule): string[] {
	return text.split('\n').flatMap((line, index) => {
		const match = forbidden.exec(line);
		return match ? [`${file}:${index + 1} has '${match[0]}': ${why}.`] : [];
	});
}

describe('no file holds', () => {
	const files = listFiles().filter((file) => !file.startsWith('tests/fixtures/') && file !== 'THIRD_PARTY_NOTICES.md');
	const self = 'tests/architecture/repository.test.ts';
	test.each(Object.entries(rules))('%s', (_name, rule) => {
		const checked = files.filter((file) => file !== self && rule.files(file));
		expect(checked.length).toBeGreaterThan(0);
		expect(checked.flatMap((file) => findForbidden(file, readText(file) ?? '', rule))).toEqual([]);
	});

	const planted: [rule: string, text: string][] = [
		['markup from text', '<p>{@html text}</p>'],
		['markup from text', 'element.innerHTML = text;'],
		['code from text', 'eval(text)'],
		['clock or chance in core', 'const at = Date.now();'],
		['clock or chance in core', 'const at = new Date();'],
		['package host', '"resolved": "https://packages.example/a.tgz"'],
		['package host', 'npm config set https://registry.example.org'],
		['path of one machine', 'cd /home/somebody/earshot'],
		['path of one machine', 'see /home/ada/earshot/x'],
		['unfinished business', '// TODO later']
	];
	test.each(planted)('(seen to fail) %s: %s', (name, text) => {
		const rule = rules[name];
		expect(rule && findForbidden('planted.ts', text, rule)).toHaveLength(1);
	});

	test.each([
		['clock or chance in core', 'const day = new Date(startedAt);'],
		['path of one machine', 'see src/console/workbench/A.svelte, ../work/x and https://example.com/work/'],
		['markup from text', '// Html is a word']
	])('(allowed) %s: %s', (name, text) => {
		const rule = rules[name];
		expect(rule && findForbidden('planted.ts', text, rule)).toEqual([]);
	});
});

/** Files that may be longer than 400 lines, each with the reason why it is better in one piece. */
const longFiles: Record<string, string> = {};
const MOST_LINES = 400;

test(`no file is longer than ${MOST_LINES} lines`, () => {
	const lengths = listFiles()
		.filter((file) => isCode(file) && !file.includes('.generated.'))
		.map((file) => ({ file, lines: (readText(file) ?? '').split('\n').length - 1 }));
	const tooLong = lengths.filter(({ file, lines }) => lines > MOST_LINES && !longFiles[file]);
	expect(tooLong, 'split these files').toEqual([]);
	const listed = Object.keys(longFiles).filter(
		(name) => !lengths.some(({ file, lines }) => file === name && lines > MOST_LINES)
	);
	expect(listed, 'these are short enough by now: take them off the list').toEqual([]);
});
