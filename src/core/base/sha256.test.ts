import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeUtf8 } from './utf8.ts';
import { Sha256 } from './sha256.ts';

function digestOf(pieces: readonly Uint8Array[]): string {
	const hash = new Sha256();
	for (const piece of pieces) hash.update(piece);
	return hash.digest();
}

// Source: NIST, SHA-256 examples.
test.each([
	['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
	['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
	[
		'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
		'248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'
	]
])('the digest of %j', (text, digest) => expect(digestOf([encodeUtf8(text)])).toBe(digest));

test('is that of Node, in pieces of any length', () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (pieces) => {
			expect(digestOf(pieces)).toBe(createHash('sha256').update(Buffer.concat(pieces)).digest('hex'));
		}),
		{ numRuns: 500 }
	);
});
