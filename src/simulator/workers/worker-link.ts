/** One worker thread that starts when it is first needed and is started again after it has failed. */
import { Worker } from 'node:worker_threads';

export interface WorkerLinkOptions<Reply> {
	/** The worker's source file. */
	file: URL;
	onMessage: (message: Reply) => void;
	/** The worker is gone and everything asked of it is lost; the next `post` starts a new one. */
	onFailure: (error: Error) => void;
}

export class WorkerLink<Request, Reply> {
	readonly #options: WorkerLinkOptions<Reply>;
	#worker: Worker | undefined;
	#isDisposed = false;

	constructor(options: WorkerLinkOptions<Reply>) {
		this.#options = options;
	}

	/** Starts the worker without waiting for it. Does nothing when it runs. */
	start(): Worker | undefined {
		if (this.#isDisposed || this.#worker) return this.#worker;
		const worker = new Worker(this.#options.file);
		this.#worker = worker;
		// The thread must not keep a program alive that has nothing else to do.
		worker.unref();
		const fail = (error: Error): void => {
			if (this.#worker !== worker) return;
			this.#worker = undefined;
			this.#options.onFailure(error);
		};
		worker.on('message', (message: Reply) => {
			if (this.#worker === worker) this.#options.onMessage(message);
		});
		worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
		worker.on('messageerror', (error) => fail(error));
		worker.on('exit', (code) => fail(new Error(`The worker ended with code ${code}`)));
		return worker;
	}

	/** Sends a message; `transfer` names the buffers that move with it. */
	post(message: Request, transfer: ArrayBuffer[] = []): void {
		this.start()?.postMessage(message, transfer);
	}

	/** Ends the worker; nothing is reported afterwards. */
	async dispose(): Promise<void> {
		this.#isDisposed = true;
		const worker = this.#worker;
		this.#worker = undefined;
		await worker?.terminate();
	}
}
