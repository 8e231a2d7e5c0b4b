import { succeed, type Result } from '#core/base/result.ts';
import type { LogEntry, RecordingHeader } from '#core/recording/recorded-event.ts';
import type { RecordingStore } from './recording-store.ts';
import type { RecordingWriter, SummaryUpdate, WriterOptions } from './recording-writer.ts';
import type { StoreProblem } from './store-problem.ts';

// Where the browser keeps nothing, recordings are in the memory of the worker that reads them, and the page writes to it
// through a message channel: `connectWriters` here, `serveWriters` there. Writers are numbered by the page.

type ToStore =
	| { readonly kind: 'open'; readonly writer: number; readonly header: RecordingHeader }
	| { readonly kind: 'append'; readonly writer: number; readonly entry: LogEntry; readonly audio?: Uint8Array }
	| { readonly kind: 'summary'; readonly writer: number; readonly update: SummaryUpdate }
	| { readonly kind: 'flush' | 'close'; readonly writer: number; readonly call: number }
	| { readonly kind: 'dispose'; readonly writer: number };

type ToPage =
	| {
			readonly kind: 'done';
			readonly writer: number;
			readonly call: number;
			readonly result: Result<void, StoreProblem>;
	  }
	| { readonly kind: 'problem'; readonly writer: number; readonly problem: StoreProblem }
	| { readonly kind: 'recovery'; readonly writer: number };

/** The side that has the store: opens a writer for each that the page opens. A worker of the page's own, it ends with it. */
export function serveWriters(port: MessagePort, store: Pick<RecordingStore, 'openWriter'>): void {
	const writers = new Map<number, RecordingWriter>();
	const tell = (message: ToPage) => port.postMessage(message);
	const finish = async (writer: number, call: number, work: Promise<Result<void, StoreProblem>> | undefined) => {
		tell({ kind: 'done', writer, call, result: (await work) ?? succeed(undefined) });
	};
	port.onmessage = ({ data }: MessageEvent<ToStore>) => {
		const open = writers.get(data.writer);
		if (data.kind === 'append') open?.append(data.entry, data.audio);
		if (data.kind === 'summary') open?.setSummary(data.update);
		if (data.kind === 'flush') void finish(data.writer, data.call, open?.flush());
		if (data.kind === 'close') void finish(data.writer, data.call, open?.close());
		if (data.kind === 'dispose') {
			open?.dispose();
			writers.delete(data.writer);
		}
		if (data.kind !== 'open') return;
		const { writer, header } = data;
		const options: WriterOptions = {
			onproblem: (problem) => tell({ kind: 'problem', writer, problem }),
			onrecovery: () => tell({ kind: 'recovery', writer })
		};
		writers.set(writer, store.openWriter(header, options));
	};
}

/** The side that makes recordings. */
export interface WriterPort {
	openWriter(header: RecordingHeader, options?: WriterOptions): RecordingWriter;
}

export function connectWriters(port: MessagePort): WriterPort {
	const writers = new Map<number, PortWriter>();
	let next = 1;
	port.onmessage = ({ data }: MessageEvent<ToPage>) => writers.get(data.writer)?.receive(data);
	return {
		openWriter(header, options = {}) {
			const number = next++;
			const send = (message: ToStore, transferred: Transferable[] = []) => port.postMessage(message, transferred);
			const writer = new PortWriter(number, header, options, send, () => writers.delete(number));
			writers.set(number, writer);
			return writer;
		}
	};
}

class PortWriter implements RecordingWriter {
	readonly id: string;
	readonly #number: number;
	readonly #options: WriterOptions;
	readonly #send: (message: ToStore, transferred?: Transferable[]) => void;
	readonly #ondisposed: () => void;
	readonly #calls = new Map<number, (result: Result<void, StoreProblem>) => void>();
	#nextCall = 1;
	/** Appended, and of these known to be stored: by the answer to a flush that was asked for behind them. */
	#appended = 0;
	#stored = 0;
	#isFlushing = false;
	#isDisposed = false;

	constructor(
		number: number,
		header: RecordingHeader,
		options: WriterOptions,
		send: (message: ToStore, transferred?: Transferable[]) => void,
		ondisposed: () => void
	) {
		this.id = header.id;
		this.#number = number;
		this.#options = options;
		this.#send = send;
		this.#ondisposed = ondisposed;
		send({ kind: 'open', writer: number, header });
	}

	get pendingEntries(): number {
		return this.#appended - this.#stored;
	}

	append({ seq, at, from, text, binary, audio: ref }: LogEntry, audio?: Uint8Array): void {
		const entry: LogEntry = { seq, at, from, text, ...(binary && { binary }), ...(ref && { audio: ref }) };
		// A copy: the bytes may lie in a buffer with others, which would go along as a whole.
		const bytes = audio?.slice();
		const message: ToStore = { kind: 'append', writer: this.#number, entry, ...(bytes && { audio: bytes }) };
		this.#send(message, bytes ? [bytes.buffer] : []);
		this.#appended++;
		if (!this.#isFlushing) void this.flush();
	}

	setSummary(update: SummaryUpdate): void {
		this.#send({ kind: 'summary', writer: this.#number, update });
	}

	async flush(): Promise<Result<void, StoreProblem>> {
		this.#isFlushing = true;
		const target = this.#appended;
		const result = await this.#call('flush');
		this.#isFlushing = false;
		if (result.ok) this.#stored = Math.max(this.#stored, target);
		if (this.pendingEntries === 0) this.#options.onidle?.();
		else if (result.ok && !this.#isDisposed) void this.flush();
		return result;
	}

	async close(): Promise<Result<void, StoreProblem>> {
		const target = this.#appended;
		const result = await this.#call('close');
		if (!result.ok) return result;
		this.#stored = target;
		this.dispose();
		return result;
	}

	dispose(): void {
		if (this.#isDisposed) return;
		this.#isDisposed = true;
		this.#send({ kind: 'dispose', writer: this.#number });
		this.#ondisposed();
	}

	receive(message: ToPage): void {
		if (message.kind === 'problem') this.#options.onproblem?.(message.problem);
		if (message.kind === 'recovery') this.#options.onrecovery?.();
		if (message.kind !== 'done') return;
		this.#calls.get(message.call)?.(message.result);
		this.#calls.delete(message.call);
	}

	#call(kind: 'flush' | 'close'): Promise<Result<void, StoreProblem>> {
		return new Promise((resolve) => {
			const call = this.#nextCall++;
			this.#calls.set(call, resolve);
			this.#send({ kind, writer: this.#number, call });
		});
	}
}
