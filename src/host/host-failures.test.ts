// A host that cannot start leaves nothing behind: a simulator has workers, which keep the process alive.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startHost } from './host.ts';
import { openSimulator } from './simulator.ts';

const simulator = { handleUpgrade: () => false, handleRequest: () => false, dispose: vi.fn(async () => {}) };
vi.mock('./simulator.ts', () => ({ openSimulator: vi.fn(async () => simulator) }));

let folder: string;
beforeEach(async () => {
	vi.clearAllMocks();
	folder = await mkdtemp(path.join(tmpdir(), 'earshot-failures-'));
});
afterEach(() => rm(folder, { recursive: true }));

const simulatorsLeft = () => vi.mocked(openSimulator).mock.calls.length - simulator.dispose.mock.calls.length;

test('no built site', async () => {
	const starting = startHost({ port: 0, homeDirectory: folder, siteDirectory: path.join(folder, 'build') });
	await expect(starting).rejects.toThrow(/There is no built site/);
	expect(simulatorsLeft()).toBe(0);
});

test('no place for the certificate', async () => {
	const file = path.join(folder, 'file');
	await writeFile(file, '');
	await expect(startHost({ port: 0, homeDirectory: path.join(file, 'home') })).rejects.toThrow(/cannot be written/);
	expect(simulatorsLeft()).toBe(0);
});

test('a taken port', async () => {
	const blocker = net.createServer().listen(0, '127.0.0.1');
	await once(blocker, 'listening');
	const { port } = blocker.address() as AddressInfo;
	await expect(startHost({ port, homeDirectory: folder })).rejects.toThrow(/is taken/);
	blocker.close();
	expect(simulatorsLeft()).toBe(0);
});

test('dispose frees the port also when the simulator fails to end', async () => {
	const host = await startHost({ port: 0, homeDirectory: folder });
	simulator.dispose.mockRejectedValueOnce(new Error('stuck'));
	await expect(host.dispose()).rejects.toThrow('stuck');
	await expect(fetch(host.url)).rejects.toThrow();
});
