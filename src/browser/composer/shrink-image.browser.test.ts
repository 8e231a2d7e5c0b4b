import { expect, test } from 'vitest';
import { shrinkImage, type ShrunkImage } from './shrink-image.ts';

/** An image of noise, which no format makes small. */
async function noise(widthPx: number, heightPx: number, type: string): Promise<Blob> {
	const canvas = new OffscreenCanvas(widthPx, heightPx);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('no canvas');
	const image = context.createImageData(widthPx, heightPx);
	let value = 1;
	for (let i = 0; i < image.data.length; i++) {
		value = (value * 1_103_515_245 + 12_345) % 2_147_483_648;
		image.data[i] = i % 4 === 3 ? 255 : value >> 16;
	}
	context.putImageData(image, 0, 0);
	return canvas.convertToBlob({ type });
}

async function shrink(file: Blob, mostCharacters: number): Promise<ShrunkImage> {
	const shrunk = await shrinkImage(file, mostCharacters);
	if (!shrunk.ok) throw new Error(shrunk.error);
	return shrunk.value;
}

async function decode(dataUrl: string): Promise<ImageBitmap> {
	return createImageBitmap(await (await fetch(dataUrl)).blob());
}

test.each(['image/png', 'image/jpeg'])('what fits is sent as it is: %s', async (type) => {
	const file = await noise(40, 30, type);
	const shrunk = await shrink(file, 100_000);
	expect(shrunk).toMatchObject({ widthPx: 40, heightPx: 30, byteLength: file.size, isOriginal: true });
	expect(new Uint8Array(await (await fetch(shrunk.dataUrl)).arrayBuffer())).toEqual(
		new Uint8Array(await file.arrayBuffer())
	);
});

test('what does not fit becomes a JPEG that does, with the same shape', async () => {
	const file = await noise(1600, 1200, 'image/png');
	const shrunk = await shrink(file, 100_000);
	expect(shrunk.dataUrl.length).toBeLessThanOrEqual(100_000);
	expect(shrunk.dataUrl).toMatch(/^data:image\/jpeg;base64,/);
	expect(shrunk).toMatchObject({ originalWidthPx: 1600, originalHeightPx: 1200, originalByteLength: file.size });
	expect(shrunk.isOriginal).toBe(false);
	const image = await decode(shrunk.dataUrl);
	expect([image.width, image.height]).toEqual([shrunk.widthPx, shrunk.heightPx]);
	expect(image.width / image.height).toBeCloseTo(4 / 3, 1);
});

test('a long image keeps to the longest side, and another format becomes a JPEG on white', async () => {
	const canvas = new OffscreenCanvas(4096, 8);
	canvas.getContext('2d');
	const shrunk = await shrink(await canvas.convertToBlob({ type: 'image/webp' }), 1_000_000);
	expect([shrunk.widthPx, shrunk.heightPx]).toEqual([2048, 4]);
	const check = new OffscreenCanvas(1, 1).getContext('2d');
	check?.drawImage(await decode(shrunk.dataUrl), 0, 0);
	expect([...(check?.getImageData(0, 0, 1, 1).data ?? [])]).toEqual([255, 255, 255, 255]);
});

test('what is no image, or finds no room, is refused in words', async () => {
	const noImage = await shrinkImage(new Blob(['no image'], { type: 'image/png' }), 100_000);
	expect(noImage.ok ? 'it was read' : noImage.error).toContain('cannot read it as an image');
	const noRoom = await shrinkImage(await noise(300, 200, 'image/png'), 200);
	expect(noRoom.ok ? 'it was read' : noRoom.error).toContain('no room left');
});
