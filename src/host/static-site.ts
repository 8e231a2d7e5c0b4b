// Serves the built site. Every file of it was written by the build, with its compressed forms beside it.
import { readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import sirv from 'sirv';
import { POLICY_OF_SANDBOX_PAGE, SANDBOX_PAGE } from './guard.ts';
import { sendText } from './responses.ts';
import { Failure } from './bootstrap/failure.js';

/** Scripts that run as workers take their policy from their own answer, not from the page. */
const POLICY_FOR_WORKERS =
	"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'";

/** Answers every request it is given. */
export type SiteHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A handler for the site in `directory`. Unknown paths that look like pages get fallback.html, whose script finds out
 * what the path means; everything else unknown is 404.
 * @throws Error when there is no built site in `directory`
 */
export function createStaticSite(directory: string): SiteHandler {
	const indexFile = path.join(directory, 'index.html');
	if (!statSync(indexFile, { throwIfNoEntry: false })) {
		throw new Failure(`There is no built site: ${indexFile} is missing. Build it with: npm run build`);
	}
	let site = openSite(directory);
	let builtMs = statSync(indexFile).mtimeMs;
	return (request, response) => {
		if (request.method !== 'GET' && request.method !== 'HEAD') {
			response.setHeader('Allow', 'GET, HEAD');
			return sendText(response, 405, 'The site can only be read.');
		}
		// A new build while we run has other files, and sizes of the old ones no longer hold.
		const nowBuiltMs = statSync(indexFile, { throwIfNoEntry: false })?.mtimeMs;
		if (nowBuiltMs === undefined) return sendText(response, 503, 'The site is being built. Load the page again.');
		if (nowBuiltMs !== builtMs) [site, builtMs] = [openSite(directory), nowBuiltMs];
		site(request, response);
	};
}

function openSite(directory: string): SiteHandler {
	const fallback = readFileSync(path.join(directory, 'fallback.html'));
	const files = sirv(directory, { etag: true, gzip: true, brotli: true, setHeaders });
	return (request, response) => {
		// sirv sends the head before it opens the file and leaves an error of the file unhandled, which would end us.
		response.on('pipe', (source) => source.on('error', () => response.destroy()));
		// Ranges are optional in HTTP, no file here is worth one, and sirv fails on those that make no sense.
		delete request.headers.range;
		// sirv sets no headers on a 304, and what a 304 says replaces what the browser has kept.
		setPolicy(response, pathOf(request));
		files(request, response, () => {
			if (isPageRequest(request)) sendFallback(request, response, fallback);
			else sendText(response, 404, 'There is nothing at this address.');
		});
	};
}

function setHeaders(response: ServerResponse, pathname: string): void {
	const forever = pathname.startsWith('/_app/immutable/');
	response.setHeader('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
	setPolicy(response, pathname);
}

/** The policies of files that need another than all others. */
function setPolicy(response: ServerResponse, pathname: string): void {
	if (/\.m?js$/.test(pathname)) response.setHeader('Content-Security-Policy', POLICY_FOR_WORKERS);
	if (pathname === SANDBOX_PAGE) response.setHeader('Content-Security-Policy', POLICY_OF_SANDBOX_PAGE);
}

/** Somebody asks for a page (`/recordings/abc`), not for a file that is missing (`/_app/old.js`). */
function isPageRequest(request: IncomingMessage): boolean {
	const pathname = pathOf(request);
	const accepts = request.headers.accept ?? '';
	return !/\.[^/]*$/.test(pathname) && !pathname.startsWith('/_app/') && accepts.includes('text/html');
}

function pathOf(request: IncomingMessage): string {
	return (request.url ?? '/').replace(/[?#].*/s, '');
}

function sendFallback(request: IncomingMessage, response: ServerResponse, html: Buffer): void {
	response.writeHead(200, {
		'Content-Type': 'text/html;charset=utf-8',
		'Content-Length': html.length,
		'Cache-Control': 'no-cache'
	});
	response.end(request.method === 'HEAD' ? undefined : html);
}
