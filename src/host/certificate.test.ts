import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultHomeDirectory, openCertificate } from './certificate.ts';

const DAY_MS = 86_400_000;
let home: string;

beforeEach(async () => {
	home = path.join(await mkdtemp(path.join(tmpdir(), 'earshot-certificate-')), 'home');
});
afterEach(() => rm(path.dirname(home), { recursive: true, force: true }));

test('is made once, for loopback only, and is no authority', async () => {
	const certificate = await openCertificate(home);
	expect(await openCertificate(home)).toEqual(certificate);
	const parsed = new X509Certificate(certificate.cert);
	expect(parsed.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
	expect(parsed.ca).toBe(false);
	expect(parsed.checkHost('localhost')).toBe('localhost');
	expect(parsed.checkHost('example.com')).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('keeps the key to the person, and hands out a file without it', async () => {
	const certificate = await openCertificate(home);
	expect(await readFile(certificate.path, 'utf8')).toBe(`${certificate.cert}\n`);
	const withKey = [];
	for (const name of await readdir(home)) {
		const file = path.join(home, name);
		if (!(await readFile(file, 'utf8')).includes('PRIVATE KEY')) continue;
		withKey.push(name);
		expect((await stat(file)).mode & 0o777).toBe(0o600);
	}
	expect(withKey).toEqual(['localhost-key-and-certificate.pem']);
	expect((await stat(home)).mode & 0o777).toBe(0o700);
});

test('is renewed before it ends, when it is not valid yet, and when it is damaged', async () => {
	const now = Date.now();
	const first = await openCertificate(home, now);
	expect(await openCertificate(home, now + 360 * DAY_MS)).toEqual(first);
	const second = await openCertificate(home, now + 370 * DAY_MS);
	expect(second.cert).not.toBe(first.cert);
	expect(await readFile(second.path, 'utf8')).toBe(`${second.cert}\n`);
	const third = await openCertificate(home, now);
	expect(third.cert).not.toBe(second.cert);

	const pair = path.join(home, 'localhost-key-and-certificate.pem');
	const foreignKey = second.key;
	for (const damage of ['', 'nonsense', `${foreignKey}\n${third.cert}`, third.cert]) {
		await writeFile(pair, damage);
		const repaired = await openCertificate(home, now);
		expect(new X509Certificate(repaired.cert).validTo).toBeTruthy();
		expect(repaired.cert).not.toBe(third.cert);
	}
});

test('two that start together agree in the end', async () => {
	await Promise.all([openCertificate(home), openCertificate(home)]);
	const { cert } = await openCertificate(home);
	expect(await openCertificate(home)).toMatchObject({ cert });
});

test('says where it cannot write', async () => {
	await writeFile(path.join(path.dirname(home), 'file'), '');
	const impossible = path.join(path.dirname(home), 'file', 'home');
	await expect(openCertificate(impossible)).rejects.toThrow(/cannot be written to .*home.*Set EARSHOT_HOME/);
});

test('EARSHOT_HOME names the folder', () => {
	expect(defaultHomeDirectory({ EARSHOT_HOME: '/x/y' })).toBe(path.resolve('/x/y'));
	expect(defaultHomeDirectory({})).toMatch(/\.earshot$/);
});
