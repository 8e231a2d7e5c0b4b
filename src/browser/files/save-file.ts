import { fail, succeed, type Result } from '#core/base/result.ts';

/** The part of the File System Access API that is used here; TypeScript's library does not have it. */
interface SaveFilePicker {
	showSaveFilePicker?: (options: { suggestedName: string }) => Promise<{
		createWritable(): Promise<WritableStream<Uint8Array> & { abort(reason?: unknown): Promise<void> }>;
	}>;
}

/** Whether a file can be written to the disk while it is made, instead of being made whole in memory first. */
export function canStreamToDisk(): boolean {
	return typeof (globalThis as SaveFilePicker).showSaveFilePicker === 'function';
}

/** Asks where to save. Must be called from a click. Fails with `cancelled` when the user did not choose. */
export async function askWhereToSave(
	suggestedName: string
): Promise<Result<WritableStream<Uint8Array>, { readonly kind: 'cancelled' | 'failed'; readonly message: string }>> {
	const picker = globalThis as SaveFilePicker;
	try {
		const handle = await picker.showSaveFilePicker?.({ suggestedName });
		if (!handle) return fail({ kind: 'failed', message: 'This browser cannot write to a file of your choice.' });
		return succeed(await handle.createWritable());
	} catch (error) {
		if (error instanceof DOMException && error.name === 'AbortError') {
			return fail({ kind: 'cancelled', message: 'No place was chosen.' });
		}
		const words = error instanceof Error ? error.message : String(error);
		return fail({ kind: 'failed', message: `The file could not be opened for writing: ${words}` });
	}
}

/** Hands a file to the browser's own download. */
export function downloadFile(content: Blob, name: string): void {
	const url = URL.createObjectURL(content);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The download has taken the blob over by the time the next task runs.
	setTimeout(() => URL.revokeObjectURL(url), 0);
}
