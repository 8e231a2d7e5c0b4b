import { openSequentialReader, type SequentialReader } from '../files/sequential-reader.ts';

/** What is read at once. */
const BLOCK_BYTES = 1 << 21;
/**
 * 16 MB. A recording is stored voice by voice, some 100 seconds of one and then the same of the other: both stand between one
 * another in the file, in about 11 MB of it.
 */
const MOST_BLOCKS = 8;

/** A file's bytes, read once for all who need what stands in the same part of it about the same time. */
export class FileBlocks {
	readonly #file: Blob;
	/** By number; the one that was asked for last is the last. */
	readonly #blocks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
	/** Reads block after block, while somebody reads so; and which block comes next. */
	#run: { readonly reader: SequentialReader; next: number } | null = null;
	#lastOfRun: Promise<unknown> = Promise.resolve();

	constructor(file: Blob) {
		this.#file = file;
	}

	/** Where the block ends that holds the byte at `at`: what lies in one block is not copied. */
	blockEnd(at: number): number {
		return (Math.floor(at / BLOCK_BYTES) + 1) * BLOCK_BYTES;
	}

	/** The bytes from `start` up to `end`, or fewer where the file ends before. Nobody may change them. */
	async load(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
		const first = Math.floor(start / BLOCK_BYTES);
		const last = Math.floor(Math.max(start, end - 1) / BLOCK_BYTES);
		const isRun = this.#blocks.has(first - 1);
		const blocks: Promise<Uint8Array<ArrayBuffer>>[] = [];
		for (let number = first; number <= last; number++) blocks.push(this.#block(number));
		// Who reads one part after the other finds the next one read.
		if (isRun && (last + 1) * BLOCK_BYTES < this.#file.size) void this.#block(last + 1);
		const parts = await Promise.all(blocks);
		const offset = first * BLOCK_BYTES;
		if (parts.length === 1) return parts[0]!.subarray(start - offset, end - offset);
		const joined = new Uint8Array(end - start);
		let length = 0;
		parts.forEach((part, index) => {
			const partAt = offset + index * BLOCK_BYTES;
			const piece = part.subarray(Math.max(0, start - partAt), Math.max(0, end - partAt));
			joined.set(piece, length);
			length += piece.length;
		});
		return joined.subarray(0, length);
	}

	#block(number: number): Promise<Uint8Array<ArrayBuffer>> {
		const known = this.#blocks.get(number);
		const block = known ?? this.#read(number);
		this.#blocks.delete(number);
		this.#blocks.set(number, block);
		for (const oldest of this.#blocks.keys()) {
			if (this.#blocks.size <= MOST_BLOCKS) break;
			this.#blocks.delete(oldest);
		}
		return block;
	}

	#read(number: number): Promise<Uint8Array<ArrayBuffer>> {
		const reading = this.#blocks.has(number - 1) ? this.#readOn(number) : this.#readAlone(number);
		// Whoever asked for it is told. It is not kept: the file may be readable again later.
		reading.catch(() => this.#blocks.get(number) === reading && this.#blocks.delete(number));
		return reading;
	}

	async #readAlone(number: number): Promise<Uint8Array<ArrayBuffer>> {
		const start = number * BLOCK_BYTES;
		return new Uint8Array(await this.#file.slice(start, start + BLOCK_BYTES).arrayBuffer());
	}

	/** Reads the block behind one that was read. */
	#readOn(number: number): Promise<Uint8Array<ArrayBuffer>> {
		if (this.#run?.next !== number) {
			const left = this.#run?.reader;
			// What was asked of it is still to come.
			void this.#lastOfRun.then(
				() => left?.cancel(),
				() => left?.cancel()
			);
			this.#run = { reader: openSequentialReader(this.#file, number * BLOCK_BYTES), next: number };
			this.#lastOfRun = Promise.resolve();
		}
		const run = this.#run;
		run.next++;
		const length = Math.max(0, Math.min(BLOCK_BYTES, this.#file.size - number * BLOCK_BYTES));
		const reading = this.#lastOfRun.then(() => run.reader.read(new ArrayBuffer(length)));
		this.#lastOfRun = reading;
		reading.catch(() => this.#run === run && (this.#run = null));
		return reading;
	}
}
