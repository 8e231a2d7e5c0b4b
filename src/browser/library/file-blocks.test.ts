import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileBlocks } from './file-blocks.ts';

const FILE_BYTES = 21_000_000;
const bytes = Uint8Array.from({ length: FILE_BYTES }, (_, at) => (at * 31 + (at >> 10) * 7) & 255);

/** A file that counts how many of its bytes were read. It gives no streams of bytes, as in some browsers. */
class CountedFile extends Blob {
	readBytes = 0;

	override slice(start?: number, end?: number): Blob {
		const part = super.slice(start, end);
		part.arrayBuffer = () => {
			this.readBytes += part.size;
			return Blob.prototype.arrayBuffer.call(part);
		};
		part.stream = () => new ReadableStream();
		return part;
	}
}

test('any range of the file comes as it is, and none from beyond its end, also to several at once', async () => {
	const blocks = new FileBlocks(new Blob([bytes]));
	const range = fc.tuple(fc.nat(FILE_BYTES + 1000), fc.oneof(fc.nat(2000), fc.nat(9_000_000)));
	await fc.assert(
		fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 4 }), async (ranges) => {
			const reads = await Promise.all(ranges.map(([start, length]) => blocks.load(start, start + length)));
			ranges.forEach(([start, length], index) => {
				expect(Buffer.compare(reads[index]!, bytes.subarray(start, start + length))).toBe(0);
			});
		}),
		{ numRuns: 30 }
	);
});

test('two who read along one another read the file once', async () => {
	const file = new CountedFile([bytes]);
	const blocks = new FileBlocks(file);
	for (let start = 0; start < FILE_BYTES; start += 10_000_000) {
		for (let voice = 0; voice < 2; voice++) {
			for (let at = start; at < Math.min(start + 10_000_000, FILE_BYTES); at += 3_000_000) {
				await blocks.load(at, Math.min(at + 3_000_000, FILE_BYTES));
			}
		}
	}
	expect(file.readBytes).toBe(FILE_BYTES);
});

test('a reading that failed is tried again by who asks next', async () => {
	const failing = [true, false];
	const file = new Blob([bytes.slice(0, 1000)]);
	file.slice = (...range) => {
		const part = Blob.prototype.slice.apply(file, range);
		if (failing.shift()) part.arrayBuffer = () => Promise.reject(new Error('The disk is gone.'));
		return part;
	};
	const blocks = new FileBlocks(file);
	await expect(blocks.load(0, 100)).rejects.toThrow('The disk is gone.');
	expect(await blocks.load(0, 100)).toEqual(bytes.slice(0, 100));
});
