/** Reads a file's bytes in order, from a place on, at the speed of a stream into buffers of one's own. */
export interface SequentialReader {
	/**
	 * Fills a buffer with the next bytes; fewer at the end of the file. The buffer is taken over: what comes back is another
	 * object on the same memory. One call at a time. Rejects when the file cannot be read any more.
	 */
	read(buffer: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>>;
	/** Lets go of the file. */
	cancel(): void;
}

/**
 * A stream into one's own buffers is twice as fast as slices, which make a buffer each and are registered with the browser
 * one by one. Browsers whose files give no such streams read slices.
 */
export function openSequentialReader(file: Blob, start = 0): SequentialReader {
	const rest = file.slice(start);
	const stream = rest.stream();
	try {
		return new StreamReader(stream.getReader({ mode: 'byob' }), rest.size);
	} catch {
		// It is no stream of bytes.
		void stream.cancel().catch(() => undefined);
		return new SliceReader(file, start);
	}
}

class StreamReader implements SequentialReader {
	readonly #reader: ReadableStreamBYOBReader;
	#left: number;

	constructor(reader: ReadableStreamBYOBReader, left: number) {
		this.#reader = reader;
		this.#left = left;
	}

	async read(buffer: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
		const wanted = Math.min(buffer.byteLength, this.#left);
		let whole = buffer;
		// Never more is asked for than there is: Chromium may leave a read unanswered that waits for the end of the stream.
		for (let length = 0; length < wanted;) {
			const { value, done } = await this.#reader.read(new Uint8Array(whole, length, wanted - length));
			if (done) throw new Error('The file ends before it should: it has changed since it was opened.');
			whole = value.buffer;
			length += value.length;
		}
		this.#left -= wanted;
		if (this.#left === 0) this.cancel();
		return new Uint8Array(whole, 0, wanted);
	}

	cancel(): void {
		// What fails now is nobody's any more.
		void this.#reader.cancel().catch(() => undefined);
	}
}

class SliceReader implements SequentialReader {
	readonly #file: Blob;
	#at: number;

	constructor(file: Blob, start: number) {
		this.#file = file;
		this.#at = start;
	}

	async read(buffer: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
		const bytes = new Uint8Array(await this.#file.slice(this.#at, this.#at + buffer.byteLength).arrayBuffer());
		this.#at += bytes.length;
		return bytes;
	}

	cancel(): void {}
}
