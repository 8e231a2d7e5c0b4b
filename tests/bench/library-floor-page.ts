// The page of the plain limits: in the same browser, with the same file and the same number of bytes, what costs least.
// Runs in Chromium, on an address of its own: the console's page takes no scripts of others.
import { measureScans, type ScanTimes } from './library-scan.ts';

/** Bytes to be written as the store writes them. */
export interface WrittenBytes {
	readonly events: number;
	readonly audio: number;
	/** So many bytes in a record, and so many records in a transaction. */
	readonly eventChunk: number;
	readonly eventChunksAtOnce: number;
	readonly audioChunk: number;
	readonly audioChunksAtOnce: number;
}

export interface Floor {
	/** Milliseconds to read the file that lies in the page's input, in slices of 8 MB, in a worker; and its bytes. */
	readFile(): Promise<{ ms: number; bytes: number }>;
	/** Ways of going through the file that lies in the page's input, in memory, on the page's own thread. */
	scanFile(rounds: number): Promise<ScanTimes[]>;
	/** Milliseconds to write so many bytes into a new database, two transactions under way at a time. */
	write(bytes: WrittenBytes): Promise<number>;
	/** Milliseconds to read the records of events that were written last. */
	readEvents(): Promise<{ ms: number; bytes: number }>;
}

/** Runs in the worker, from its source text: it can use nothing from outside of it. */
function work(): void {
	const SLICE_BYTES = 1 << 23;
	const RECORDS_PER_READ = 64;
	const DATABASE = 'floor';

	async function readFile(file: Blob): Promise<{ ms: number; bytes: number }> {
		const startedAt = performance.now();
		const slice = (at: number) => file.slice(at, at + SLICE_BYTES).arrayBuffer();
		let bytes = 0;
		for (let at = 0, next = slice(0); at < file.size; at += SLICE_BYTES) {
			const buffer = await next;
			if (at + SLICE_BYTES < file.size) next = slice(at + SLICE_BYTES);
			bytes += buffer.byteLength;
		}
		return { ms: performance.now() - startedAt, bytes };
	}

	function settled<T>(request: IDBRequest<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
		});
	}

	function openDatabase(): Promise<IDBDatabase> {
		const request = indexedDB.open(DATABASE, 1);
		request.onupgradeneeded = () => {
			request.result.createObjectStore('events');
			request.result.createObjectStore('audio');
		};
		return settled(request);
	}

	/** Bytes that no database can press together much. */
	function noise(length: number): Uint8Array<ArrayBuffer> {
		const bytes = new Uint8Array(length);
		for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
		return bytes;
	}

	/** Text as the store's lines are. */
	function lines(length: number): Uint8Array<ArrayBuffer> {
		const bytes = new Uint8Array(length);
		const line = (at: number) =>
			`{"seq":${at},"at":${at * 12.608},"from":"client","text":"{\\"type\\":\\"append\\"}"}\n`;
		const encoder = new TextEncoder();
		for (let at = 0; at < length;) at += encoder.encodeInto(line(at), bytes.subarray(at)).written || length;
		return bytes;
	}

	async function write(order: WrittenBytes): Promise<number> {
		await settled(indexedDB.deleteDatabase(DATABASE));
		const database = await openDatabase();
		const sound = noise(order.audioChunk);
		const text = lines(order.eventChunk);
		const underWay: Promise<void>[] = [];
		const startedAt = performance.now();
		const put = async (store: 'events' | 'audio', total: number, chunk: Uint8Array<ArrayBuffer>, atOnce: number) => {
			for (let at = 0; at < total; at += chunk.length * atOnce) {
				const transaction = database.transaction(store, 'readwrite', { durability: 'relaxed' });
				for (let key = at; key < Math.min(total, at + chunk.length * atOnce); key += chunk.length) {
					const bytes = chunk.slice(0, total - key);
					transaction.objectStore(store).put(store === 'audio' ? bytes.buffer : { bytes, count: 500 }, key);
				}
				underWay.push(
					new Promise((resolve, reject) => {
						transaction.oncomplete = () => resolve();
						transaction.onabort = () => reject(transaction.error ?? new Error('A transaction was aborted'));
					})
				);
				if (underWay.length >= 2) await underWay.shift();
			}
		};
		await put('events', order.events, text, order.eventChunksAtOnce);
		await put('audio', order.audio, sound, order.audioChunksAtOnce);
		await Promise.all(underWay);
		const ms = performance.now() - startedAt;
		database.close();
		return ms;
	}

	async function readEvents(): Promise<{ ms: number; bytes: number }> {
		const database = await openDatabase();
		const startedAt = performance.now();
		let bytes = 0;
		let range: IDBKeyRange | null = null;
		for (;;) {
			const store = database.transaction('events').objectStore('events');
			const keys = settled(store.getAllKeys(range, RECORDS_PER_READ));
			const values: { bytes: Uint8Array }[] = await settled(store.getAll(range, RECORDS_PER_READ));
			for (const value of values) bytes += value.bytes.length;
			const last = (await keys).at(-1);
			if (last === undefined) break;
			range = IDBKeyRange.lowerBound(last, true);
		}
		const ms = performance.now() - startedAt;
		database.close();
		return { ms, bytes };
	}

	const calls: Record<string, (argument: never) => Promise<unknown>> = { readFile, write, readEvents };
	addEventListener('message', ({ data }: MessageEvent<{ name: string; argument: never }>) => {
		const call = calls[data.name];
		call?.(data.argument).then(
			(value) => postMessage({ value }),
			(error: unknown) => postMessage({ error: String(error) })
		);
	});
}

const worker = new Worker(URL.createObjectURL(new Blob([`(${String(work)})()`], { type: 'text/javascript' })));

/** Calls the worker; one call at a time. */
function call<T>(name: 'readFile' | 'write' | 'readEvents', argument: unknown): Promise<T> {
	return new Promise((resolve, reject) => {
		worker.onmessage = ({ data }: MessageEvent<{ value: T; error?: string }>) =>
			data.error === undefined ? resolve(data.value) : reject(new Error(data.error));
		worker.postMessage({ name, argument });
	});
}

const input = document.createElement('input');
input.type = 'file';
document.body.append(input);

function chosenFile(): File {
	const file = input.files?.[0];
	if (!file) throw new Error('No file was chosen.');
	return file;
}

const floor: Floor = {
	readFile: () => call('readFile', chosenFile()),
	scanFile: async (rounds) => measureScans(new Uint8Array(await chosenFile().arrayBuffer()), rounds),
	write: (bytes) => call('write', bytes),
	readEvents: () => call('readEvents', null)
};
Object.assign(globalThis, { floor });
