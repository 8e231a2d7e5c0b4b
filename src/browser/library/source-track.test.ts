import { concatBytes } from '#core/base/concat-bytes.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBase64 } from '#core/audio/base64.ts';
import { FileBlocks } from './file-blocks.ts';
import { BlobTrack, FileTrack } from './source-track.ts';

/** Pieces of up to 400 kB, each byte another than those around it. */
const pieces = fc
	.array(fc.nat(400_000), { minLength: 1, maxLength: 12 })
	.map((lengths) => lengths.map((length, i) => Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8) + i) & 255)));

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}

test('what was handed to the browser comes back from any place', async () => {
	await fc.assert(
		fc.asyncProperty(pieces, fc.nat(), fc.nat(), async (parts, a, b) => {
			const track = new BlobTrack();
			const whole = concatBytes(parts);
			let offset = 0;
			for (const part of parts) {
				expect(track.append(part)).toBe(offset);
				offset += part.length;
			}
			expect(track.length).toBe(whole.length);
			const start = whole.length === 0 ? 0 : a % (whole.length + 1);
			const length = b % (whole.length + 10);
			expect(isSame(await track.load(start, length), whole.slice(start, start + length))).toBe(true);
		}),
		{ numRuns: 25 }
	);
});

test('a read that began before more came gives what was there', async () => {
	const track = new BlobTrack();
	track.append(new Uint8Array(1 << 20).fill(1));
	track.append(Uint8Array.of(2, 2, 2));
	const reading = track.load((1 << 20) - 2, 5);
	track.append(new Uint8Array(1 << 20).fill(3));
	expect(await reading).toEqual(Uint8Array.of(1, 1, 2, 2, 2));
});

test('payloads are read from where their base64 stands in the file', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.uint8Array({ maxLength: 2000 }), fc.string({ maxLength: 300 })), {
				minLength: 1,
				maxLength: 60
			}),
			fc.nat(),
			fc.nat(),
			async (parts, a, b) => {
				const encoder = new TextEncoder();
				const texts = parts.map(([bytes, between]) => ({
					bytes,
					between: encoder.encode(between),
					base64: encoder.encode(encodeBase64(bytes))
				}));
				const file = new Blob(texts.flatMap(({ between, base64 }) => [between, base64]));
				const track = new FileTrack(new FileBlocks(file));
				let at = 0;
				texts.forEach(({ bytes, between, base64 }, index) => {
					at += between.length;
					// Every fifth one stands there in another spelling.
					if (index % 5 === 4) track.appendBytes(bytes);
					else track.append(at, bytes.length);
					at += base64.length;
				});
				const whole = concatBytes(texts.map(({ bytes }) => bytes));
				const start = a % (whole.length + 1);
				const length = b % (whole.length + 10);
				expect(await track.load(start, length)).toEqual(whole.slice(start, start + length));
			}
		),
		{ numRuns: 100 }
	);
});

test('a file that was changed in the meantime is not read as if it were the same', async () => {
	const track = new FileTrack(new FileBlocks(new Blob(['no base64 here: ????'])));
	track.append(16, 3);
	await expect(track.load(0, 3)).rejects.toThrow('has changed');
});
