import { proxy, transfer, wrap, type Remote } from 'comlink';
import type {
	ExportOptions,
	ImportListener,
	ImportOptions,
	LibraryApi,
	OpenListener,
	RecordingEdit
} from './library-api.ts';

/** The page's end of the library. */
export interface LibraryClient extends LibraryApi {
	/** Ends the worker and all that it does. */
	dispose(): void;
}

export interface LibraryClientOptions {
	/** Called when the worker has died: nothing that was asked of it will be answered. */
	readonly onlost: (reason: string) => void;
}

/** Starts the worker that owns the recordings. */
export function openLibraryClient({ onlost }: LibraryClientOptions): LibraryClient {
	const worker = new Worker(new URL('./library.worker.ts', import.meta.url), { type: 'module', name: 'library' });
	worker.addEventListener('error', (event) => onlost(event.message || 'The worker that keeps the recordings ended.'));
	const remote = wrap<LibraryApi>(worker);
	return { ...callsOf(remote), dispose: () => worker.terminate() };
}

/** Each method of the library by name, with its callbacks handed over as ports. */
function callsOf(remote: Remote<LibraryApi>): LibraryApi {
	return {
		list: () => remote.list(),
		search: (words) => remote.search(words),
		open: (id, listener) => remote.open(id, proxy(listenerOf(listener))),
		close: (handle) => remote.close(handle),
		readAudio: (handle, track, offset, length) => remote.readAudio(handle, track, offset, length),
		mix: (handle, placements, lengthMs) => remote.mix(handle, placements, lengthMs),
		importFile: (jobId: string, file: Blob, name: string, options: ImportOptions, listener: ImportListener) =>
			remote.importFile(jobId, file, name, options, proxy(importListenerOf(listener))),
		cancelImport: (jobId) => remote.cancelImport(jobId),
		importAudio: (name, pcm, options, listener) =>
			remote.importAudio(name, transfer(pcm, [pcm.buffer]), options, proxy(importListenerOf(listener))),
		previewExport: (ids: readonly string[], options: ExportOptions) => remote.previewExport(ids, options),
		exportFile: (ids, options, target, onprogress) =>
			remote.exportFile(ids, options, target && transfer(target, [target]), proxy(onprogress)),
		edit: (id: string, edit: RecordingEdit) => remote.edit(id, edit),
		remove: (ids) => remote.remove(ids),
		undoRemove: (ids) => remote.undoRemove(ids),
		purge: (ids) => remote.purge(ids),
		writerPort: () => remote.writerPort(),
		onchange: (listener) => remote.onchange(proxy(listener))
	};
}

/** The listener's methods as own functions: what is handed over is called by name. */
function listenerOf(listener: OpenListener): OpenListener {
	return {
		onblocks: (blocks) => listener.onblocks(blocks),
		onpeaks: (run) => listener.onpeaks(run),
		onloaded: (damage) => listener.onloaded(damage),
		onsummary: (summary) => listener.onsummary(summary),
		onlost: (problem) => listener.onlost(problem)
	};
}

function importListenerOf(listener: ImportListener): ImportListener {
	return {
		ondetected: (formatName) => listener.ondetected(formatName),
		onrecording: (summary) => listener.onrecording(summary),
		onprogress: (progress) => listener.onprogress(progress)
	};
}
