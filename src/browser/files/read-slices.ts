import { openSequentialReader } from './sequential-reader.ts';

/** Bytes of the first slice: few, so that the first rows are there at once. */
const FIRST_SLICE_BYTES = 1 << 18;
/** Bytes of every other slice: so many stay in the processor's cache from reading to working on them. */
const SLICE_BYTES = 1 << 20;

export interface Slice {
	/** Offset of the first byte in the file. */
	readonly at: number;
	/** They hold until the next slice is asked for: then others may lie in their place. */
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A file's bytes in order. The next slice is fetched while the one before is worked on. Rejects when the file cannot be
 * read (any more); ends early when the signal is aborted.
 */
export async function* readSlices(file: Blob, signal?: AbortSignal): AsyncGenerator<Slice, void> {
	const reader = openSequentialReader(file);
	try {
		let next = reader.read(new ArrayBuffer(FIRST_SLICE_BYTES));
		let spare = new ArrayBuffer(SLICE_BYTES);
		for (let at = 0; at < file.size;) {
			const bytes = await next;
			if (signal?.aborted || bytes.length === 0) return;
			const end = at + bytes.length;
			if (end < file.size) {
				next = reader.read(spare);
				// Waited for in the next round; until then a failure is nobody's.
				next.catch(() => undefined);
			}
			yield { at, bytes };
			// Bytes that are here already are read at once, again and again: others want to be heard in between.
			await nextTask();
			spare = bytes.buffer.byteLength === SLICE_BYTES ? bytes.buffer : new ArrayBuffer(SLICE_BYTES);
			at = end;
		}
	} finally {
		reader.cancel();
	}
}

/** Resolves behind the messages that wait for this thread. */
function nextTask(): Promise<void> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}

/** A stream's bytes in order, with the same end on abort. */
export async function* readStream(
	stream: ReadableStream<Uint8Array<ArrayBuffer>>,
	signal?: AbortSignal
): AsyncGenerator<Slice, void> {
	const reader = stream.getReader();
	let at = 0;
	let heardAt = 0;
	let isDone = false;
	try {
		while (!signal?.aborted) {
			const { done, value } = await reader.read();
			isDone = done;
			if (done) return;
			yield { at, bytes: value };
			at += value.length;
			if (at - heardAt < SLICE_BYTES) continue;
			await nextTask();
			heardAt = at;
		}
	} finally {
		if (!isDone) await reader.cancel().catch(() => undefined);
		reader.releaseLock();
	}
}
