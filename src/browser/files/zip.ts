// Zip files, foreign ones too: the one place that knows the zip library. Source of the format: PKWARE APPNOTE 6.3.10.
import {
	BlobReader,
	configure,
	ERR_EOCDR_NOT_FOUND,
	ZipReader,
	type Entry,
	type FileEntry
} from '@zip.js/zip.js/lib/zip-core-native.js';
import { fail, succeed, type Result } from '#core/base/result.ts';

// All of this runs in a worker of ours already.
configure({ useWebWorkers: false });

/** Why a zip, or a file in it, could not be read or written. */
export interface ZipProblem {
	readonly kind:
		'no-zip' | 'cut-off' | 'damaged' | 'left-out' | 'missing' | 'no-recording' | 'bomb' | 'too-big' | 'failed';
	/** What is wrong and what to do, for the page. */
	readonly message: string;
}

/** What a stream of a zip fails with. */
export class ZipError extends Error {
	readonly problem: ZipProblem;

	constructor(kind: ZipProblem['kind'], message: string, cause?: unknown) {
		super(message, { cause });
		this.problem = { kind, message };
	}
}

/** How much a zip may unfold to. A small file that unfolds to gigabytes is made to do harm. */
export interface ZipLimits {
	/** Files in it. */
	readonly entries: number;
	/** Bytes of one file. */
	readonly entryBytes: number;
	/** Bytes of all that is read from it. */
	readonly totalBytes: number;
	/** Bytes that one packed byte may unfold to, once a file is larger than 16 MiB. */
	readonly ratio: number;
}

export const ZIP_LIMITS: ZipLimits = {
	entries: 50_000,
	entryBytes: 4 * 2 ** 30,
	totalBytes: 16 * 2 ** 30,
	ratio: 300
};

/** Below it, any ratio will do. */
const HARMLESS_BYTES = 16 * 2 ** 20;
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x0403_4b50;
const STORED = 0;

/** Watches how much a file unfolds to. */
export class UnfoldingLimit {
	readonly #name: string;
	readonly #compressedSize: number;
	readonly #limits: ZipLimits;
	readonly #total: UnfoldedTotal;
	#bytes = 0;

	constructor(
		name: string,
		compressedSize: number,
		limits: ZipLimits = ZIP_LIMITS,
		total: UnfoldedTotal = { bytes: 0 }
	) {
		this.#name = name;
		this.#compressedSize = compressedSize;
		this.#limits = limits;
		this.#total = total;
	}

	/** A stream that hands on what it is given, and fails with a `ZipError` when it is too much. */
	stream(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
		return new TransformStream({
			transform: (chunk, controller) => {
				this.#add(chunk.length);
				controller.enqueue(chunk);
			}
		});
	}

	#add(count: number): void {
		this.#bytes += count;
		this.#total.bytes += count;
		const { entryBytes, totalBytes, ratio } = this.#limits;
		const isHarmless = this.#bytes <= HARMLESS_BYTES || this.#bytes <= this.#compressedSize * ratio;
		if (this.#bytes <= entryBytes && this.#total.bytes <= totalBytes && isHarmless) return;
		const much = isHarmless ? 'more than is read of a zip' : `more than ${ratio} times its size`;
		const message = `“${this.#name}” in the zip unfolds to ${much}. No recording does that: do not trust this file.`;
		throw new ZipError('bomb', message);
	}
}

/** What was unfolded of all files of a zip. */
interface UnfoldedTotal {
	bytes: number;
}

export interface ZipEntry {
	readonly name: string;
	/** Bytes when unfolded, as the zip says. */
	readonly size: number;
	readonly compressedSize: number;
}

/** A file in a zip that is not read, and why: a sentence for the page. */
export interface LeftOutEntry {
	readonly name: string;
	readonly reason: string;
}

/**
 * Opens a zip by its directory; nothing of its files is read yet. Fails with a sentence for the page. Files that are
 * encrypted, that are there twice, or whose name leads out of the zip are left out, and named in `leftOut`.
 */
export async function openZip(blob: Blob, limits: ZipLimits = ZIP_LIMITS): Promise<Result<ZipFile, ZipProblem>> {
	const reader = new ZipReader(new BlobReader(blob), { filenameValidation: 'tolerant', checkLocalDirectory: false });
	const entries: Entry[] = [];
	try {
		for await (const entry of reader.getEntriesGenerator()) {
			if (entries.length === limits.entries) {
				const count = limits.entries.toLocaleString('en');
				return fail({
					kind: 'bomb',
					message: `This zip holds more than ${count} files. Take out the one that is wanted.`
				});
			}
			entries.push(entry);
		}
		return succeed(new ZipFile(blob, entries, limits));
	} catch (error) {
		return fail(await problemOfDirectory(blob, error));
	} finally {
		await reader.close();
	}
}

async function problemOfDirectory(blob: Blob, error: unknown): Promise<ZipProblem> {
	const start = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
	const isZip = start.length === 4 && new DataView(start.buffer).getUint32(0, true) === LOCAL_HEADER;
	if (!isZip) return { kind: 'no-zip', message: 'This is not a zip file.' };
	const reason = error instanceof Error ? error.message : String(error);
	if (reason === ERR_EOCDR_NOT_FOUND) {
		const message = 'This zip was cut off while it was written or copied: its end is missing. Copy or export it again.';
		return { kind: 'cut-off', message };
	}
	return { kind: 'damaged', message: `This zip is damaged (${reason}). Copy or export it again.` };
}

/** A zip whose directory was read. */
export class ZipFile {
	readonly entries: readonly ZipEntry[];
	readonly leftOut: readonly LeftOutEntry[];
	readonly #blob: Blob;
	readonly #files = new Map<string, FileEntry>();
	readonly #limits: ZipLimits;
	readonly #unfolded = { bytes: 0 };

