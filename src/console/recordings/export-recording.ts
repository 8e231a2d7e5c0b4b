import { library } from '#console/state/library.svelte.ts';
import { notices } from '#console/state/notices.svelte.ts';
import { beginWork } from '#console/state/busy.ts';

/** Saves a recording as an `.earshot.jsonl` file through the browser's own download. */
export async function exportRecording(id: string): Promise<void> {
	const endWork = beginWork();
	try {
		const exported = await library.exportFile(id);
		if (!exported.ok) {
			notices.show({ kind: 'error', title: 'The recording was not exported', text: exported.error });
			return;
		}
		const url = URL.createObjectURL(exported.value.content);
		const link = document.createElement('a');
		link.href = url;
		link.download = exported.value.name;
		link.click();
		// The download has taken the blob over by the time the next task runs.
		setTimeout(() => URL.revokeObjectURL(url), 0);
	} finally {
		endWork();
	}
}
