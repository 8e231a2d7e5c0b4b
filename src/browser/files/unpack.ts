import { encodeUtf8 } from '#core/base/utf8.ts';

/** What a gzip file holds, as it comes. The stream fails where the file is damaged. */
export function gunzip(file: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
	return file.stream().pipeThrough(new DecompressionStream('gzip'));
}

/** Text of another encoding as UTF-8. */
export function utf8Of(file: Blob, encoding: string): ReadableStream<Uint8Array<ArrayBuffer>> {
	const toUtf8 = new TransformStream<string, Uint8Array<ArrayBuffer>>({
		transform: (text, controller) => controller.enqueue(encodeUtf8(text))
	});
	return file.stream().pipeThrough(new TextDecoderStream(encoding)).pipeThrough(toUtf8);
}
