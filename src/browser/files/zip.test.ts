import { describe, expect, test } from 'vitest';
import { Collected } from './testing/zipped-recordings.ts';
import { handMadeZip } from './testing/zips.ts';
import { zipFiles, type ZipSource } from './zip-writer.ts';
import { openZip, ZIP_LIMITS, zipProblemOf, type ZipFile } from './zip.ts';

async function opened(blob: Blob, limits = ZIP_LIMITS): Promise<ZipFile> {
	const zip = await openZip(blob, limits);
	if (!zip.ok) throw new Error(zip.error.message);
	return zip.value;
}

const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream as BodyInit).text();

/** What came of a stream, and what it failed with. */
async function drained(
	stream: ReadableStream<Uint8Array>
): Promise<{ bytes: number; kind: string | null; message: string }> {
	let bytes = 0;
	const reader = stream.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return { bytes, kind: null, message: '' };
			bytes += value.length;
		}
	} catch (error) {
		return { bytes, ...zipProblemOf(error) };
	}
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array, void> {
	for (const text of texts) yield new TextEncoder().encode(text);
}

async function* sources(...files: ZipSource[]): AsyncGenerator<ZipSource, void> {
	yield* files;
}

describe('a zip', () => {
	test('lists its files, and gives their content', async () => {
		const zip = await opened(
			handMadeZip([
				{ name: 'folder/', content: '' },
				{ name: 'folder/a.txt', content: 'a'.repeat(5000), isPacked: true },
				{ name: 'b – 日本.txt', content: 'b' }
			])
		);
		expect(zip.entries.map(({ name, size }) => [name, size])).toEqual([
			['folder/a.txt', 5000],
			['b – 日本.txt', 1]
		]);
		expect(zip.entries[0]!.compressedSize).toBeLessThan(100);
		expect(await textOf(zip.stream('folder/a.txt'))).toBe('a'.repeat(5000));
		expect(await textOf(zip.stream('b – 日本.txt'))).toBe('b');
		expect([zip.has('folder/a.txt'), zip.has('folder/')]).toEqual([true, false]);
	});

	test.each([true, false])('gives a file to be read anywhere in it (packed: %s)', async (isPacked) => {
		const zip = await opened(
			handMadeZip([
				{ name: 'a', content: 'hello' },
				{ name: 'b', content: '0123456789', isPacked }
			])
		);
		const file = await zip.blob('b');
		expect(file.ok && (await file.value.slice(3, 6).text())).toBe('345');
	});

	test('leaves out what is encrypted, twice there, or leads out of it', async () => {
		const names = ['/a', '../a', 'a/../../b', 'C:\\a', '\\\\host\\a', 'a\\..\\b', 'twice', 'twice'];
		const zip = await opened(
			handMadeZip([
				...names.map((name) => ({ name, content: 'x' })),
				{ name: 'secret', content: 'x', isEncrypted: true },
				{ name: 'a..b/c', content: 'good' }
			])
		);
		expect(zip.entries.map(({ name }) => name)).toEqual(['a..b/c']);
		expect(zip.leftOut.map(({ name }) => name)).toEqual([...names, 'secret']);
		expect(await drained(zip.stream('secret'))).toMatchObject({
			kind: 'left-out',
			message: expect.stringContaining('password')
		});
		expect(await drained(zip.stream('twice'))).toMatchObject({
			kind: 'left-out',
			message: expect.stringContaining('twice')
		});
		expect(await drained(zip.stream('nothing'))).toMatchObject({ bytes: 0, kind: 'missing' });
	});

	test('has files that no object inherits', async () => {
		const zip = await opened(handMadeZip([{ name: '__proto__', content: 'x' }]));
		expect(await drained(zip.stream('constructor'))).toMatchObject({ kind: 'missing' });
		expect(await textOf(zip.stream('__proto__'))).toBe('x');
	});

	test('that was changed fails at its check sum, unless nobody asks', async () => {
		const bytes = new Uint8Array(await handMadeZip([{ name: 'a', content: 'hello' }]).arrayBuffer());
		bytes[32]! ^= 1;
		const zip = await opened(new Blob([bytes]));
		expect(await drained(zip.stream('a'))).toMatchObject({
			kind: 'damaged',
			message: expect.stringContaining('“a” in the zip is damaged')
		});
		expect(await drained(zip.stream('a', { isChecked: false }))).toMatchObject({ bytes: 5, kind: null });
	});

	test.each([
		['of its parts', { entryBytes: 40_000_000 }, 40_000_000],
		['in all', { totalBytes: 50_000_000 }, 50_000_000],
		['by its ratio', { ratio: 20 }, 17_000_000]
	])('unfolds to no more than it may, %s', async (_case, limits, most) => {
		const content = new Uint8Array(60_000_000);
		const zip = await opened(handMadeZip([{ name: 'a', content, isPacked: true }]), {
			...ZIP_LIMITS,
			ratio: 2000,
			...limits
		});
		const { bytes, kind, message } = await drained(zip.stream('a'));
		expect([kind, message]).toEqual(['bomb', expect.stringContaining('do not trust')]);
		expect(bytes).toBeLessThanOrEqual(most);
		expect(bytes).toBeGreaterThan(most - 2_000_000);
	});

	test('can be let go in the middle of a file', async () => {
		const zip = await opened(handMadeZip([{ name: 'a', content: new Uint8Array(5_000_000), isPacked: true }]));
		const reader = zip.stream('a').getReader();
		expect((await reader.read()).done).toBe(false);
		await reader.cancel();
		expect(await drained(zip.stream('a'))).toEqual({ bytes: 5_000_000, kind: null, message: '' });
	});

	test.each([
		[-1, 'cut-off'],
		[-40, 'cut-off'],
		[3, 'no-zip'],
		[0, 'no-zip']
	])('that ends at byte %d is told as what it is', async (end, kind) => {
		const whole = handMadeZip([{ name: 'a', content: 'hello' }]);
		expect(await openZip(whole.slice(0, end))).toMatchObject({ ok: false, error: { kind } });
	});
});