	constructor(blob: Blob, entries: readonly Entry[], limits: ZipLimits) {
		this.#blob = blob;
		this.#limits = limits;
		const leftOut: LeftOutEntry[] = [];
		const names = new Set<string>();
		const twice = new Set<string>();
		for (const { filename } of entries) (names.has(filename) ? twice : names).add(filename);
		for (const entry of entries) {
			if (entry.directory) continue;
			const reason = twice.has(entry.filename)
				? 'It is in the zip twice, and nobody can tell which is meant.'
				: flawOf(entry);
			if (reason === undefined) this.#files.set(entry.filename, entry);
			else leftOut.push({ name: entry.filename, reason });
		}
		this.leftOut = leftOut;
		this.entries = [...this.#files.values()].map(({ filename, uncompressedSize, compressedSize }) => ({
			name: filename,
			size: uncompressedSize,
			compressedSize
		}));
	}

	has(name: string): boolean {
		return this.#files.has(name);
	}

	/**
	 * The content of a file. The stream fails with a `ZipError` when the file is damaged, unfolds to more than it may, or is
	 * not there; all that came before that is good.
	 *
	 * @param options.isChecked compare its check sum, at its end
	 */
	stream(name: string, { isChecked = true } = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
		const entry = this.#files.get(name);
		if (!entry) return failingStream(this.#problemOfMissing(name));
		const abort = new AbortController();
		const limit = new UnfoldingLimit(name, entry.compressedSize, this.#limits, this.#unfolded);
		const { readable, writable } = limit.stream();
		return forwarded(readable, abort, entry.getData(writable, { checkCrc32: isChecked, signal: abort.signal }), name);
	}

	/**
	 * The content of a file, to be read anywhere in it. A file that is not packed is read where it lies in the zip, any other
	 * is unfolded first.
	 */
	async blob(name: string): Promise<Result<Blob, ZipProblem>> {
		const entry = this.#files.get(name);
		if (!entry) return fail(this.#problemOfMissing(name).problem);
		const start = await this.#startOfStored(entry);
		if (start !== undefined) return succeed(this.#blob.slice(start, start + entry.uncompressedSize));
		try {
			return succeed(await new Response(this.stream(name, { isChecked: false })).blob());
		} catch (error) {
			return fail(zipProblemOf(error));
		}
	}

	/** Where an entry that is not packed begins; `undefined` when it is, or does not lie in the zip as a whole. */
	async #startOfStored({
		compressionMethod,
		compressedSize,
		uncompressedSize,
		offset
	}: FileEntry): Promise<number | undefined> {
		if (compressionMethod !== STORED || compressedSize !== uncompressedSize) return undefined;
		const header = new DataView(await this.#blob.slice(offset, offset + LOCAL_HEADER_BYTES).arrayBuffer());
		if (header.byteLength < LOCAL_HEADER_BYTES || header.getUint32(0, true) !== LOCAL_HEADER) return undefined;
		const start = offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
		return start + uncompressedSize <= this.#blob.size ? start : undefined;
	}

	#problemOfMissing(name: string): ZipError {
		const leftOut = this.leftOut.find((entry) => entry.name === name);
		if (leftOut) return new ZipError('left-out', `“${name}” in the zip was left out. ${leftOut.reason}`);
		return new ZipError('missing', `There is no “${name}” in this zip.`);
	}
}

/** Why a file is not read. */
function flawOf({ filename, encrypted }: FileEntry): string | undefined {
	if (encrypted) return 'It is encrypted: take it out of the zip with its password, and open it then.';
	const isAbsolute = /^(?:[/\\]|[A-Za-z]:)/.test(filename);
	if (isAbsolute || filename.split(/[/\\]/).includes('..'))
		return 'Its name leads out of the zip, as no honest tool writes it.';
	return undefined;
}

/** What a stream of a zip failed with, for the page. */
export function zipProblemOf(error: unknown): ZipProblem {
	if (error instanceof ZipError) return error.problem;
	const reason = error instanceof Error ? error.message : String(error);
	return { kind: 'failed', message: `The file could not be read to its end: ${reason}` };
}

function failingStream(error: ZipError): ReadableStream<Uint8Array<ArrayBuffer>> {
	return new ReadableStream({ start: (controller) => controller.error(error) });
}

/**
 * A stream whose end is that of the work behind it: it ends when that is done, and fails with its failure, after all that
 * came before.
 */
function forwarded(
	readable: ReadableStream<Uint8Array<ArrayBuffer>>,
	abort: AbortController,
	work: Promise<unknown>,
	name: string
): ReadableStream<Uint8Array<ArrayBuffer>> {
	const reader = readable.getReader();
	const outcome = work.then(
		() => null,
		async (error: unknown) => {
			// It may have failed before it wrote anything: whoever reads would wait for ever.
			await reader.cancel().catch(() => undefined);
			return zipErrorOf(error, name);
		}
	);
	return new ReadableStream<Uint8Array<ArrayBuffer>>({
		async pull(controller) {
			try {
				const { done, value } = await reader.read();
				if (!done) return controller.enqueue(value);
			} catch {
				// Its reason is that of the work.
			}
			const error = await outcome;
			if (error) controller.error(error);
			else controller.close();
		},
		async cancel(reason) {
			abort.abort(reason);
			await reader.cancel(reason).catch(() => undefined);
			await outcome;
		}
	});
}

function zipErrorOf(error: unknown, name: string): ZipError {
	if (error instanceof ZipError) return error;
	const reason = error instanceof Error ? error.message : String(error);
	return new ZipError('damaged', `“${name}” in the zip is damaged (${reason}). Copy or export the zip again.`, error);
}
