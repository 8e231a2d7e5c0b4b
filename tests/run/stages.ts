// The stages of `npm test` and `npm run check`: what each runs, and how its result is counted.
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
/** Not where the tools write when they are run by hand, perhaps at the same time. */
export const resultsFolder = path.join(root, 'test-results/npm-test');

/** How many checks passed, failed and were skipped. */
export interface Counts {
	passed: number;
	failed: number;
	skipped: number;
}

export interface Stage {
	name: string;
	/** Arguments for Node: a tool's script, then what it is told. */
	args: string[];
	env?: NodeJS.ProcessEnv;
	/** Stages of one group run side by side, groups one after another. */
	group: 'static' | 'vitest' | 'browser';
	/** Reads the tool's own report; without it the stage is one check. Throws when there is no report. */
	count?: () => Counts;
	/** Prints while it runs; else its output is printed only when it fails. */
	live?: boolean;
}

const tool = (file: string) => path.join(root, 'node_modules', file);
const report = (name: string) => path.join(resultsFolder, `${name}.json`);
const TSC = tool('typescript/bin/tsc');
const VITEST = [tool('vitest/vitest.mjs'), 'run', '--reporter=tests/run/vitest-reporter.ts'];

/** The fast part. */
export const staticStages: Stage[] = [
	{
		name: 'types',
		group: 'static',
		args: [tool('svelte-check/bin/svelte-check'), '--fail-on-warnings', '--output', 'human']
	},
	{ name: 'core-types', group: 'static', args: [TSC, '-p', 'src/core'] },
	{ name: 'lint', group: 'static', args: [tool('eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
	{
		name: 'format',
		group: 'static',
		args: [tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']
	}
];

export const importRules: Stage = {
	name: 'rules',
	group: 'vitest',
	args: [...VITEST, '--project', 'unit', 'tests/architecture']
};

export const vitest: Stage = {
	name: 'unit',
	group: 'vitest',
	args: [...VITEST, '--reporter=json', `--outputFile.json=${report('vitest')}`],
	count: () => countVitest(readJson(report('vitest'))),
	live: true
};

export const playwright: Stage = {
	name: 'browser',
	group: 'browser',
	args: [
		tool('playwright/cli.js'),
		'test',
		'-c',
		'tests',
		'--reporter=line,json',
		`--output=${path.join(resultsFolder, 'playwright')}`
	],
	env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report('playwright') },
	count: () => countPlaywright(readJson(report('playwright'))),
	live: true
};

interface VitestReport {
	numPassedTests: number;
	numFailedTests: number;
	numPendingTests: number;
	numTodoTests: number;
	testResults: { status: string; assertionResults: unknown[] }[];
}

/** A file that could not be loaded has no tests to fail, so it counts as one failure itself. */
export function countVitest(report: VitestReport): Counts {
	const broken = report.testResults.filter(
		({ status, assertionResults }) => status === 'failed' && !assertionResults.length
	);
	return {
		passed: report.numPassedTests,
		failed: report.numFailedTests + broken.length,
		skipped: report.numPendingTests + report.numTodoTests
	};
}

interface PlaywrightReport {
	stats: { expected: number; unexpected: number; flaky: number; skipped: number };
	errors: unknown[];
}

/** Errors outside of tests (a file that does not load) count as failures, and so does a test that passed on retry. */
export function countPlaywright({ stats, errors }: PlaywrightReport): Counts {
	return {
		passed: stats.expected,
		failed: stats.unexpected + stats.flaky + errors.length,
		skipped: stats.skipped
	};
}

function readJson<T>(file: string): T {
	return JSON.parse(readFileSync(file, 'utf8')) as T;
}
