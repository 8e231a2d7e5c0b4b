import { base64Length, encodeBase64 } from '#core/audio/base64.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { formatBytes } from '#core/base/words.ts';

/** An image as it can be sent: a PNG or JPEG in a data URL, the two kinds that the Realtime API takes. */
export interface ShrunkImage {
	readonly dataUrl: string;
	readonly widthPx: number;
	readonly heightPx: number;
	readonly byteLength: number;
	readonly originalWidthPx: number;
	readonly originalHeightPx: number;
	readonly originalByteLength: number;
	/** The file's own bytes, nothing changed. */
	readonly isOriginal: boolean;
}

/** Larger files are not decoded: the page would need many times as much memory. */
const MOST_FILE_BYTES = 50_000_000;
/** Longest side of what is sent, px. */
const LONGEST_SIDE_PX = 2048;
/** What is smaller shows nothing any more. */
const SHORTEST_LONGEST_SIDE_PX = 32;
const QUALITIES: readonly number[] = [0.85, 0.65];
const STEP = 0.75;

/**
 * Makes an image small enough: the file as it is where that fits, else a JPEG on white, first of less quality and then of
 * fewer pixels. Fails, in words for the page, when it is no image that the browser can read.
 *
 * @param mostCharacters the length of the data URL, at most
 */
export async function shrinkImage(file: Blob, mostCharacters: number): Promise<Result<ShrunkImage>> {
	if (file.size > MOST_FILE_BYTES)
		return fail(`It has ${formatBytes(file.size)}; ${formatBytes(MOST_FILE_BYTES)} are the most that are read.`);
	let bitmap: ImageBitmap;
	try {
		bitmap = await createImageBitmap(file);
	} catch {
		return fail('The browser cannot read it as an image. Save it as PNG or JPEG first.');
	}
	try {
		return await fit(file, bitmap, mostCharacters);
	} finally {
		bitmap.close();
	}
}

async function fit(file: Blob, bitmap: ImageBitmap, mostCharacters: number): Promise<Result<ShrunkImage>> {
	const { width, height } = bitmap;
	const original = { originalWidthPx: width, originalHeightPx: height, originalByteLength: file.size };
	const longest = Math.max(width, height);
	const isSendable = file.type === 'image/png' || file.type === 'image/jpeg';
	if (isSendable && longest <= LONGEST_SIDE_PX && dataUrlLength(file) <= mostCharacters) {
		const kept = { widthPx: width, heightPx: height, byteLength: file.size, isOriginal: true };
		return succeed({ dataUrl: await dataUrlOf(file), ...kept, ...original });
	}
	for (let scale = Math.min(1, LONGEST_SIDE_PX / longest); longest * scale >= SHORTEST_LONGEST_SIDE_PX; scale *= STEP) {
		const canvas = draw(bitmap, scale);
		for (const quality of QUALITIES) {
			const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality });
			if (dataUrlLength(jpeg) > mostCharacters) continue;
			const made = { widthPx: canvas.width, heightPx: canvas.height, byteLength: jpeg.size, isOriginal: false };
			return succeed({ dataUrl: await dataUrlOf(jpeg), ...made, ...original });
		}
	}
	return fail('There is no room left for it in the event. Take another image or text out first.');
}

function draw(bitmap: ImageBitmap, scale: number): OffscreenCanvas {
	const canvas = new OffscreenCanvas(
		Math.max(1, Math.round(bitmap.width * scale)),
		Math.max(1, Math.round(bitmap.height * scale))
	);
	const context = canvas.getContext('2d');
	if (!context) throw new Error('The browser gives no canvas to draw the image on.');
	// A JPEG has no transparency.
	context.fillStyle = 'white';
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.imageSmoothingQuality = 'high';
	context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	return canvas;
}

function dataUrlLength(blob: Blob): number {
	return `data:${blob.type};base64,`.length + base64Length(blob.size);
}

async function dataUrlOf(blob: Blob): Promise<string> {
	return `data:${blob.type};base64,${encodeBase64(new Uint8Array(await blob.arrayBuffer()))}`;
}
