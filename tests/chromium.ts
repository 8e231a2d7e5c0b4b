// Which Chromium the tests run in, and how it is started. Used by the test runner (tests/run), by Vitest's browser
// project (vite.config.ts) and by Playwright (tests/playwright.config.ts):
//
//   findChromium()            path of a Chromium on this machine, or undefined
//   ensureChromium()          the same, installing one when there is none; throws with what to do
//   chromiumLaunchOptions()   { executablePath, args } for Playwright's `launchOptions` or `chromium.launch()`
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const NAMES_ON_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

const USUAL_PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
	darwin: [
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
		'/Applications/Chromium.app/Contents/MacOS/Chromium',
		'/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'
	],
	win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) =>
		['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((file) =>
			path.win32.join(process.env[name] ?? 'C:\\', file)
		)
	)
};

/** The Chromium of the CHROMIUM variable, of the PATH, of the usual places or of Playwright's cache. */
export function findChromium(): string | undefined {
	const asked = process.env.CHROMIUM;
	if (asked) {
		if (existsSync(asked)) return asked;
		throw new Error(`CHROMIUM names ${asked}, which does not exist. Correct it, or unset it to search for one.`);
	}
	const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
	const onPath = NAMES_ON_PATH.flatMap((name) => folders.map((folder) => path.join(folder, name)));
	return [...onPath, ...(USUAL_PLACES[process.platform] ?? [])].find(canRun) ?? findPlaywrightChromium();
}

/**
 * Finds a Chromium, or installs one: Playwright's own, else as root on Debian the distribution's.
 * @throws Error that says how to provide one
 */
export async function ensureChromium(): Promise<string> {
	const found = findChromium();
	if (found) return found;
	console.log('No Chromium on this machine; installing one for the tests ...');
	const playwrightCli = path.join(path.dirname(createRequire(import.meta.url).resolve('playwright')), 'cli.js');
	run(process.execPath, [playwrightCli, 'install', 'chromium']);
	if (!findChromium() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
		run('apt-get', ['update', '-qq']);
		run('apt-get', ['install', '-y', '-qq', 'chromium']);
	}
	const installed = findChromium();
	if (installed) return installed;
	throw new Error(
		'The browser tests need a Chromium, and none could be installed. Install Chromium, Chrome or Edge, or set ' +
			'CHROMIUM=<path of the program>, then run the tests again.'
	);
}

/**
 * How Playwright starts it. `args` are added, say `--use-fake-device-for-media-stream`.
 * What a browser does on its own account (updates, sync) is switched off: no test may need the network.
 */
export function chromiumLaunchOptions(args: string[] = []): { executablePath?: string; args: string[] } {
	const executablePath = findChromium();
	return {
		...(executablePath ? { executablePath } : {}),
		args: [
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // root has no sandbox to give up
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			...args
		]
	};
}

function findPlaywrightChromium(): string | undefined {
	// Loaded only here: most machines have a browser, and Playwright takes 0.3 s to load.
	const { chromium } = createRequire(import.meta.url)('playwright') as typeof import('playwright');
	const file = chromium.executablePath();
	return existsSync(file) ? file : undefined;
}

function canRun(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

function run(program: string, args: string[]): void {
	spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
