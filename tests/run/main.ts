// Behind `npm test` and `npm run check`: runs every stage, also after one failed, and ends with the sum of all.
//   npm test -- lint browser     only these stages
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildIfStale } from '../../src/host/bootstrap/build.js';
import { endChildren } from '../../src/host/bootstrap/children.js';
import { watchParent } from '../../src/host/bootstrap/parent-watch.js';
import { ensureChromium } from '../chromium.ts';
import { runStage, runTool } from './run-stage.ts';
import { importRules, playwright, resultsFolder, root, staticStages, vitest } from './stages.ts';
import type { Counts, Stage } from './stages.ts';

const [command = 'test', ...only] = process.argv.slice(2);

async function main(): Promise<number> {
	const all = command === 'check' ? [...staticStages, importRules] : [...staticStages, vitest, playwright];
	const known = [...all, importRules]; // by itself the rules are part of the unit tests
	const unknown = only.filter((name) => !known.some((stage) => stage.name === name));
	if (unknown.length) {
		throw new Error(`No stage is named ${unknown.join(', ')}. Stages: ${known.map(({ name }) => name).join(', ')}.`);
	}
	const stages = only.length ? [...new Set(known)].filter(({ name }) => only.includes(name)) : all;
	rmSync(resultsFolder, { recursive: true, force: true });
	mkdirSync(resultsFolder, { recursive: true });
	await runTool([path.join(root, 'node_modules/@sveltejs/kit/svelte-kit.js'), 'sync']);

	const results: Counts[] = [];
	const inGroup = (group: Stage['group']) => stages.filter((stage) => stage.group === group);
	results.push(...(await Promise.all(inGroup('static').map(runStage))));
	if (stages.includes(vitest) || stages.includes(playwright)) results.push(...(await provideChromium()));
	for (const stage of inGroup('vitest')) results.push(await runStage(stage));
	for (const stage of inGroup('browser')) results.push(...(await buildThenRun(stage)));
	return printSum(results);
}

/** No browser is one failure; what needs none is tested all the same. */
async function provideChromium(): Promise<Counts[]> {
	try {
		process.env.CHROMIUM = await ensureChromium();
		return [];
	} catch (error) {
		return [failure('chromium', error)];
	}
}

async function buildThenRun(stage: Stage): Promise<Counts[]> {
	// Without a test there is nothing to build for.
	if (!readdirSync(path.join(root, 'tests/browser')).some((file) => file.endsWith('.test.ts'))) return [];
	try {
		await buildIfStale(root, process.execPath);
	} catch (error) {
		return [failure('build', error)];
	}
	return [await runStage(stage)];
}

function failure(name: string, error: unknown): Counts {
	console.log(`FAIL   ${name}\n${(error as Error).message}`);
	return { passed: 0, failed: 1, skipped: 0 };
}

function printSum(results: Counts[]): number {
	const sum = (key: keyof Counts) => results.reduce((total, result) => total + result[key], 0);
	const skipped = sum('skipped');
	if (skipped && !process.env.EARSHOT_CORPUS) {
		console.log('\nSkipped tests need recorded sessions: EARSHOT_CORPUS=<folder> npm test runs them.');
	}
	console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped ? `, ${skipped} skipped` : ''}`);
	return sum('failed') === 0 ? 0 : 1;
}

watchParent();
process.on('disconnect', () => void endChildren().then(() => process.exit(143)));
main().then(
	(code) => process.exit(code),
	async (error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		await endChildren();
		process.exit(1);
	}
);
