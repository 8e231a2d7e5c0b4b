import { encodeUtf8 } from '#core/base/utf8.ts';
import { UnfoldingLimit } from './zip.ts';

/** What a gzip file holds, as it comes. The stream fails where the file is damaged, or unfolds to more than it may. */
export function gunzip(file: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
	const limit = new UnfoldingLimit('The packed text', file.size);
	return file.stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(limit.stream());
}

/** Text of another encoding as UTF-8. */
export function utf8Of(file: Blob, encoding: string): ReadableStream<Uint8Array<ArrayBuffer>> {
	const toUtf8 = new TransformStream<string, Uint8Array<ArrayBuffer>>({
		transform: (text, controller) => controller.enqueue(encodeUtf8(text))
	});
	return file.stream().pipeThrough(new TextDecoderStream(encoding)).pipeThrough(toUtf8);
}
