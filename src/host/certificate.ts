// The certificate for TLS on loopback. Clients that only speak wss: (the openai npm package) trust it by
// NODE_EXTRA_CA_CERTS. It is its own issuer and no authority: with it nobody can sign for another name.
import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { Failure } from './bootstrap/failure.js';

const DAY_MS = 86_400_000;
const VALID_DAYS = 397;
const RENEW_DAYS = 30;

/** A key and its certificate, as PEM text, and the file that a client is pointed at. */
export interface Certificate {
	key: string;
	cert: string;
	/** Absolute path of a file that holds the certificate and not the key. */
	path: string;
}

/** Where the host keeps its files: EARSHOT_HOME, or `.earshot` in the person's home folder. */
export function defaultHomeDirectory(env: NodeJS.ProcessEnv = process.env): string {
	return path.resolve(env.EARSHOT_HOME || path.join(homedir(), '.earshot'));
}

/**
 * Reads the certificate from `homeDirectory`, or makes a new one where there is none, where it does not fit its key,
 * or where it ends within 30 days.
 * @throws Error that names the folder when it cannot be written
 */
export async function openCertificate(homeDirectory: string, nowMs: number = Date.now()): Promise<Certificate> {
	// Key and certificate share a file, so that two hosts that start together cannot leave a key of one and a
	// certificate of the other.
	const pairFile = path.join(homeDirectory, 'localhost-key-and-certificate.pem');
	const certificateFile = path.join(homeDirectory, 'localhost-certificate.pem');
	const stored = parsePair(await readOrEmpty(pairFile));
	const pair = stored && isUsable(stored, nowMs) ? stored : await createPair(nowMs);
	try {
		if (pair !== stored) {
			await mkdir(homeDirectory, { recursive: true, mode: 0o700 });
			await replaceFile(pairFile, `${pair.key}\n${pair.cert}\n`, 0o600);
		}
		if ((await readOrEmpty(certificateFile)).trim() !== pair.cert) {
			await replaceFile(certificateFile, `${pair.cert}\n`, 0o644);
		}
	} catch (error) {
		throw new Failure(
			`The local TLS certificate cannot be written to ${homeDirectory} (${(error as Error).message}). ` +
				'Set EARSHOT_HOME to a folder that can be written.',
			{ cause: error }
		);
	}
	return { ...pair, path: certificateFile };
}

interface Pair {
	key: string;
	cert: string;
}

function parsePair(text: string): Pair | undefined {
	const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0];
	const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
	return key && cert ? { key, cert } : undefined;
}

function isUsable({ key, cert }: Pair, nowMs: number): boolean {
	try {
		const parsed = new X509Certificate(cert);
		const from = Date.parse(parsed.validFrom);
		const to = Date.parse(parsed.validTo);
		return from <= nowMs && nowMs < to - RENEW_DAYS * DAY_MS && parsed.checkPrivateKey(createPrivateKey(key));
	} catch {
		return false;
	}
}

async function createPair(nowMs: number): Promise<Pair> {
	const { generate } = await import('selfsigned'); // 100 ms to load, needed once a year
	const pems = await generate([{ name: 'commonName', value: 'Earshot on this machine' }], {
		keyType: 'ec',
		algorithm: 'sha256',
		notBeforeDate: new Date(nowMs - DAY_MS), // a client's clock may be behind ours
		notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
		extensions: [
			{ name: 'basicConstraints', cA: false, critical: true },
			{ name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
			{ name: 'extKeyUsage', serverAuth: true },
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: 'localhost' },
					{ type: 7, ip: '127.0.0.1' },
					{ type: 7, ip: '::1' }
				]
			}
		]
	});
	return { key: pems.private.trim().replaceAll('\r\n', '\n'), cert: pems.cert.trim().replaceAll('\r\n', '\n') };
}

async function readOrEmpty(file: string): Promise<string> {
	return readFile(file, 'utf8').catch(() => '');
}

/** Writes beside the file and moves into place: a reader sees the old text or the new one, never half of it. */
async function replaceFile(file: string, text: string, mode: number): Promise<void> {
	const draft = `${file}.${randomUUID()}`;
	await writeFile(draft, text, { mode });
	await rename(draft, file);
}
