import { isObject, listAt, objectAt, parseJson, stringAt } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { formatBytes } from '#core/base/words.ts';
import { shrinkImage, type ShrunkImage } from '#browser/composer/shrink-image.ts';

/** An event with an image stays below this, so that every transport carries it: Chromium's data channels end at 256 KiB. */
const MOST_EVENT_BYTES = 250_000;

export interface ImageEvent {
	/** A `conversation.item.create` whose message has the image. */
	readonly text: string;
	/** What was done to the image, in words. */
	readonly about: string;
}

const encoder = new TextEncoder();

/**
 * Puts an image into a message: the user's message that the text is, behind what it has; else a new one. Fails, in words
 * for the page, when the image cannot be read or finds no room.
 */
export async function addImageTo(text: string, file: Blob, name: string): Promise<Result<ImageEvent>> {
	const withoutImage = messageWith(text, '');
	const room = MOST_EVENT_BYTES - encoder.encode(withoutImage).length;
	const shrunk = await shrinkImage(file, room);
	if (!shrunk.ok) return fail(`${name} was not taken. ${shrunk.error}`);
	return succeed({ text: messageWith(text, shrunk.value.dataUrl), about: describe(name, shrunk.value) });
}

function messageWith(text: string, dataUrl: string): string {
	const event = parseJson(text);
	const item = objectAt(event, 'item');
	const isMessage =
		isObject(event) &&
		stringAt(event, 'type') === 'conversation.item.create' &&
		stringAt(item, 'type') === 'message' &&
		stringAt(item, 'role') === 'user';
	const base = isMessage ? event : { type: 'conversation.item.create' };
	const message = isMessage ? item : { type: 'message', role: 'user' };
	const content = [...listAt(message, 'content'), { type: 'input_image', image_url: dataUrl }];
	return `${JSON.stringify({ ...base, item: { ...message, content } }, null, 2)}\n`;
}

function describe(name: string, image: ShrunkImage): string {
	const original = `${image.originalWidthPx} × ${image.originalHeightPx} px, ${formatBytes(image.originalByteLength)}`;
	if (image.isOriginal) return `${name} goes as it is: ${original}.`;
	const made = `JPEG, ${image.widthPx} × ${image.heightPx} px, ${formatBytes(image.byteLength)}`;
	return `${name} was ${original}. It goes as ${made}: the event stays below ${formatBytes(MOST_EVENT_BYTES)}.`;
}
