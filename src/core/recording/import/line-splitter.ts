import { decodeUtf8 } from '../../base/utf8.ts';

/** Who takes the lines of a `LineSplitter`, and how long a line may be. */
export interface LineSplitterOptions {
	/**
	 * A line without its end. Blank lines come too.
	 *
	 * @param lineNumber from 1
	 * @param isLast no line end follows it: the file ends here, maybe in the middle of what was to be written
	 */
	onLine(text: string, lineNumber: number, isLast: boolean): void;
	/** A line of more than `maxLineBytes`, which was dropped. `bytes` is its whole length. */
	onTooLong(lineNumber: number, bytes: number): void;
	/** 64 MiB unless told. */
	readonly maxLineBytes?: number;
}

const DEFAULT_MAX_LINE_BYTES = 64 * 2 ** 20;
/** A buffer larger than this is let go after its line. */
const KEPT_BUFFER_BYTES = 2 ** 20;
const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Cuts UTF-8 text, given in pieces of any size, into lines. Ends may be LF or CRLF; a byte order mark at the start is no
 * part of the text. Holds one line at most, and nothing of one that is too long.
 */
export class LineSplitter {
	readonly #options: LineSplitterOptions;
	readonly #maxLineBytes: number;
	#lineNumber = 1;
	/** The line whose end has not come yet: its bytes, or only how many when they are too many. */
	#buffer = new Uint8Array(0);
	#length = 0;

	constructor(options: LineSplitterOptions) {
		this.#options = options;
		this.#maxLineBytes = options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES;
	}

	/** The next bytes of the file. They are not kept: the caller may use their buffer again. */
	push(bytes: Uint8Array): void {
		let start = 0;
		for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
			if (this.#length === 0) {
				this.#emit(bytes.subarray(start, end), end - start, false);
			} else {
				this.#hold(bytes.subarray(start, end));
				this.#emit(this.#held(), this.#length, false);
				this.#length = 0;
			}
			start = end + 1;
		}
		if (start < bytes.length) this.#hold(bytes.subarray(start));
	}

	/** The file has ended. What comes after its last line end, if anything, is its last line. */
	end(): void {
		if (this.#length > 0) this.#emit(this.#held(), this.#length, true);
		this.#length = 0;
		this.#buffer = new Uint8Array(0);
	}

	#held(): Uint8Array {
		return this.#buffer.subarray(0, Math.min(this.#length, this.#buffer.length));
	}

	#hold(bytes: Uint8Array): void {
		const length = this.#length + bytes.length;
		if (length > this.#maxLineBytes) {
			this.#buffer = new Uint8Array(0);
		} else {
			if (length > this.#buffer.length) this.#grow(length);
			this.#buffer.set(bytes, this.#length);
		}
		this.#length = length;
	}

	#grow(length: number): void {
		const grown = new Uint8Array(Math.min(this.#maxLineBytes, Math.max(length, this.#buffer.length * 2, 4096)));
		grown.set(this.#held());
		this.#buffer = grown;
	}

	#emit(bytes: Uint8Array, length: number, isLast: boolean): void {
		const lineNumber = this.#lineNumber++;
		if (length > this.#maxLineBytes) {
			this.#options.onTooLong(lineNumber, length);
			return;
		}
		const start = lineNumber === 1 && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? 3 : 0;
		const end = bytes.at(-1) === CR ? length - 1 : length;
		const text = decodeUtf8(bytes.subarray(start, end));
		if (this.#buffer.length > KEPT_BUFFER_BYTES) this.#buffer = new Uint8Array(0);
		this.#options.onLine(text, lineNumber, isLast);
	}
}
