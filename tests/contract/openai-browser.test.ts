/** The browser class of the `openai` package, unchanged, over TLS, in a process that trusts the server's certificate. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import type { BrowserReport } from './openai-browser-client.ts';

const LIMIT = { timeout: 30_000 };
let server: ContractServer;
let folder: string;
let certificatePath: string;

beforeAll(async () => {
	server = await startContractServer({ key: 'sk-right' });
	folder = await mkdtemp(path.join(tmpdir(), 'earshot-contract-'));
	certificatePath = path.join(folder, 'certificate.pem');
	await writeFile(certificatePath, server.certificate);
});
afterAll(async () => {
	await server.dispose();
	await rm(folder, { recursive: true, force: true });
});

async function runClient(apiKey: string): Promise<BrowserReport> {
	const script = path.join(import.meta.dirname, 'openai-browser-client.ts');
	const { stdout } = await promisify(execFile)(process.execPath, [script, server.tlsUrl, apiKey, 'Are you there?'], {
		env: { ...process.env, NODE_EXTRA_CA_CERTS: certificatePath, NODE_OPTIONS: '' },
		timeout: LIMIT.timeout
	});
	const report = JSON.parse(stdout) as BrowserReport;
	const events = new Collector<{ type: string }>();
	for (const event of report.events) events.add(event);
	return report;
}

describe('OpenAIRealtimeWebSocket of openai 7', LIMIT, () => {
	it.each(['a key', 'a client secret'])('connects by subprotocol with %s, and gets an answer', async (kind) => {
		const openai = new OpenAI({ apiKey: 'sk-right', baseURL: server.httpUrl, maxRetries: 0 });
		const apiKey = kind === 'a key' ? 'sk-right' : (await openai.realtime.clientSecrets.create({})).value;
		const { protocol, events, errors, close } = await runClient(apiKey);
		expect(protocol).toBe('realtime');
		expect(errors).toEqual([]);
		const [done] = events.filter((event) => event.type === 'response.output_text.done');
		expect(done?.text).toContain('Are you there?');
		expect(events.at(-1)?.type).toBe('rate_limits.updated');
		expect(close).toEqual({ code: 1000, reason: 'OK' });
	});

	it('is told of a wrong key by an event and a close, which is all that a browser lets it see', async () => {
		const { protocol, events, errors, close } = await runClient('sk-wrong');
		expect(protocol).toBe('realtime');
		expect(events).toMatchObject([{ type: 'error', error: { code: 'invalid_api_key' } }]);
		expect(errors.join()).toContain('Incorrect API key provided');
		expect(close).toEqual({ code: 3000, reason: 'invalid_request_error.invalid_api_key' });
	});
});
