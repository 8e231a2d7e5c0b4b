import { runCaptured, runChild } from '../../src/host/bootstrap/children.js';
import { root } from './stages.ts';
import type { Counts, Stage } from './stages.ts';

/** Runs one stage, prints one line about it (and its output when it failed), and says what it counted. */
export async function runStage(stage: Stage): Promise<Counts> {
	const startedAt = Date.now();
	const options = { root, node: process.execPath, ...(stage.env ? { env: stage.env } : {}) };
	const { code, output } = stage.live
		? { ...(await runChild(process.execPath, stage.args, options)), output: '' }
		: await runCaptured(process.execPath, stage.args, options);
	const counts = countStage(stage, code);
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
	console.log(`${counts.failed ? 'FAIL' : 'ok  '}   ${stage.name}   ${seconds} s`);
	if (counts.failed && output) console.log(output.trimEnd());
	return counts;
}

function countStage(stage: Stage, code: number): Counts {
	if (!stage.count) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
	try {
		const counts = stage.count();
		// It failed although no test did: an error outside of the tests, or no tests at all.
		return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
	} catch {
		return { passed: 0, failed: 1, skipped: 0 }; // it ended before it could write its report
	}
}

/** Runs a tool that is no check; throws when it fails. */
export async function runTool(args: string[]): Promise<void> {
	const { code, output } = await runCaptured(process.execPath, args, { root, node: process.execPath });
	if (code !== 0) throw new Error(`${args.join(' ')} failed:\n${output}`);
}
