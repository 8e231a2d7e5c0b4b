// The program behind `npm run dev`: Vite with the host's guard and simulator mounted, ended as the host is.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { Failure } from './bootstrap/failure.js';
import { DEV_FLAGS_VARIABLE, isLoopback, loadEnvironment, parseCommandLine, usage } from './command-line.ts';
import { onEnd } from './on-end.ts';
import { explainListenError } from './host.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

async function main(): Promise<void> {
	loadEnvironment(`${root}.env`);
	const { port, hostname, open, help } = parseCommandLine(process.argv.slice(2), process.env);
	if (help) return console.log(usage);
	// Vite loads its configuration, and the plugin in it, as a program of its own: it cannot be handed anything else.
	process.env[DEV_FLAGS_VARIABLE] = JSON.stringify(process.argv.slice(2));
	const canOpen = open && process.stdout.isTTY && !process.env.CI;
	const server = await createServer({ server: { port, host: hostname, open: canOpen } });
	onEnd(() => server.close());
	await server.listen().catch((error: unknown) => {
		// Vite rewrites a taken port into a message without a code.
		const taken = /already in use/.test((error as Error).message);
		throw explainListenError(
			taken ? Object.assign(error as Error, { code: 'EADDRINUSE' }) : (error as Error),
			port,
			hostname
		);
	});
	if (!isLoopback(hostname)) {
		console.warn(`Warning: bound to ${hostname}, so other machines on your network can use this server.`);
	}
	const url = server.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? `http://${hostname}:${port}`;
	console.log(
		`\n  Earshot (development)   ${url}\n  export OPENAI_BASE_URL=${url}/v1   (without TLS: only \`npm start\` has that)\n`
	);
	process.send?.({ type: 'listening', url, port: Number(new URL(url).port) });
}

main().catch((error: unknown) => {
	console.error(error instanceof Failure ? `\n${error.message}` : error);
	process.exit(1);
});
