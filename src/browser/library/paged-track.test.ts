import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PageCache, PagedTrack, type ReadTrack } from './paged-track.ts';

const PAGE = 1 << 18;

/** Bytes that are unlike at every place. */
function audio(length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255);
}

/** A track as the worker has it: it may grow, and each reading is noted. */
function stored(bytes: Uint8Array) {
	const asked: number[] = [];
	const worker = { bytes, asked };
	const read: ReadTrack = (offset, length) => {
		asked.push(offset / PAGE);
		return Promise.resolve(worker.bytes.slice(offset, offset + length));
	};
	return Object.assign(worker, { read });
}

test('any range is what is stored, and at hand once it was read', async () => {
	const bytes = audio(PAGE * 3 + 1000);
	const range = fc.tuple(fc.nat(bytes.length), fc.nat(bytes.length)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
	await fc.assert(
		fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 5 }), async (ranges) => {
			const track = new PagedTrack({ name: 'caller', read: stored(bytes).read, cache: new PageCache() });
			for (const [start, end] of ranges as [number, number][]) {
				const expected = Buffer.from(bytes.subarray(start, end));
				expect(expected.equals(await track.load(start, end - start))).toBe(true);
				expect(expected.equals(track.peek(start, end - start)!)).toBe(true);
			}
		}),
		{ numRuns: 30 }
	);
});

test('looking starts no reading, and what arrives is told', async () => {
	const worker = stored(audio(PAGE * 2));
	let arrived = 0;
	const track = new PagedTrack({
		name: 'model',
		read: worker.read,
		cache: new PageCache(),
		onarrive: () => arrived++
	});
	expect(track.peek(0, 10)).toBeUndefined();
	expect(worker.asked).toEqual([]);
	await track.load(PAGE - 5, 10);
	expect(arrived).toBe(2);
	expect(track.peek(PAGE - 5, 10)).toEqual(worker.bytes.subarray(PAGE - 5, PAGE + 5));
});

test('a page that several ask for is read once', async () => {
	const worker = stored(audio(PAGE));
	const track = new PagedTrack({ name: 'caller', read: worker.read, cache: new PageCache() });
	const [a, b] = await Promise.all([track.load(0, 100), track.load(200, 100)]);
	expect([a, b]).toEqual([worker.bytes.subarray(0, 100), worker.bytes.subarray(200, 300)]);
	expect(worker.asked).toEqual([0]);
});

test('both voices share the room, and what was not looked at for longest goes', async () => {
	const worker = stored(audio(PAGE * 4));
	const cache = new PageCache(3);
	const caller = new PagedTrack({ name: 'caller', read: worker.read, cache });
	const model = new PagedTrack({ name: 'model', read: worker.read, cache });
	for (const page of [0, 1, 2]) await caller.load(page * PAGE, 1);
	caller.peek(0, 1);
	await model.load(0, 1);
	expect([0, 1, 2].map((page) => caller.peek(page * PAGE, 1) !== undefined)).toEqual([true, false, true]);
	expect(model.peek(0, 1)).toBeDefined();
});

test('a track that grows is read again at its end', async () => {
	const bytes = audio(PAGE + 500);
	const worker = stored(bytes.slice(0, 100));
	const track = new PagedTrack({ name: 'caller', read: worker.read, cache: new PageCache() });
	track.grow(100);
	await track.load(0, 100);
	worker.bytes = bytes;
	track.grow(bytes.length);
	expect(track.peek(50, 100)).toBeUndefined();
	expect(await track.load(50, 100)).toEqual(bytes.subarray(50, 150));
	track.grow(10);
	expect(track.length).toBe(bytes.length);
});

test('who asks for more than a reading that is on its way will bring gets it all the same', async () => {
	const worker = stored(audio(100));
	const track = new PagedTrack({ name: 'caller', read: worker.read, cache: new PageCache() });
	const first = track.load(0, 100);
	worker.bytes = audio(500);
	const second = track.load(50, 300);
	expect(await first).toEqual(worker.bytes.subarray(0, 100));
	expect(await second).toEqual(worker.bytes.subarray(50, 350));
	expect(worker.asked).toEqual([0, 0]);
});

test('what is not there is told, and what failed is tried again', async () => {
	const worker = stored(audio(100));
	let isBroken = true;
	const read: ReadTrack = (offset, length) =>
		isBroken ? Promise.reject(new Error('gone')) : worker.read(offset, length);
	const track = new PagedTrack({ name: 'caller', read, cache: new PageCache() });
	await expect(track.load(0, 10)).rejects.toThrow('gone');
	isBroken = false;
	expect(await track.load(0, 10)).toEqual(worker.bytes.subarray(0, 10));
	await expect(track.load(95, 10)).rejects.toThrow('The caller’s audio ends at byte 100');
});
