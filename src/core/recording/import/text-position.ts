import { decodeUtf8 } from '../../base/utf8.ts';

const MAX_PREFIX_BYTES = 512;
const LF = 0x0a;

/** Follows where a reader of a text stands: line, indentation, and what came on the line. */
export class TextPosition {
	/** From 1. */
	line = 1;
	/** Spaces at the beginning of the line, as far as it came. */
	indent = 0;
	/** Whether nothing but spaces has come on the line. */
	isLineStart = true;
	/** Objects that began on the line. */
	objects = 0;
	readonly #prefix = new Uint8Array(MAX_PREFIX_BYTES);
	#prefixLength = 0;

	/** Passes `bytes[from..to)`, which is text between objects. */
	pass(bytes: Uint8Array, from: number, to: number): void {
		for (let at = from; at < to; at++) {
			const byte = bytes[at]!;
			if (byte === LF) {
				this.goTo(this.line + 1, 0);
				this.isLineStart = true;
				continue;
			}
			if (this.isLineStart) {
				if (isSpace(byte)) this.indent++;
				else this.isLineStart = false;
			}
			if (this.#prefixLength < MAX_PREFIX_BYTES) this.#prefix[this.#prefixLength++] = byte;
		}
	}

	/** Passes an object, or what looked like one, with this many line feeds in it. */
	passObject(lineFeeds: number): void {
		if (lineFeeds > 0) this.goTo(this.line + lineFeeds, this.indent);
		this.isLineStart = false;
		this.#prefixLength = 0;
	}

	/** Stands in the middle of a line. */
	goTo(line: number, indent: number, objects = 0): void {
		this.line = line;
		this.indent = indent;
		this.objects = objects;
		this.isLineStart = false;
		this.#prefixLength = 0;
	}

	/** What came on the line since its beginning, or since the last object on it; of more than 512 bytes the first. */
	get prefix(): string {
		return this.#prefixLength === 0 ? '' : decodeUtf8(this.#prefix.subarray(0, this.#prefixLength));
	}
}

export function isSpace(byte: number): boolean {
	return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