describe('files are zipped', () => {
	test('as they come, under names of their own', async () => {
		const target = new Collected();
		const written = await zipFiles(
			sources(
				{ name: 'call.earshot.jsonl', content: pieces('a', 'b') },
				{ name: 'call.earshot.jsonl', content: new Blob(['c']).stream() },
				{ name: 'call.earshot.jsonl', content: pieces() },
				{ name: 'stored.txt', content: pieces('x'.repeat(100)), isStored: true }
			),
			target.stream
		);
		expect(written).toEqual({ ok: true, value: { bytes: target.blob.size } });
		expect(target.isClosed).toBe(true);
		const zip = await opened(target.blob);
		const texts = await Promise.all(zip.entries.map(async ({ name }) => [name, await textOf(zip.stream(name))]));
		expect(texts).toEqual([
			['call.earshot.jsonl', 'ab'],
			['call (2).earshot.jsonl', 'c'],
			['call (3).earshot.jsonl', ''],
			['stored.txt', 'x'.repeat(100)]
		]);
		expect(zip.entries.at(-1)?.compressedSize).toBe(100);
	});

	test('one after the other: the next is not asked for before the one before is written', async () => {
		const order: string[] = [];
		async function* content(name: string): AsyncGenerator<Uint8Array, void> {
			order.push(`${name} begins`);
			yield* pieces(name);
			order.push(`${name} ends`);
		}
		async function* files(): AsyncGenerator<ZipSource, void> {
			for (const name of ['a', 'b']) {
				order.push(`${name} is asked for`);
				yield { name, content: content(name) };
			}
		}
		await zipFiles(files(), new Collected().stream);
		expect(order).toEqual(['a is asked for', 'a begins', 'a ends', 'b is asked for', 'b begins', 'b ends']);
	});

	test('and nothing is closed when one of them fails', async () => {
		const target = new Collected();
		async function* failing(): AsyncGenerator<Uint8Array, void> {
			yield* pieces('a');
			throw new Error('The recording is gone.');
		}
		const written = await zipFiles(sources({ name: 'a', content: failing() }), target.stream);
		expect(written).toMatchObject({
			ok: false,
			error: { kind: 'failed', message: expect.stringContaining('recording is gone') }
		});
		expect([target.isClosed, String(target.abortedFor)]).toEqual([false, 'Error: The recording is gone.']);
	});
});
