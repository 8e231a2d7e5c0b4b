// Writes THIRD_PARTY_NOTICES.md: the licence of every package that Earshot runs with or puts into its page, with what
// those packages need in turn. Run it by `npm run notices` after a dependency has changed; a test compares the file.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Packages of the page that package.json lists for development, because the build needs them. */
const BUILT_IN = ['svelte', '@sveltejs/kit', 'devalue'];
/** Types, and the parts of Svelte that stay behind in the compiler, reach nobody. */
const LEAVES = new Set(['svelte', '@sveltejs/kit']);
const NOT_SHIPPED = /^(@types\/|undici-types$|node-(linux|win)-)/;

/** Where a package carries no licence text: the text of its repository. */
const MISSING_TEXTS = /** @type {Record<string, () => string>} */ ({
	'@ricky0123/vad-web': () =>
		`${isc('2022-present ricky0123')}\n\nThe Silero voice activity model inside it (silero_vad_*.onnx):\n\n` +
		mit('2020-present Silero Team'),
	'onnxruntime-web': () => mit('2018 - present Microsoft Corporation'),
	'onnxruntime-common': () => mit('2018 - present Microsoft Corporation'),
	'guid-typescript': () => isc('nicolas'),
	sirv: () => licenceText('node_modules/totalist') ?? '', // of the same author, who uses the same text everywhere
	'@polka/url': () => licenceText('node_modules/totalist') ?? ''
});

/**
 * @typedef {{ version: string, license?: string, dependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string> }} Entry
 */

/** The text of THIRD_PARTY_NOTICES.md for the packages that are installed. */
export function generateNotices() {
	/** @type {Map<string, string[]>} */
	const namesByText = new Map();
	for (const [folder, entry] of listPackages()) {
		const name = folder.replace(/^.*node_modules\//, '');
		const text = licenceText(folder) ?? MISSING_TEXTS[name]?.();
		if (!text)
			throw new Error(`${name} carries no licence text: add the one of its repository to src/host/notices.js.`);
		const names = namesByText.get(text) ?? [];
		const label = `${name} ${entry.version}`;
		if (!names.includes(label)) names.push(label);
		namesByText.set(text, names);
	}
	const sections = [...namesByText].map(
		([text, names]) => `## ${names.join(', ')}\n\n\`\`\`\`text\n${text}\n\`\`\`\`\n`
	);
	return [
		'# Third-party notices\n',
		'Earshot is under the MIT licence (LICENSE). It runs with, and its page contains, the packages below, each under',
		'its own licence. This file is written by `npm run notices`.\n',
		...sections
	].join('\n');
}

/**
 * The folders of all packages that are shipped, with their entries in the lock file: direct ones first, each followed
 * by what it needs.
 * @returns {Map<string, Entry>}
 */
function listPackages() {
	/** @type {Record<string, Entry>} */
	const locked = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
	/** @type {Map<string, Entry>} */
	const found = new Map();
	/** @param {string} name @param {string} from */
	const visit = (name, from) => {
		const folder = placeOf(name, from, locked);
		const entry = folder === undefined ? undefined : locked[folder];
		if (folder === undefined || !entry || found.has(folder) || NOT_SHIPPED.test(name)) return;
		found.set(folder, entry);
		if (LEAVES.has(name)) return;
		for (const needed of Object.keys({ ...entry.dependencies, ...entry.peerDependencies })) visit(needed, folder);
	};
	for (const name of [...Object.keys(locked['']?.dependencies ?? {}), ...BUILT_IN]) visit(name, '');
	return found;
}

/**
 * Where Node would find a package: in the nearest node_modules going up.
 * @param {string} name
 * @param {string} from folder of the package that needs it; '' is the project
 * @param {Record<string, Entry>} locked
 * @returns {string | undefined}
 */
function placeOf(name, from, locked) {
	const place = `${from ? `${from}/` : ''}node_modules/${name}`;
	if (locked[place]) return place;
	return from ? placeOf(name, from.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, ''), locked) : undefined;
}

/**
 * The licence files of a package, or undefined when it has none.
 * @param {string} folder
 */
function licenceText(folder) {
	const files = readdirSync(path.join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file));
	if (files.length === 0) return undefined;
	const texts = files.sort().map((file) => readFileSync(path.join(root, folder, file), 'utf8'));
	return texts
		.map((text) =>
			text
				.replaceAll('\r', '')
				.replace(/[ \t]+$/gm, '')
				.trim()
		)
		.join('\n\n');
}

/** @param {string} holder */
function mit(holder) {
	const own = readFileSync(path.join(root, 'LICENSE'), 'utf8').trim();
	return own.replace(/Copyright \(c\) .*/, `Copyright (c) ${holder}`);
}

/** @param {string} holder */
function isc(holder) {
	return `ISC License

Copyright (c) ${holder}

Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	writeFileSync(path.join(root, 'THIRD_PARTY_NOTICES.md'), generateNotices());
	console.log('Wrote THIRD_PARTY_NOTICES.md.');
}
