/** The `openai` client, pointed at a stage's server and kept from everything else in the environment. */
import OpenAI from 'openai';
import { isObject, objectAt, stringAt } from '#core/base/json.ts';
import type { Endpoint } from '#simulator/cascade/cascade-config.ts';

/** Why a server said no, in its own words: OpenAI's `error.message`, or what other servers have in its place. */
function reasonIn(body: string): string {
	let value: unknown;
	try {
		value = JSON.parse(body);
	} catch {
		return body;
	}
	const known = [
		stringAt(objectAt(value, 'error'), 'message'),
		...['error', 'message', 'detail'].map((name) => stringAt(value, name))
	];
	return (
		known.find((text) => text !== undefined) ?? JSON.stringify(isObject(value) ? (value['detail'] ?? value) : value)
	);
}

/** The client reads the reason from OpenAI's form only. */
async function inOpenAiForm(response: Response): Promise<Response> {
	const message = reasonIn(await response.text());
	return Response.json({ error: { message } }, { status: response.status });
}

/**
 * Sends what a stage needs and nothing else: the client would add a description of this machine, and what the variables
 * `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID` and `OPENAI_CUSTOM_HEADERS` hold for another server. A redirect is an answer: the
 * words of a conversation go only where the configuration says.
 */
function fetchFor(key: string): typeof fetch {
	return async (input, init) => {
		const given = new Headers(init?.headers);
		const headers = new Headers({ authorization: `Bearer ${key}`, 'user-agent': 'earshot' });
		for (const name of ['accept', 'content-type']) {
			const value = given.get(name);
			if (value !== null) headers.set(name, value);
		}
		const response = await fetch(input, { ...init, headers, redirect: 'manual' });
		return response.ok || response.status === 304 ? response : inOpenAiForm(response);
	};
}

/** A client for one endpoint. It does not try again, logs nothing, and leaves time limits to the caller. */
export function createEndpointClient(endpoint: Endpoint): OpenAI {
	// Servers without keys get a word in its place: some refuse a request without the header.
	const apiKey = endpoint.key ?? 'none';
	return new OpenAI({
		baseURL: endpoint.baseUrl,
		defaultQuery: endpoint.query,
		apiKey,
		adminAPIKey: null,
		organization: null,
		project: null,
		webhookSecret: null,
		maxRetries: 0,
		logLevel: 'off',
		fetch: fetchFor(apiKey)
	});
}
