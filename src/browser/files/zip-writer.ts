import { ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { ZipError, zipProblemOf, type ZipProblem } from './zip.ts';

/** A file that is to be put into a zip. */
export interface ZipSource {
	readonly name: string;
	readonly content: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
	/** Keep it as it is: it is packed already, or is to be read in place. A name that ends in `.zip` says so too. */
	readonly isStored?: boolean;
}

export interface ZipFilesOptions {
	readonly signal?: AbortSignal;
	/** When the files were made. Now, unless told. */
	readonly madeAt?: Date;
}

/** The earliest time that a zip can hold. */
const EARLIEST_MS = Date.UTC(1980, 0, 2);

/**
 * Writes files into a zip, one after the other, as they come; nothing is held but what is on its way. Names that are taken
 * get a number. Closes the target, or aborts it when it fails: what was written by then is no zip.
 */
export async function zipFiles(
	files: AsyncIterable<ZipSource>,
	target: WritableStream<Uint8Array>,
	{ signal, madeAt = new Date() }: ZipFilesOptions = {}
): Promise<Result<{ readonly bytes: number }, ZipProblem>> {
	const counted = new CountedTarget(target);
	const lastModDate = new Date(Math.max(madeAt.getTime(), EARLIEST_MS));
	const writer = new ZipWriter(counted.stream, { lastModDate, ...(signal && { signal }) });
	const names = new Set<string>();
	try {
		for await (const { name, content, isStored = name.endsWith('.zip') } of files) {
			signal?.throwIfAborted();
			const readable = content instanceof ReadableStream ? content : streamOf(content);
			await writer.add(freeName(name, names), readable, isStored ? { level: 0 } : {});
		}
		await writer.close();
		return succeed({ bytes: counted.bytes });
	} catch (error) {
		await counted.abort(error);
		return fail(error instanceof ZipError ? error.problem : { ...zipProblemOf(error), message: failedMessage(error) });
	}
}

function failedMessage(error: unknown): string {
	const reason = error instanceof Error ? error.message : String(error);
	return `The zip could not be written to its end: ${reason}`;
}

/** Hands on to a target, and counts. */
class CountedTarget {
	readonly stream: WritableStream<Uint8Array>;
	readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
	bytes = 0;

	constructor(target: WritableStream<Uint8Array>) {
		this.#writer = target.getWriter();
		this.stream = new WritableStream({
			write: async (chunk) => {
				await this.#writer.ready;
				await this.#writer.write(chunk);
				this.bytes += chunk.length;
			},
			close: () => this.#writer.close()
		});
	}

	/** The target may have failed itself, which is why it is given up then. */
	async abort(reason: unknown): Promise<void> {
		await this.#writer.abort(reason).catch(() => undefined);
	}
}

function freeName(name: string, taken: Set<string>): string {
	const dot = name.indexOf('.', 1);
	const end = dot < 0 ? name.length : dot;
	let free = name;
	for (let number = 2; taken.has(free); number++) free = `${name.slice(0, end)} (${number})${name.slice(end)}`;
	taken.add(free);
	return free;
}

/** What an iterable gives, when it is asked for. */
export function streamOf<T extends Uint8Array>(pieces: AsyncIterable<T>): ReadableStream<T> {
	const iterator = pieces[Symbol.asyncIterator]();
	return new ReadableStream<T>(
		{
			async pull(controller) {
				const { done, value } = await iterator.next();
				if (done) controller.close();
				else controller.enqueue(value);
			},
			async cancel() {
				await iterator.return?.();
			}
		},
		{ highWaterMark: 0 }
	);
}
