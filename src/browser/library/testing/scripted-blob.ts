const PIECE_BYTES = 1 << 18;

/** Is asked before bytes of the file are handed out. Its promise is waited for; what it throws fails the reading. */
export type ReadGate = (start: number, end: number) => void | Promise<void>;

/** A file whose test decides when and whether its bytes are read. */
export class ScriptedBlob extends Blob {
	readonly #base: Blob;
	readonly #start: number;
	readonly #gate: ReadGate;

	constructor(base: Blob, gate: ReadGate, start = 0, end = base.size) {
		super([base.slice(start, end)]);
		this.#base = base;
		this.#gate = gate;
		this.#start = start;
	}

	override slice(start = 0, end = this.size): Blob {
		const at = (offset: number) => this.#start + Math.min(this.size, offset < 0 ? this.size + offset : offset);
		return new ScriptedBlob(this.#base, this.#gate, at(start), Math.max(at(start), at(end)));
	}

	override arrayBuffer(): Promise<ArrayBuffer> {
		return this.#read(0, this.size);
	}

	override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
		let at = 0;
		return new ReadableStream({
			type: 'bytes',
			pull: async (controller) => {
				const end = Math.min(at + PIECE_BYTES, this.size);
				const bytes = new Uint8Array(await this.#read(at, end));
				at = end;
				if (bytes.length > 0) controller.enqueue(bytes);
				if (at < this.size) return;
				controller.close();
				// Who waits for more is told that there is none.
				controller.byobRequest?.respond(0);
			}
		});
	}

	async #read(start: number, end: number): Promise<ArrayBuffer> {
		await this.#gate(this.#start + start, this.#start + end);
		return super.slice(start, end).arrayBuffer();
	}
}

/** What browsers reject with when a file was changed or taken away after it was chosen. */
export function notReadable(): DOMException {
	return new DOMException('The requested file could not be read.', 'NotReadableError');
}
