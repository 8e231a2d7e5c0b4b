/** The code that the inspector makes of a client event, run as it stands against the simulator. */
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatEventCode } from '#core/session/event-code.ts';
import { startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const certificate = path.join(tmpdir(), `earshot-event-code-${process.pid}.pem`);
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
	await writeFile(certificate, server.certificate);
});
afterAll(async () => {
	await server.dispose();
	await rm(certificate);
});

/** Runs the code until it prints a line that holds `wanted`. Returns that line. */
async function runUntil(code: string, wanted: string): Promise<string> {
	const child = spawn(process.execPath, ['--input-type=module', '-'], {
		env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate }
	});
	child.stdin.end(code);
	let errors = '';
	child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
	try {
		let text = '';
		for await (const data of child.stdout) {
			text += String(data);
			const line = text
				.split('\n')
				.slice(0, -1)
				.find((one) => one.includes(wanted));
			if (line !== undefined) return line;
		}
		throw new Error(`The code ended without ${wanted}: ${text}${errors}`);
	} finally {
		child.kill();
	}
}

const EVENT = {
	type: 'conversation.item.create',
	event_id: 'event_mine',
	item: {
		id: 'item_mine',
		type: 'message',
		role: 'user',
		content: [{ type: 'input_text', text: 'It\'s "here"\n$home ` \\ ü' }]
	}
};

describe('code of a client event', { timeout: 60_000 }, () => {
	it.each([
		['openai-node', () => server.tlsUrl],
		['agents-sdk', () => server.httpUrl]
	] as const)('%s sends it, and the simulator answers', async (language, baseUrl) => {
		const code = formatEventCode(language, EVENT, { model: 'gpt-realtime', baseUrl: baseUrl() });
		const line = await runUntil(code, '"conversation.item.added"');
		expect(JSON.parse(line)).toMatchObject({ item: { id: 'item_mine', content: EVENT.item.content } });
	});
});
