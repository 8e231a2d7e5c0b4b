// The files of the repository, as git sees them: tracked, and new ones that are not ignored.
import { execFileSync } from 'node:child_process';
import type { ExecFileSyncOptionsWithStringEncoding } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
/** For a copy without git: the folders that .gitignore names, too. */
const NOT_OURS = /^(\.git|node_modules|build|\.svelte-kit|test-results)$/;

/** Paths relative to the repository, with forward slashes. */
export function listFiles(): string[] {
	try {
		const options: ExecFileSyncOptionsWithStringEncoding = {
			cwd: root,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore']
		};
		const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], options);
		return output.split('\0').filter((file) => file && existsSync(path.join(root, file)));
	} catch {
		return walk('');
	}
}

function walk(folder: string): string[] {
	return readdirSync(path.join(root, folder)).flatMap((name) => {
		const file = folder ? `${folder}/${name}` : name;
		if (NOT_OURS.test(name)) return [];
		return statSync(path.join(root, file)).isDirectory() ? walk(file) : [file];
	});
}

/** The text of a file, or undefined when it is not text. */
export function readText(file: string): string | undefined {
	const bytes = readFileSync(path.join(root, file));
	return bytes.includes(0) ? undefined : bytes.toString('utf8');
}

/** Whether the rules about code hold for a file. */
export function isCode(file: string): boolean {
	return /\.(ts|js|svelte)$/.test(file);
}
