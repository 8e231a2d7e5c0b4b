// Who may talk to this host. It listens on loopback, but every page in the person's browser can reach loopback too:
// - a page whose name was rebound to 127.0.0.1 sends its own name as Host, and an Origin that equals it. So Host is
//   compared with a fixed list on every request, and Origin with a fixed list, never with Host;
// - any page can open a WebSocket to us or post to us. Browsers then send its Origin, which is not on the list.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { networkInterfaces } from 'node:os';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const WILDCARDS = new Set(['0.0.0.0', '::', '[::]']);
const READS = new Set(['GET', 'HEAD']);

/** What a refused client is told. Plain text, and nothing in it that the client sent but a well-formed Origin. */
export interface Refusal {
	status: 400 | 403;
	reason: string;
}

/** Decides about each request and each upgrade. */
export interface Guard {
	/** The refusal for this request, or undefined when it may pass. */
	check(request: IncomingMessage, kind?: 'request' | 'upgrade'): Refusal | undefined;
}

/**
 * @param options.port the port that the host really listens on
 * @param options.hostname the address it was asked to bind to, as typed: the only name accepted besides loopback
 */
export function createGuard(options: { port: number; hostname: string }): Guard {
	const authorities = listAuthorities(options.port, options.hostname);
	const origins = new Set([...authorities].flatMap((authority) => [`http://${authority}`, `https://${authority}`]));
	return {
		check(request, kind = 'request') {
			const url = request.url ?? '';
			// A proxy's request form (`GET http://elsewhere/`) names a second host that nobody compared.
			if (!url.startsWith('/')) return { status: 400, reason: 'The request target has to begin with a slash.' };
			const hosts = headerValues(request, 'host');
			if (hosts.length !== 1 || !authorities.has(normaliseHost(hosts[0] ?? ''))) {
				return forbid('The Host header does not name this server. Use its address as printed at the start.');
			}
			const writes = kind === 'upgrade' || !READS.has(request.method ?? '');
			const sentOrigins = headerValues(request, 'origin');
			const otherOrigin = sentOrigins.find((origin) => !origins.has(origin.toLowerCase()));
			if (sentOrigins.length > 1) return forbid('The request has more than one Origin header.');
			const isForeign = isFromOtherSite(request) && (writes || !isPageVisit(request));
			if (isForeign || (writes && otherOrigin !== undefined)) return forbid(explainOrigin(otherOrigin));
			return undefined;
		}
	};
}

function forbid(reason: string): Refusal {
	return { status: 403, reason };
}

/** For people who build a browser app of their own: what was refused, and what would be let in. */
function explainOrigin(origin: string | undefined): string {
	// Quoted only when it looks like one: the answer is no place for a client's own words.
	const isPlain = origin !== undefined && /^(null|[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]{1,100})$/i.test(origin);
	return (
		`Refused: a page of ${isPlain ? `the origin ${origin}` : 'another origin'}. From a browser only Earshot's own pages ` +
		'may connect. Server-side clients may, too: they send no Origin header.'
	);
}

/** Every spelling of Host that names us, normalised. */
function listAuthorities(port: number, hostname: string): Set<string> {
	const asked = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
	const names = [...LOOPBACK_NAMES, asked.toLowerCase()];
	if (WILDCARDS.has(hostname)) {
		// Listening everywhere was asked for. Addresses cannot be rebound, names can: so no names but loopback's.
		for (const { address, family } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
			names.push(family === 'IPv6' ? `[${address.toLowerCase()}]` : address);
		}
	}
	const authorities = new Set(names.map((name) => `${name}:${port}`));
	// Clients leave out the port that their scheme implies.
	if (port === 80 || port === 443) for (const name of names) authorities.add(name);
	return authorities;
}

/** Lower case, and without the dot that may end a full domain name. */
function normaliseHost(host: string): string {
	return host.toLowerCase().replace(/^([^[\]:]+?)\.(?=:|$)/, '$1');
}

/** All values of a header. Node's `headers` keeps only the first Host, and the second could be what a proxy obeys. */
function headerValues(request: IncomingMessage, name: string): string[] {
	const values: string[] = [];
	for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
		if (request.rawHeaders[i]?.toLowerCase() === name) values.push(request.rawHeaders[i + 1] ?? '');
	}
	return values;
}

/** Browsers say so themselves, also where they send no Origin. Another port on this machine is another site to us. */
function isFromOtherSite(request: IncomingMessage): boolean {
	return headerValues(request, 'sec-fetch-site').some((site) => site === 'cross-site' || site === 'same-site');
}

/** A person followed a link to a page of ours, say from an issue to the recording it is about. */
function isPageVisit(request: IncomingMessage): boolean {
	const { headers, url = '' } = request;
	return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document' && !isApiPath(url);
}

/** Whether a path belongs to an API of ours and not to the site. */
export function isApiPath(url: string): boolean {
	return /^\/(v1|relay)(\/|\?|$)/.test(url);
}

/** Sets the headers that every answer carries. The page's own policy for scripts is in its HTML, with their hashes. */
export function setSecurityHeaders(response: ServerResponse): void {
	for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
}

/** In order: who may frame us, isolation (which also gives the page a SharedArrayBuffer), sniffing, referrer, devices. */
export const securityHeaders: Readonly<Record<string, string>> = {
	'Content-Security-Policy': "frame-ancestors 'none'",
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'Permissions-Policy': 'microphone=(self), camera=(), geolocation=(), payment=(), usb=()'
};
