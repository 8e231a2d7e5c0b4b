// Taking files in: until the first row, until all is indexed, until all is stored; each beside the plain limit.
import assert from 'node:assert/strict';
import type { Page } from 'playwright';
import { MemoryPeak, pageMemory, type BenchBrowser, type ConsoleScope, type FloorScope } from './library-browser.ts';
import type { LogFile } from './library-logs.ts';
import type { Seen } from './library-probe.ts';
import { median, printTable } from './table.ts';

/** The row of a stored recording: what is of use here. */
export interface StoredRow {
	readonly id: string;
	readonly eventCount: number;
	readonly eventBytes: number;
	readonly callerBytes: number;
	readonly modelBytes: number;
}

/** What one import told. Milliseconds. */
interface ImportTimes {
	readonly firstRowMs: number;
	readonly indexedMs: number;
	/** From indexed to stored. */
	readonly storingMs: number;
	readonly longTasks: readonly number[];
	readonly row: StoredRow;
}

export interface ImportRounds {
	readonly file: LogFile;
	readonly imports: readonly ImportTimes[];
	/** The plain limits, by round. */
	readonly readMs: readonly number[];
	readonly writeMs: readonly number[];
}

const WAIT_MS = 120_000;
const MB = 1e6;
const SCAN_ROUNDS = 5;
/** As the store does it: `src/browser/store/import-recording.ts` and `schema.ts`. */
const CHUNKS = { eventChunk: 130_000, eventChunksAtOnce: 16, audioChunk: 480_000, audioChunksAtOnce: 10 };

/** Takes a file in and measures the plain limits, in turns. */
export async function runImports(bench: BenchBrowser, file: LogFile, rounds: number): Promise<ImportRounds> {
	const imports: ImportTimes[] = [];
	const readMs: number[] = [];
	const writeMs: number[] = [];
	for (let round = 0; round < rounds; round++) {
		readMs.push(await readPlainly(bench.floor, file));
		const page = await bench.openConsole('/recordings');
		const taken = await importFile(page, file);
		await page.close();
		imports.push(taken);
		writeMs.push(await writePlainly(bench.floor, taken));
	}
	return { file, imports, readMs, writeMs };
}

/** Takes one file in on the page of recordings, and checks that all of it arrived. */
async function importFile(page: Page, file: LogFile): Promise<ImportTimes> {
	await page.waitForSelector('html[data-busy="false"]');
	const before = new Set((await storedRows(page)).map(({ id }) => id));
	await page.getByLabel('Import file').setInputFiles(file.path);
	await page.waitForFunction(() => (globalThis as ConsoleScope).probe.seen().marks.stored, null, { timeout: WAIT_MS });
	const seen = await page.evaluate(() => (globalThis as ConsoleScope).probe.seen());
	const [row, ...others] = (await storedRows(page)).filter(({ id }) => !before.has(id));
	assert(row && others.length === 0, 'one recording was stored');
	assert.equal(row.eventCount, file.eventCount, 'events in the store');
	assert.equal(row.callerBytes, file.callerBytes, 'bytes of the caller in the store');
	assert.equal(row.modelBytes, file.modelBytes, 'bytes of the model in the store');
	return { ...timesOf(seen), row };
}

function timesOf({ marks, chosenMs, longTasks }: Seen): Omit<ImportTimes, 'row'> {
	const { firstRow, storing, stored } = marks;
	assert(firstRow && storing && stored, 'the page showed a row, then storing, then the report');
	return {
		firstRowMs: firstRow.paintedMs - chosenMs,
		indexedMs: storing.atMs - chosenMs,
		storingMs: stored.atMs - storing.atMs,
		longTasks: longTasks.filter(({ atMs }) => atMs >= chosenMs && atMs < stored.atMs).map(({ ms }) => ms)
	};
}

/** What the store holds. Its database must be there: the console has opened it. */
function storedRows(page: Page): Promise<StoredRow[]> {
	return page.evaluate(async () => {
		const settled = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error!);
			});
		const database = await settled(indexedDB.open('earshot'));
		const rows = await settled(database.transaction('recordings').objectStore('recordings').getAll());
		database.close();
		return rows as StoredRow[];
	});
}

async function readPlainly(floor: Page, file: LogFile): Promise<number> {
	await floor.locator('input').setInputFiles(file.path);
	const { ms, bytes } = await floor.evaluate(() => (globalThis as FloorScope).floor.readFile());
	assert.equal(bytes, file.bytes, 'bytes that were read plainly');
	return ms;
}

