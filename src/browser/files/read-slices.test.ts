import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSlices } from './read-slices.ts';
import { openSequentialReader } from './sequential-reader.ts';

const bytes = Uint8Array.from({ length: 3_500_000 }, (_, at) => (at * 31 + (at >> 10) * 7) & 255);

/** A file whose streams are none of bytes, as in some browsers. */
function withoutByteStreams(file: Blob): Blob {
	const slice = file.slice.bind(file);
	file.slice = (...range) => {
		const part = slice(...range);
		part.stream = () => new ReadableStream();
		return part;
	};
	return file;
}

const FILES: Readonly<Record<string, (part: Uint8Array<ArrayBuffer>) => Blob>> = {
	'by a stream of bytes': (part) => new Blob([part]),
	'by slices': (part) => withoutByteStreams(new Blob([part]))
};

test.each(Object.keys(FILES))('a file comes in order and as a whole, read %s', async (way) => {
	for (const length of [0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, (1 << 18) + (1 << 20), bytes.length]) {
		const file = FILES[way]!(bytes.slice(0, length));
		let end = 0;
		for await (const { at, bytes: slice } of readSlices(file)) {
			expect(at).toBe(end);
			expect(Buffer.compare(slice, bytes.subarray(at, at + slice.length))).toBe(0);
			end += slice.length;
		}
		expect(end).toBe(length);
	}
});

test.each(Object.keys(FILES))('nothing more comes after an abort, read %s', async (way) => {
	const abort = new AbortController();
	let count = 0;
	for await (const slice of readSlices(FILES[way]!(bytes), abort.signal)) {
		count += slice.bytes.length > 0 ? 1 : 0;
		if (count === 2) abort.abort();
	}
	expect(count).toBe(2);
});

test('a message is heard between two slices', async () => {
	const { port1, port2 } = new MessageChannel();
	let heard = 0;
	port1.onmessage = () => heard++;
	let sent = 0;
	for await (const { bytes: slice } of readSlices(new Blob([bytes]))) {
		expect(heard).toBe(sent);
		port2.postMessage(slice.length);
		sent++;
	}
	port1.close();
});

test.each(Object.keys(FILES))('buffers of any size are filled from any place, read %s', async (way) => {
	await fc.assert(
		fc.asyncProperty(fc.nat(bytes.length), fc.array(fc.integer({ min: 1, max: 900_000 })), async (start, sizes) => {
			const reader = openSequentialReader(FILES[way]!(bytes), start);
			let at = start;
			for (const size of sizes) {
				const read = await reader.read(new ArrayBuffer(size));
				expect(Buffer.compare(read, bytes.subarray(at, at + size))).toBe(0);
				at += read.length;
			}
			reader.cancel();
		}),
		{ numRuns: 40 }
	);
});

test('a file that cannot be read any more is told of, and one that ends too soon', async () => {
	const broken = new Blob([bytes]);
	const error = new Error('The disk is gone.');
	broken.slice = () => withStream(broken, (controller) => controller.error(error));
	await expect(openSequentialReader(broken).read(new ArrayBuffer(10))).rejects.toThrow(error);
	const short = new Blob([bytes]);
	short.slice = () =>
		withStream(short, (controller) => {
			controller.enqueue(new Uint8Array(5));
			controller.close();
		});
	await expect(openSequentialReader(short).read(new ArrayBuffer(10))).rejects.toThrow('has changed');
});

function withStream(file: Blob, start: (controller: ReadableByteStreamController) => void): Blob {
	const part = new Blob([]);
	part.stream = () => new ReadableStream({ type: 'bytes', start });
	return Object.defineProperty(part, 'size', { value: file.size });
}
