/** The scenarios that sessions may use: the shipped ones, and those of a file or folder, read again when they change. */
import { existsSync, readdirSync, statSync, watch } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadScenario, shippedFolder } from '#simulator/scenario/scenario-files.ts';
import type { Scenario } from '#simulator/scenario/scenario.ts';

/** Editors write a file in several steps; this is how long it must be quiet. */
const QUIET_MS = 100;

export interface ScenarioLibraryOptions {
	/** A file, a folder of files, or the name of a shipped scenario. */
	given?: string;
	/** Told of files that were read again, and of those that could not be; one line each. */
	log?: (line: string) => void;
}

export interface ScenarioLibrary {
	/** What sessions get that ask for none: the given file, `default` of the given folder, or the shipped default. */
	readonly defaultName: string;
	/** Names are file names without `.json`. */
	names: () => string[];
	/**
	 * The newest version that is right; undefined for an unknown name. Without a name the default. Ask again for each use:
	 * a file that changed since is read again, and a broken new version is told to `log` and not used.
	 */
	get: (name?: string) => Scenario | undefined;
	/** Stops watching. */
	dispose: () => void;
}

const nameOf = (file: string): string => basename(file).replace(/\.json$/i, '');

function listFiles(folder: string): string[] {
	return readdirSync(folder)
		.filter((name) => /\.json$/i.test(name) && !/\.schema\.json$/i.test(name))
		.sort()
		.map((name) => join(folder, name));
}

const NOT_THERE = 'not there';

/** Tells versions of a file apart. */
function readStamp(file: string): string {
	const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
	return stats ? `${stats.mtimeNs} ${stats.size} ${stats.ino}` : NOT_THERE;
}

/** One file, and the newest version of it that was right. */
class ScenarioFile {
	readonly path: string;
	readonly #log: (line: string) => void;
	#stamp: string | undefined;
	#scenario: Scenario | undefined;

	constructor(path: string, log: (line: string) => void) {
		this.path = path;
		this.#log = log;
	}

	/** The scenario; read only when the file is another one than at the last time. */
	get(): Scenario | undefined {
		const isFirst = this.#stamp === undefined;
		try {
			const stamp = readStamp(this.path);
			if (stamp === this.#stamp) return this.#scenario;
			// Remembered before reading: a fault is told once, and a change while reading is a new version.
			this.#stamp = stamp;
			if (stamp === NOT_THERE) throw new Error(`The scenario ${this.path} is not there any more`);
			this.#scenario = loadScenario(this.path);
			if (!isFirst) this.#log(`scenario: ${this.path} was read again`);
		} catch (error) {
			const rest = this.#scenario ? '; what was read before stays in use' : '';
			this.#log(`scenario: ${(error as Error).message}${rest}`);
		}
		return this.#scenario;
	}

	/** The first time: throws what is wrong. */
	load(): void {
		const stamp = readStamp(this.path);
		this.#scenario = loadScenario(this.path);
		this.#stamp = stamp;
	}
}

/** A file, or all files of a folder that is looked through again when somebody asks for what is not there. */
class ScenarioFolder {
	readonly #folder: string;
	readonly #onlyFile: string | undefined;
	readonly #log: (line: string) => void;
	readonly #files = new Map<string, ScenarioFile>();

	constructor(folder: string, onlyFile: string | undefined, log: (line: string) => void) {
		this.#folder = folder;
		this.#onlyFile = onlyFile;
		this.#log = log;
		this.#find();
	}

	get names(): string[] {
		this.#find();
		return [...this.#files.keys()].filter((name) => this.#files.get(name)?.get());
	}

	get(name: string): Scenario | undefined {
		if (!this.#files.has(name)) this.#find();
		return this.#files.get(name)?.get();
	}

	/** Reads all there is. Throws when one of them is not right. */
	load(): void {
		for (const file of this.#files.values()) file.load();
	}

	/** Reads again what changed. */
	refresh(): void {
		this.#find();
		for (const file of this.#files.values()) file.get();
	}

	#find(): void {
		for (const path of this.#list()) {
			if (!this.#files.has(nameOf(path))) this.#files.set(nameOf(path), new ScenarioFile(path, this.#log));
		}
	}

	#list(): string[] {
		if (this.#onlyFile !== undefined) return [this.#onlyFile];
		try {
			return listFiles(this.#folder);
		} catch (error) {
			this.#log(`scenario: the folder ${this.#folder} cannot be read: ${(error as Error).message}`);
			return [];
		}
	}
}

/** Watches a folder, because editors replace files; calls back when it has been quiet. Returns how to stop. */
function watchFolder(folder: string, onChange: () => void, log: (line: string) => void): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const tellFailure = (error: Error): void =>
		log(`scenario: ${folder} cannot be watched (${error.message}); changes count when a session begins to answer`);
	try {
		const watcher = watch(folder, { persistent: false }, () => {
			clearTimeout(timer);
			timer = setTimeout(onChange, QUIET_MS).unref();
		});
		watcher.on('error', (error) => {
			tellFailure(error);
			watcher.close();
		});
		return () => {
			clearTimeout(timer);
			watcher.close();
		};
	} catch (error) {
		tellFailure(error as Error);
		return () => {};
	}
}

function describeUnknown(given: string, shipped: ScenarioFolder): string {
	return (
		`There is no file, folder or shipped scenario "${given}". Give the path of a scenario file or of a folder of them, ` +
		`or one of these names: ${shipped.names.join(', ')}.`
	);
}

/**
 * Opens the shipped scenarios and what is given besides.
 * @throws Error that says what is wrong with the given file or folder, where, and what to do
 */
export function openScenarioLibrary(options: ScenarioLibraryOptions = {}): ScenarioLibrary {
	const { given, log = () => {} } = options;
	const shipped = new ScenarioFolder(shippedFolder, undefined, log);
	let own: ScenarioFolder | undefined;
	let defaultName = 'default';
	let stop = (): void => {};
	if (given !== undefined && existsSync(given)) {
		const path = resolve(given);
		const isFolder = statSync(path).isDirectory();
		const folder = isFolder ? path : dirname(path);
		const found = new ScenarioFolder(folder, isFolder ? undefined : path, log);
		found.load();
		if (!isFolder) defaultName = nameOf(path);
		stop = watchFolder(folder, () => found.refresh(), log);
		own = found;
	} else if (given !== undefined) {
		if (!shipped.get(given)) throw new Error(describeUnknown(given, shipped));
		defaultName = given;
	}
	return {
		defaultName,
		names: () => [...new Set([...(own?.names ?? []), ...shipped.names])].sort(),
		get: (name = defaultName) => own?.get(name) ?? shipped.get(name),
		dispose: () => stop()
	};
}