/** Goes through a file that lies in memory, and prints how fast that is. */
export async function benchScans(bench: BenchBrowser, file: LogFile): Promise<void> {
	await bench.floor.locator('input').setInputFiles(file.path);
	const scans = await bench.floor.evaluate((rounds) => (globalThis as FloorScope).floor.scanFile(rounds), SCAN_ROUNDS);
	for (const { part, eventCount } of scans) assert.equal(eventCount, file.eventCount, `events found by: ${part}`);
	const parseMs = median(scans.at(-1)!.ms);
	printTable(
		`Going through ${file.title} (${Math.round(file.bytes / MB)} MB) in memory, on one thread of the browser. Medians of ${SCAN_ROUNDS} rounds.`,
		scans.map(({ part, ms }) => ({
			part,
			ms: median(ms),
			'MB/s': file.bytes / 1000 / median(ms),
			'of JSON.parse': median(ms) / parseMs
		}))
	);
}

/** Writes as many bytes as an import stored. */
function writePlainly(floor: Page, { row }: ImportTimes): Promise<number> {
	const order = { ...CHUNKS, events: row.eventBytes, audio: row.callerBytes + row.modelBytes };
	return floor.evaluate((bytes) => (globalThis as FloorScope).floor.write(bytes), order);
}

/** What an import holds in memory: in use while it is stored, and at most on the way, garbage counted. */
export async function importMemory(bench: BenchBrowser, file: LogFile): Promise<{ inUse: number; peak: number }> {
	const page = await bench.openConsole('/recordings');
	await page.waitForSelector('html[data-busy="false"]');
	const before = await pageMemory(page);
	const peak = await MemoryPeak.start(bench.context);
	await page.getByLabel('Import file').setInputFiles(file.path);
	await page.waitForFunction(() => (globalThis as ConsoleScope).probe.seen().marks.storing, null, { timeout: WAIT_MS });
	const inUse = (await pageMemory(page)) - before;
	await page.waitForFunction(() => (globalThis as ConsoleScope).probe.seen().marks.stored, null, { timeout: WAIT_MS });
	const peakBytes = await peak.stop();
	await page.close();
	return { inUse, peak: peakBytes };
}

/** Prints what the imports of some files took. */
export function printImports(rounds: readonly ImportRounds[]): void {
	const of = (imports: readonly ImportTimes[], key: 'firstRowMs' | 'indexedMs' | 'storingMs') =>
		median(imports.map((times) => times[key]));
	printTable(
		'Opening a file on the page of recordings. first row: from choosing the file until it is painted. indexed: until every\n' +
			'line is taken in. reading: the same file merely read in 8 MB slices, by a worker, in the same browser. long tasks: of\n' +
			'the page over 50 ms until all is stored, in all rounds.',
		rounds.map(({ file, imports, readMs }) => ({
			file: `${file.title}, ${Math.round(file.bytes / MB)} MB`,
			'first row ms': of(imports, 'firstRowMs'),
			'indexed ms': of(imports, 'indexedMs'),
			'reading ms': median(readMs),
			'indexed / reading': median(imports.map(({ indexedMs }, i) => indexedMs / readMs[i]!)),
			'events/s': Math.round((file.eventCount / of(imports, 'indexedMs')) * 1000),
			'long tasks': longTaskText(imports.flatMap(({ longTasks }) => longTasks))
		}))
	);
	printTable(
		'Storing it. stored: from indexed until the last record is on the disk; it reads the audio from the file once more. bare:\n' +
			'as many bytes of noise and text put into a database of another page in records of the same size.',
		rounds.map(({ file, imports, writeMs }) => {
			const bytes = imports[0]!.row;
			const total = bytes.eventBytes + bytes.callerBytes + bytes.modelBytes;
			return {
				file: `${file.title}, ${Math.round(total / MB)} MB to store`,
				'stored ms': of(imports, 'storingMs'),
				'MB/s': total / MB / (of(imports, 'storingMs') / 1000),
				'bare ms': median(writeMs),
				'bare MB/s': total / MB / (median(writeMs) / 1000),
				'speed / bare': median(imports.map(({ storingMs }, i) => writeMs[i]! / storingMs))
			};
		})
	);
}

/** How many, and the longest. */
export function longTaskText(tasks: readonly number[]): string {
	return tasks.length === 0 ? 'none' : `${tasks.length}, longest ${Math.round(Math.max(...tasks))} ms`;
}
