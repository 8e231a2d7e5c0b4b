/** Where a tool of type `mcp` points: its address and headers, checked. */
import { httpCodes, httpError } from '#simulator/mcp/mcp-failure.ts';
import type { McpCallError, McpServerConfig } from '#simulator/session/ports.ts';

export interface McpTarget {
	url: URL;
	/** What is sent with every request. */
	headers: Headers;
	/** The same for the same server, credentials and headers. It holds them: not to be shown. */
	key: string;
	/** What must not be in a message, longest first. */
	secrets: readonly string[];
}

/** Shorter ones are not searched for in messages: `1` or `en` would be struck out everywhere. */
const MIN_SECRET_LENGTH = 4;

/** Checks a server's configuration, or says what is wrong with it without repeating it. */
export function parseTarget(
	{ server_url, authorization, headers: given = {} }: McpServerConfig,
	isAllowed: (url: URL) => boolean
): { target: McpTarget } | { error: McpCallError } {
	const refuse = (message: string, code = httpCodes.badRequest) => ({ error: httpError(code, message) });
	if (!URL.canParse(server_url)) return refuse("The 'server_url' of the MCP server is not a URL.");
	const url = new URL(server_url);
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		return refuse("The 'server_url' of the MCP server has to begin with http:// or https://.");
	}
	if (url.username !== '' || url.password !== '') {
		return refuse(
			"The 'server_url' of the MCP server must not have a user name or a password. Use 'authorization' or 'headers'."
		);
	}
	if (!isAllowed(url)) {
		return refuse(`This simulator was told not to reach MCP servers at ${url.origin}.`, httpCodes.refused);
	}
	url.hash = '';
	const headers = new Headers();
	// Last, so that it wins over a header of that name.
	const all = [
		...Object.entries(given),
		...(authorization ? [['Authorization', withScheme(authorization)] as const] : [])
	];
	for (const [name, value] of all) {
		try {
			headers.set(name, value);
		} catch {
			const where = name === 'Authorization' && authorization ? "'authorization'" : `header ${JSON.stringify(name)}`;
			return refuse(`The ${where} of the MCP server is not a name and a value that HTTP can carry.`);
		}
	}
	const key = JSON.stringify([url.href, [...headers]]);
	return { target: { url, headers, key, secrets: listSecrets(url, headers) } };
}

/** A bare token is a bearer token. Source: openai 7.55 types (an OAuth access token). */
function withScheme(authorization: string): string {
	return /^\S+\s+\S/.test(authorization) ? authorization : `Bearer ${authorization}`;
}

function listSecrets(url: URL, headers: Headers): string[] {
	const values = [...headers.values()].flatMap((value) => [value, ...value.split(' ').slice(1)]);
	const secrets = [...values, url.search.slice(1), ...url.searchParams.values()];
	return [...new Set(secrets)].filter(({ length }) => length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length);
}
