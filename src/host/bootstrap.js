// What `npm start`, `npm test` and the other scripts of package.json run, also in a fresh clone and on an old Node:
// it installs what is missing, picks a Node that runs TypeScript, builds what is out of date, and starts the command.
// Plain JavaScript, no dependencies, Node >= 20.20.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { buildIfStale } from './bootstrap/build.js';
import { endChildren, runChild } from './bootstrap/children.js';
import { installIfNeeded } from './bootstrap/install.js';
import { pickNode } from './bootstrap/node-version.js';
import { watchParent } from './bootstrap/parent-watch.js';
import { Failure } from './bootstrap/failure.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The commands. `build`: 'stale' builds first when something changed, 'always' builds. `script` runs afterwards with
 * the rest of the command line appended to `args`. `quietEnd`: it runs until it is told to end, so that is a success.
 * @type {Record<string, { build?: 'stale' | 'always', script?: string, args?: string[], quietEnd?: boolean }>}
 */
const commands = {
	start: { build: 'stale', script: 'src/host/main.ts', quietEnd: true },
	simulator: { script: 'src/host/main.ts', args: ['--simulator-only'], quietEnd: true },
	dev: { script: 'src/host/dev.ts', quietEnd: true },
	build: { build: 'always' },
	test: { script: 'tests/run/main.ts', args: ['test'] },
	check: { script: 'tests/run/main.ts', args: ['check'] },
	bench: { script: 'tests/bench/main.ts' },
	schemas: { script: 'tests/schemas/generate.ts' },
	screenshots: { build: 'stale', script: 'tests/screenshots/main.ts' },
	notices: { script: 'src/host/notices.js' }
};

async function main() {
	const [name = '', ...rest] = process.argv.slice(2);
	const command = commands[name];
	if (!command) throw new Failure(`There is no command '${name}'. Commands: ${Object.keys(commands).join(', ')}.`);
	if (command.script && !existsSync(path.join(root, command.script))) {
		throw new Failure(`'${name}' runs ${command.script}, which is not in this checkout.`);
	}
	await installIfNeeded(root);
	const node = pickNode(root);
	if (command.build) await buildIfStale(root, node, { always: command.build === 'always' });
	if (!command.script) return 0;
	const args = [path.join(root, command.script), ...(command.args ?? []), ...rest];
	const result = await runChild(node, args, { root, node, channel: true });
	return command.quietEnd && result.stopped ? 0 : result.code;
}

watchParent();
main().then(
	(code) => process.exit(code),
	async (error) => {
		console.error(error instanceof Failure ? `\n${error.message}` : error);
		await endChildren();
		process.exit(1);
	}
);
