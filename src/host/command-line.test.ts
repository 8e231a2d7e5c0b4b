import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isLoopback, loadEnvironment, parseCommandLine } from './command-line.ts';

test('a flag wins over the environment, and that over the default', () => {
	const env = { EARSHOT_PORT: '5000', EARSHOT_HOST: 'localhost' };
	expect(parseCommandLine([], {})).toEqual({
		port: 4600,
		hostname: '127.0.0.1',
		allowedOrigins: [],
		open: true,
		simulatorOnly: false,
		help: false,
		simulator: {}
	});
	expect(parseCommandLine([], env)).toMatchObject({ port: 5000, hostname: 'localhost' });
	const flags = ['--port', '0', '--host=::1', '--no-open'];
	expect(parseCommandLine(flags, env)).toMatchObject({ port: 0, hostname: '::1', open: false });
	expect(parseCommandLine([], { EARSHOT_PORT: '' })).toMatchObject({ port: 4600 });
});

test('what is for the simulator is passed on', () => {
	const flags = ['--scenario', 'a.json', '--seed', 'x', '--latency-ms', '12.5', '--key', 'sk-a', '--faults', '{"a":1}'];
	expect(parseCommandLine(flags, {}).simulator).toEqual({
		scenario: 'a.json',
		seed: 'x',
		latencyMs: 12.5,
		key: 'sk-a',
		faults: '{"a":1}'
	});
});

test('the key of the simulator comes from the flag, or from the environment', () => {
	const env = { EARSHOT_SIMULATOR_KEY: 'sk-env' };
	expect(parseCommandLine([], env).simulator).toEqual({ key: 'sk-env' });
	expect(parseCommandLine(['--key', 'sk-flag'], env).simulator).toEqual({ key: 'sk-flag' });
	expect(parseCommandLine([], { EARSHOT_SIMULATOR_KEY: '' }).simulator).toEqual({});
});

test('a key that no header can carry is refused, and not said back', () => {
	for (const key of ['', 'se cret', 'secret\n', 'sécret', 'secret,x']) {
		expect(() => parseCommandLine([`--key=${key}`], {}), key).toThrow(/^The key has to be(?!.*s.cret)[^]*Usage/);
	}
});

test('origins come from flags, or from the environment', () => {
	const env = { EARSHOT_ALLOW_ORIGIN: ' http://localhost:3000/, HTTPS://app.test:443 ,' };
	expect(parseCommandLine([], env).allowedOrigins).toEqual(['http://localhost:3000', 'https://app.test']);
	const flags = ['--allow-origin', 'http://a.test', '--allow-origin=http://b.test:80'];
	expect(parseCommandLine(flags, env).allowedOrigins).toEqual(['http://a.test', 'http://b.test']);
	expect(() => parseCommandLine([], { EARSHOT_ALLOW_ORIGIN: 'http://a.test,*' })).toThrow(/'\*' cannot be allowed/);
});

test.each([
	['--latency-ms', 'soon'],
	['--allow-origin', '*'],
	['--allow-origin', 'null'],
	['--allow-origin', 'http://a.test/app'],
	['--allow-origin', 'http://a.test,http://b.test'],
	['--key'],
	['--faults'],
	['--host='],
	['--port', 'http'],
	['--port', '65536'],
	['--port', '-1'],
	['--port=1.5'],
	['--speed'],
	['7000']
])('refuses %s %s and explains itself', (...args) => {
	expect(() => parseCommandLine(args, {})).toThrow(/Usage: npm start/);
});

test('`.env` does not override what is set', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'earshot-env-'));
	const file = path.join(folder, '.env');
	await writeFile(file, 'EARSHOT_TEST_A=file\nEARSHOT_TEST_B=file\n');
	process.env.EARSHOT_TEST_A = 'set';
	loadEnvironment(path.join(folder, 'none'));
	loadEnvironment(file);
	expect([process.env.EARSHOT_TEST_A, process.env.EARSHOT_TEST_B]).toEqual(['set', 'file']);
	delete process.env.EARSHOT_TEST_A;
	delete process.env.EARSHOT_TEST_B;
	await rm(folder, { recursive: true });
});

test('knows which addresses only this machine reaches', () => {
	expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'].map(isLoopback)).not.toContain(false);
	expect(['0.0.0.0', '::', '192.168.0.2', '127.0.0.1.evil.test', 'box.lan'].map(isLoopback)).not.toContain(true);
});
