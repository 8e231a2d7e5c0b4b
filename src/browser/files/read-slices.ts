/** Bytes of the first slice: few, so that the first rows are there at once. */
const FIRST_SLICE_BYTES = 1 << 18;
/** Bytes of every other slice: fewer cost more hand-overs from the browser, more cost more memory. */
const SLICE_BYTES = 1 << 23;

export interface Slice {
	/** Offset of the first byte in the file. */
	readonly at: number;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A file's bytes in order. The next slice is fetched while the one before is worked on. Rejects when the file cannot be
 * read (any more); ends early when the signal is aborted.
 */
export async function* readSlices(file: Blob, signal?: AbortSignal): AsyncGenerator<Slice, void> {
	let at = 0;
	let next = sliceAt(file, 0, FIRST_SLICE_BYTES);
	while (at < file.size) {
		const buffer = await next;
		if (signal?.aborted) return;
		const end = at + buffer.byteLength;
		if (end < file.size) {
			next = sliceAt(file, end, SLICE_BYTES);
			// Waited for in the next round; until then a failure is nobody's.
			next.catch(() => undefined);
		}
		yield { at, bytes: new Uint8Array(buffer) };
		if (buffer.byteLength === 0) return;
		at = end;
	}
}

function sliceAt(file: Blob, start: number, length: number): Promise<ArrayBuffer> {
	return file.slice(start, start + length).arrayBuffer();
}

/** A stream's bytes in order, with the same end on abort. */
export async function* readStream(
	stream: ReadableStream<Uint8Array<ArrayBuffer>>,
	signal?: AbortSignal
): AsyncGenerator<Slice, void> {
	const reader = stream.getReader();
	let at = 0;
	let isDone = false;
	try {
		while (!signal?.aborted) {
			const { done, value } = await reader.read();
			isDone = done;
			if (done) return;
			yield { at, bytes: value };
			at += value.length;
		}
	} finally {
		if (!isDone) await reader.cancel().catch(() => undefined);
		reader.releaseLock();
	}
}
