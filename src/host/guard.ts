// Who may talk to this host. It listens on loopback, but every page in the person's browser can reach loopback too:
// - a page whose name was rebound to 127.0.0.1 sends its own name as Host, and an Origin that equals it. So Host is
//   compared with a fixed list on every request, and Origin with a fixed list, never with Host;
// - any page can open a WebSocket to us or post to us. Browsers then send its Origin, which is not on the list.
// A person who develops a browser app on another origin can let that origin in, to the simulator only: the site, with
// its recordings, and the relay, with its keys, stay closed to it.
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

export interface GuardOptions {
	/** The port that the host really listens on. */
	port: number;
	/** The address it was asked to bind to, as typed: the only name accepted besides loopback. */
	hostname: string;
	/** Origins of browser apps that may use the simulator, as `parseAllowedOrigin` gives them. Default none. */
	allowedOrigins?: readonly string[];
}

export function createGuard({ port, hostname, allowedOrigins = [] }: GuardOptions): Guard {
	const authorities = listAuthorities(port, hostname);
	const origins = new Set([...authorities].flatMap((authority) => [`http://${authority}`, `https://${authority}`]));
	const guests = new Set(allowedOrigins);
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
			// Browsers name the Origin on every request across origins that a page may read the answer of.
			if (otherOrigin !== undefined && guests.has(otherOrigin.toLowerCase()) && isSimulatorPath(url)) return undefined;
			const isForeign = isFromOtherSite(request) && (writes || !isPageVisit(request));
			if (isForeign || (writes && otherOrigin !== undefined)) return forbid(explainOrigin(otherOrigin, url));
			return undefined;
		}
	};
}

function forbid(reason: string): Refusal {
	return { status: 403, reason };
}

/** For people who build a browser app of their own: what was refused, what would be let in, and how to let it in. */
function explainOrigin(origin: string | undefined, url: string): string {
	// Quoted only when it looks like one: the answer is no place for a client's own words.
	const isPlain = origin !== undefined && /^(null|[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]{1,100})$/i.test(origin);
	const who = `Refused: a page of ${isPlain ? `the origin ${origin}` : 'another origin'}.`;
	const isAllowable = isPlain && isSimulatorPath(url) && 'origin' in parseAllowedOrigin(origin);
	const remedy = isAllowable ? ' To let it use the simulator, start Earshot with --allow-origin and this origin.' : '';
	return `${who} From a browser only Earshot's own pages may connect.${remedy} Server-side clients may, too: they send no Origin header.`;
}

/**
 * Checks what a person wants to let in, and gives it as browsers send it: `http://LOCALHOST:80/` is `http://localhost`.
 * The error says what is wrong with it and what to write instead.
 */
export function parseAllowedOrigin(text: string): { origin: string } | { error: string } {
	const refuse = (why: string) => ({ error: `'${text}' cannot be allowed as an origin: ${why}` });
	if (text === '*') {
		return refuse('every page that you open could then use the simulator. Name the origin of your app instead.');
	}
	if (text === 'null') {
		return refuse(
			'it stands for all pages without an origin, such as files and sandboxed frames. Serve your page over HTTP.'
		);
	}
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url?.host || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
		return refuse('write scheme and host, such as http://localhost:3000.');
	}
	// Not quoted: it may hold a password.
	if (url.username || url.password) return { error: 'An origin to allow cannot have a user name or a password.' };
	if (url.host.includes('*')) return refuse('there are no wildcards. Name each origin on its own.');
	if (!/^\/?$/.test(url.pathname) || url.search || url.hash || /[?#]/.test(text)) {
		return refuse('an origin has no path. Write scheme, host and port only, such as http://localhost:3000.');
	}
	// Apps in a shell have origins of schemes that the URL standard gives none: `capacitor://localhost`.
	return { origin: url.origin === 'null' ? `${url.protocol}//${url.host}`.toLowerCase() : url.origin };
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

/**
 * Whether it is the simulator that will answer. Twice: as it was sent, and as the simulator reads it, because
 * `/v1/../index.html` begins like one of its paths and is a page of the site.
 */
function isSimulatorPath(url: string): boolean {
	const isBelowV1 = (path: string) => /^\/v1(\/|\?|$)/.test(path);
	return (
		isBelowV1(url) && URL.canParse(url, 'http://localhost') && isBelowV1(new URL(url, 'http://localhost').pathname)
	);
}

/** Whether a path belongs to an API of ours and not to the site. */
export function isApiPath(url: string): boolean {
	return /^\/(v1|relay)(\/|\?|$)/.test(url);
}

/** Sets the headers that every answer carries. The page's own policy for scripts is in its HTML, with their hashes. */
export function setSecurityHeaders(response: ServerResponse): void {
	for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
}

/** The page whose frame runs the scripts of tool mocks. The rest of its policy is in its HTML. */
export const SANDBOX_PAGE = '/tool-sandbox.html';

/** Our own pages may frame it, and opened by itself it is shut in all the same. */
export const POLICY_OF_SANDBOX_PAGE = "sandbox allow-scripts; frame-ancestors 'self'";

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
