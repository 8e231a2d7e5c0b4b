import { proxy, transfer, wrap, type Remote } from 'comlink';
import { fail, type Result } from '#core/base/result.ts';
import type { ImportListener, LibraryApi, LibraryProblem, OpenListener } from './library-api.ts';

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
	const lost = Promise.withResolvers<LibraryProblem>();
	worker.addEventListener('error', (event) => {
		const reason = event.message || 'The worker that keeps the recordings ended.';
		lost.resolve({ kind: 'lost', message: `The recordings cannot be reached any more. Reload the page. (${reason})` });
		onlost(reason);
	});
	const remote = wrap<LibraryApi>(worker);
	return { ...callsOf(remote, new Answers(lost.promise)), dispose: () => worker.terminate() };
}

/** Calls of a worker that has died are answered all the same: nobody waits for ever. */
class Answers {
	readonly #lost: Promise<LibraryProblem>;

	constructor(lost: Promise<LibraryProblem>) {
		this.#lost = lost;
	}

	/** The answer, or the failure that there will be none. */
	result<T>(answer: Promise<Result<T, LibraryProblem>>): Promise<Result<T, LibraryProblem>> {
		return Promise.race([answer, this.#lost.then((problem) => fail(problem))]);
	}

	/** The answer; rejects when there will be none. */
	value<T>(answer: Promise<T>): Promise<T> {
		const none = this.#lost.then((problem) => Promise.reject(new Error(problem.message)));
		return Promise.race([answer, none]);
	}

	/** The end of a call that tells nothing: there is none to wait for when the worker is gone. */
	done(answer: Promise<void>): Promise<void> {
		return Promise.race([answer, this.#lost.then(() => undefined)]);
	}
}

/** Each method of the library by name, with its callbacks handed over as ports. */
function callsOf(remote: Remote<LibraryApi>, answers: Answers): LibraryApi {
	return {
		list: () => answers.result(remote.list()),
		search: (words) => answers.result(remote.search(words)),
		open: (id, listener) => answers.result(remote.open(id, proxy(listenerOf(listener)))),
		close: (handle) => answers.done(remote.close(handle)),
		readAudio: (handle, track, offset, length) => answers.value(remote.readAudio(handle, track, offset, length)),
		mix: (handle, placements, lengthMs) => answers.result(remote.mix(handle, placements, lengthMs)),
		importFile: (jobId, file, name, options, listener) =>
			answers.result(remote.importFile(jobId, file, name, options, proxy(importListenerOf(listener)))),
		cancelImport: (jobId) => answers.done(remote.cancelImport(jobId)),
		importAudio: (name, pcm, options, listener) =>
			answers.result(remote.importAudio(name, transfer(pcm, [pcm.buffer]), options, proxy(importListenerOf(listener)))),
		previewExport: (ids, options) => answers.result(remote.previewExport(ids, options)),
		exportFile: (ids, options, target, onprogress) =>
			throughPipe(target, (end) =>
				answers.result(remote.exportFile(ids, options, end && transfer(end, [end]), proxy(onprogress)))
			),
		edit: (id, edit) => answers.result(remote.edit(id, edit)),
		remove: (ids) => answers.result(remote.remove(ids)),
		undoRemove: (ids) => answers.result(remote.undoRemove(ids)),
		purge: (ids) => answers.result(remote.purge(ids)),
		writerPort: () => answers.value(remote.writerPort()),
		onchange: (listener) => answers.done(remote.onchange(proxy(listener)))
	};
}

/**
 * Lets the worker write to a stream of the page. The stream itself cannot go there: one that writes to a file of the
 * user's choice is not transferable. Resolves when the file is whole on the disk; a failure leaves nothing half-written.
 */
async function throughPipe<T>(
	target: WritableStream<Uint8Array> | null,
	write: (end: WritableStream<Uint8Array> | null) => Promise<Result<T, LibraryProblem>>
): Promise<Result<T, LibraryProblem>> {
	if (!target) return write(null);
	const pipe = new TransformStream<Uint8Array, Uint8Array>();
	const stop = new AbortController();
	const written = pipe.readable.pipeTo(target, { signal: stop.signal }).then(
		() => null,
		(error: unknown) => (error instanceof Error ? error.message : String(error))
	);
	const answer = await write(pipe.writable);
	// A worker that died closes nothing.
	if (!answer.ok) stop.abort();
	const words = await written;
	if (!answer.ok || words === null) return answer;
	return fail({ kind: 'failed', message: `The file could not be written to its end: ${words}` });
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
