// `npm run bench -- library`: files are opened, stored, shown and searched through in a real browser, as one does it by
// hand. `--large` adds a million events (1.4 GB, and as much again in the browser's profile).
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildIfStale } from '../../src/host/bootstrap/build.js';
import { benchScans, importMemory, printImports, runImports, type ImportRounds } from './library-import.ts';
import { startBenchBrowser, type BenchBrowser } from './library-browser.ts';
import { writeLogFile, type LogFile } from './library-logs.ts';
import { benchPureParts, loadLog } from './library-pure.ts';
import { benchEventList, benchOpening, benchSeeking } from './library-workbench.ts';
import { printTable } from './table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ROUNDS = 3;
/** The file, the store's copy of each round, and the plain one. */
const LARGE_NEEDS_BYTES = 8e9;

export interface LibraryBenchOptions {
	/** A million events too. */
	readonly isLarge: boolean;
}

/** Runs all of it. Throws when a result is wrong; times are only printed. */
export async function benchLibrary({ isLarge }: LibraryBenchOptions): Promise<void> {
	await buildIfStale(root, process.execPath);
	const folder = await mkdtemp(path.join(tmpdir(), 'earshot-bench-'));
	try {
		const part = await writeLogFile(folder, '100,000 events', 21);
		const hour = await writeLogFile(folder, 'an hour', 60);
		await benchPureParts(hour, folder);
		await inBrowser(folder, async (bench) => {
			await benchScans(bench, part);
			const rounds = [await runImports(bench, part, ROUNDS), await runImports(bench, hour, ROUNDS)];
			printImports(rounds);
			await benchMemory(bench, [part, hour]);
			await benchShown(bench, rounds[1]!);
		});
		if (isLarge) await benchLarge(folder);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function benchLarge(folder: string): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	if (bavail * bsize < LARGE_NEEDS_BYTES) {
		console.log(`\nA million events need ${LARGE_NEEDS_BYTES / 1e9} GB in ${folder}, and less is free: left out.`);
		return;
	}
	const million = await writeLogFile(folder, 'a million events', 210);
	await inBrowser(folder, async (bench) => {
		const rounds = await runImports(bench, million, 2);
		printImports([rounds]);
		await benchMemory(bench, [million]);
		await benchShown(bench, rounds);
	});
}

/** In a browser of its own: what one leaves behind must not weigh on the next. */
async function inBrowser(folder: string, work: (bench: BenchBrowser) => Promise<void>): Promise<void> {
	const profile = await mkdtemp(path.join(folder, 'profile-'));
	const bench = await startBenchBrowser(profile);
	try {
		await work(bench);
	} finally {
		await bench.dispose();
		await rm(profile, { recursive: true, force: true });
	}
}

async function benchMemory(bench: BenchBrowser, files: readonly LogFile[]): Promise<void> {
	const rows = [];
	for (const file of files) {
		const { inUse, peak } = await importMemory(bench, file);
		rows.push({
			file: file.title,
			'in use MB': inUse / 1e6,
			'MB per million events': inUse / file.eventCount,
			'at most MB': peak / 1e6
		});
	}
	printTable(
		'Memory of an import, above that of the empty page. in use: by the page and its worker, when all is indexed. at most: what\n' +
			'the process had to have on the way, garbage and the browser’s own buffers counted (on Linux).',
		rows
	);
}

/** The recording in the workbench. */
async function benchShown(bench: BenchBrowser, { file, imports }: ImportRounds): Promise<void> {
	const { row } = imports.at(-1)!;
	await benchOpening(bench, file, row);
	const log = await loadLog(file);
	await benchSeeking(bench, file, row, (ms) => log.countUpTo(ms));
	await benchEventList(bench, file, row);
}
