/** Images that a client shows the model: what may be sent, and how many tokens one counts. */
import { imageSize } from 'image-size';

export interface ImageFacts {
	width: number;
	height: number;
}

const DATA_URI = /^data:image\/(png|jpeg|jpg);base64,([A-Za-z0-9+/]+=*)$/;

/** Reads the size of the image in a data URI of a PNG or JPEG; undefined when it is none. Source of what is allowed: openai 7.55 types. */
export function readImage(dataUri: string): ImageFacts | undefined {
	const match = DATA_URI.exec(dataUri);
	if (!match) return undefined;
	try {
		const { width, height, type } = imageSize(Buffer.from(match[2] ?? '', 'base64'));
		return (type === 'png' || type === 'jpg') && width > 0 && height > 0 ? { width, height } : undefined;
	} catch {
		// What the reader throws at is no image.
		return undefined;
	}
}

/** Ours, after the published rule for the service's other models of the same family; no recording shows a count. */
const BASE_TOKENS = 85;
const TILE_TOKENS = 170;
const TILE_PX = 512;
const LONGEST_SIDE_PX = 2048;
const SHORTEST_SIDE_PX = 768;

/**
 * Tokens of one image: 85 at low detail, else 85 and 170 for each tile of 512 px after scaling into 2048 x 2048 and to a
 * shorter side of at most 768 px. `auto` counts as high. Source: openai 7.55 types (detail); the numbers are ours.
 */
export function countImageTokens({ width, height }: ImageFacts, detail: 'auto' | 'low' | 'high'): number {
	if (detail === 'low') return BASE_TOKENS;
	const fit = Math.min(1, LONGEST_SIDE_PX / Math.max(width, height));
	const shrink = Math.min(1, SHORTEST_SIDE_PX / (Math.min(width, height) * fit));
	const tiles = (side: number): number => Math.ceil((side * fit * shrink) / TILE_PX);
	return BASE_TOKENS + TILE_TOKENS * tiles(width) * tiles(height);
}
