import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleRing } from './sample-ring.ts';

describe('SampleRing', () => {
	it('gives every sample once and in order, whatever is written and read when', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 40 }),
				fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 40 }),
				(capacity, rounds) => {
					const samples = new SharedArrayBuffer(capacity * 2);
					const control = new SharedArrayBuffer(SampleRing.controlBytes);
					const writer = new SampleRing(samples, control);
					const reader = new SampleRing(samples, control);
					let next = 0;
					const read: number[] = [];
					for (const [writeCount, readCount] of rounds) {
						const offered = Int16Array.from({ length: writeCount }, (_, index) => next + index);
						const written = writer.write(offered);
						expect(written).toBe(Math.min(writeCount, capacity - (next - read.length)));
						next += written;
						const start = reader.played;
						const count = Math.min(readCount, reader.written - start);
						for (let index = 0; index < count; index++) read.push(reader.sampleAt(start + index));
						reader.advanceTo(start + count);
					}
					expect(read).toEqual(Array.from({ length: read.length }, (_, index) => index));
				}
			)
		);
	});
});
