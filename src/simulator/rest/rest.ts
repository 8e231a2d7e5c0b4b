/** The REST half of the API, as far as Realtime clients use it: client secrets, the list of models, and errors. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SECRET_LIFETIME_S } from '#simulator/auth/client-secrets.ts';
import type { ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { checkCredentials, readKey } from '#simulator/auth/credentials.ts';
import { fail, notFound, succeed } from '#simulator/rest/answers.ts';
import type { Answer } from '#simulator/rest/answers.ts';
import { listModels, retrieveModel } from '#simulator/rest/models.ts';
import { readJsonBody } from '#simulator/rest/request-body.ts';
import { serve } from '#simulator/rest/serve.ts';
import { invalidRequest, missingParameter, nameType } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { checkShape, isJsonObject, object, oneOf } from '#simulator/session/shapes.ts';
import type { JsonObject, Shape } from '#simulator/session/shapes.ts';

/** Settings made of what a client asks for, or what is wrong with it. Paths in errors begin with `session`. */
export type Configure<Config> = (session: JsonObject | undefined) => { config: Config } | { error: ApiError };

/** `Config` is whatever a session is configured with: the API only hands it on. */
export interface RestOptions<Config> {
	secrets: ClientSecrets<Config>;
	/** For /v1/realtime/client_secrets. */
	configure: Configure<Config>;
	/** For /v1/realtime/translations/client_secrets. Without it there is no such address. */
	configureTranslation?: Configure<Config>;
	/** The session object that shows settings, with keys in the order of the API. */
	describe: (config: Config, id: string, expiresAtS: number) => JsonObject;
	/** Makes an id of a kind: `sess` gives `sess_...`. */
	newId: (kind: string) => string;
	nowMs: () => number;
	/** The only key that is accepted, besides client secrets. Without it any key is, and none. */
	requiredKey?: string;
	/** Told what failed on our side, one line each. No key is in it. */
	log?: (line: string) => void;
}

export interface Rest {
	/**
	 * Answers a request for a path under /v1 and returns true; leaves others alone and returns false. The answer comes
	 * later, when the body has been read; a failure of ours is answered with 500.
	 */
	handle: (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;
}

interface Route {
	method: 'GET' | 'POST';
	/** Whether the short-lived keys of browsers may use it. */
	isForClientSecrets: boolean;
	/** `'gone'` when nobody is there to be answered. */
	answer: (request: IncomingMessage) => Promise<Answer | 'gone'> | Answer;
}

export function createRest<Config>(options: RestOptions<Config>): Rest {
	const { nowMs, log = () => {} } = options;
	return {
		handle: (request, response, url) => {
			if (!/^\/v1(\/|$)/.test(url.pathname)) return false;
			const served = { path: url.pathname, nowMs, log, failure: serverError };
			serve(request, response, served, () => answerRequest(request, url, options));
			return true;
		}
	};
}

/** In the order of the service: an unknown address first, then the method, then the key, then the body. */
async function answerRequest<Config>(
	request: IncomingMessage,
	{ pathname }: URL,
	options: RestOptions<Config>
): Promise<Answer | 'gone'> {
	const { method = 'GET' } = request;
	const route = findRoute(pathname, options);
	if (!route) return notFound(method, pathname);
	if (method !== route.method && !(method === 'HEAD' && route.method === 'GET')) {
		return { ...fail(405, wrongMethod(method, pathname, route.method)), headers: { Allow: route.method } };
	}
	const { requiredKey, secrets, nowMs } = options;
	const credentials = checkCredentials({ key: readKey(request), requiredKey, secrets, nowMs: nowMs() });
	if (!credentials.isGood) return fail(401, credentials.error);
	if (credentials.secret && !route.isForClientSecrets) return fail(403, notWithClientSecret());
	return route.answer(request);
}

function findRoute<Config>(pathname: string, options: RestOptions<Config>): Route | undefined {
	const { configure, configureTranslation } = options;
	if (pathname === '/v1/realtime/client_secrets') return secretRoute(configure, options);
	if (pathname === '/v1/realtime/translations/client_secrets' && configureTranslation) {
		// Source: openai 7.55 types, where only this one has to have a session.
		const required: Configure<Config> = (session) =>
			session === undefined ? { error: missingParameter('session') } : configureTranslation(session);
		return secretRoute(required, options);
	}
	if (pathname === '/v1/models') return { method: 'GET', isForClientSecrets: true, answer: listModels };
	const model = /^\/v1\/models\/([^/]+)$/.exec(pathname)?.[1];
	if (model === undefined) return undefined;
	return { method: 'GET', isForClientSecrets: true, answer: () => retrieveModel(decodeOrKeep(model)) };
}

function decodeOrKeep(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

// --- Client secrets -------------------------------------------------------------------------------------------------

const { min, max } = SECRET_LIFETIME_S;

/** Source: openai 7.55 types (ClientSecretCreateParams). What is in `session` is checked where it is merged. */
const secretShape: Shape = object({
	expires_after: object({ anchor: oneOf('created_at'), seconds: { kind: 'integer', min, max } }),
	session: { kind: 'object', fields: {}, required: [], isOpen: true }
});

function secretRoute<Config>(configure: Configure<Config>, options: RestOptions<Config>): Route {
	return {
		method: 'POST',
		isForClientSecrets: false,
		answer: async (request) => {
			const body = await readJsonBody(request);
			if (body === 'gone') return 'gone';
			return 'refusal' in body ? body.refusal : createSecret(body.value ?? {}, configure, options);
		}
	};
}

function createSecret<Config>(body: unknown, configure: Configure<Config>, options: RestOptions<Config>): Answer {
	if (!isJsonObject(body)) return fail(400, notAnObject(body));
	const fault = checkShape(secretShape, body, '');
	if (fault) return fail(400, fault);
	const configured = configure(body['session'] as JsonObject | undefined);
	if ('error' in configured) return fail(400, configured.error);
	const expiresAfter = (body['expires_after'] ?? {}) as { seconds?: number };
	const { config } = configured;
	const { value, expiresAtS } = options.secrets.mint(
		config,
		expiresAfter.seconds ?? SECRET_LIFETIME_S.default,
		options.nowMs()
	);
	// Source: three recorded answers; the session has no end yet, which they show as 0.
	return succeed({ value, expires_at: expiresAtS, session: options.describe(config, options.newId('sess'), 0) });
}

// --- Errors ---------------------------------------------------------------------------------------------------------

/** Ours. */
function notAnObject(body: unknown): ApiError {
	return invalidRequest('invalid_type', `Invalid body: expected an object, but got ${nameType(body)} instead.`);
}

/** Ours. */
function wrongMethod(method: string, pathname: string, allowed: string): ApiError {
	return invalidRequest('method_not_supported', `Not allowed to ${method} on ${pathname}. Use ${allowed}.`);
}

/** Ours: who holds a short-lived key could otherwise make it last for ever. */
function notWithClientSecret(): ApiError {
	return invalidRequest(
		'insufficient_permissions',
		'A client secret (ek_...) cannot create another one. Use the API key of your server.'
	);
}

/** The sentence is the service's; source: public issue threads. */
function serverError(): ApiError {
	const message = 'The server had an error while processing your request. Sorry about that!';
	return { type: 'server_error', code: null, message, param: null };
}
