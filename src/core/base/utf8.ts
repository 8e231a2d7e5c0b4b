// TextEncoder and TextDecoder are no part of the language, but every engine that runs this has them, and they depend on
// nothing outside: so they are all that core takes from its surroundings.
interface Utf8Encoder {
	encode(text: string): Uint8Array<ArrayBuffer>;
	encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

/** Decodes UTF-8 that comes in pieces, which may be cut inside a character. */
export interface Utf8Decoder {
	/** `stream: true` keeps the beginning of a character for the next piece. Bad bytes become U+FFFD. */
	decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

interface Surroundings {
	readonly TextEncoder: new () => Utf8Encoder;
	readonly TextDecoder: new (label: string, options: { readonly ignoreBOM: boolean }) => Utf8Decoder;
}

const { TextEncoder, TextDecoder } = globalThis as unknown as Surroundings;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text's UTF-8 bytes. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
	return encoder.encode(text);
}

/** Writes the text's UTF-8 into `target`, which must have room (3 bytes a UTF-16 unit always suffice); returns how many bytes. */
export function encodeUtf8Into(text: string, target: Uint8Array): number {
	return encoder.encodeInto(text, target).written;
}

/** The text of UTF-8 bytes; a byte order mark is kept, bad bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
	return decoder.decode(bytes);
}

/** A decoder for bytes that come in pieces. A byte order mark is kept. */
export function createUtf8Decoder(): Utf8Decoder {
	return new TextDecoder('utf-8', { ignoreBOM: true });
}
