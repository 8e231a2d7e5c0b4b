/** Over real sockets. The `openai` package has its own test among the contract tests. */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { configureSession } from '#simulator/session/session-config.ts';
import type { SessionConfig } from '#simulator/session/session-config.ts';
import { NOW_MS, PATH, startRest } from './testing/rest-server.ts';

const KEY = 'sk-proj-0123456789abcdefAAAA';

/** What a secret was made for, or undefined. */
function configOf(secrets: ClientSecrets<SessionConfig>, value: string): SessionConfig | undefined {
	const use = secrets.use(value, NOW_MS);
	return use.kind === 'found' ? use.secret.config : undefined;
}

interface SecretBody {
	value: string;
	expires_at: number;
	session: Record<string, unknown>;
}

describe('client secrets', () => {
	test('a realtime session, byte for byte as it was recorded', async () => {
		const { post, secrets } = await startRest();
		const session = { type: 'realtime', model: 'gpt-realtime', instructions: 'You are a friendly assistant.' };
		const response = await post({ expires_after: { anchor: 'created_at', seconds: 600 }, session });
		expect(response.status).toBe(200);
		const text = await response.text();
		const body = JSON.parse(text) as SecretBody;
		expect(Object.keys(body)).toEqual(['value', 'expires_at', 'session']);
		expect(body.value).toMatch(/^ek_[0-9a-f]{32}$/);
		expect(body.expires_at).toBe(1_790_000_600);
		expect(body.session).toMatchObject({ ...session, object: 'realtime.session', expires_at: 0 });
		expect(body.session['id']).toMatch(/^sess_[0-9A-Za-z]{21}$/);
		// The recorded answer has 1148 bytes; its `1.0` is our `1`.
		expect(Buffer.byteLength(text)).toBe(1148 - '.0'.length);
		expect(configOf(secrets, body.value)).toMatchObject(session);
	});

	test('a transcription session, byte for byte as it was recorded', async () => {
		const { post, secrets } = await startRest();
		const response = await post({
			expires_after: { anchor: 'created_at', seconds: 600 },
			session: { type: 'transcription' }
		});
		const text = await response.text();
		expect(Buffer.byteLength(text)).toBe(661);
		const body = JSON.parse(text) as SecretBody;
		expect(body.session).toMatchObject({ object: 'realtime.transcription_session', expires_at: 0 });
		expect(configOf(secrets, body.value)?.type).toBe('transcription');
	});

	test('the headers are those of the service', async () => {
		const { post } = await startRest();
		const { headers } = await post({});
		expect(headers.get('content-type')).toBe('application/json');
		expect(headers.get('openai-version')).toBe('2020-10-01');
		expect(headers.get('openai-processing-ms')).toMatch(/^\d+$/);
		expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
	});

	test('without a session it is the default one, for ten minutes; also when no body is sent', async () => {
		const { base, post } = await startRest();
		for (const response of [await post({}), await fetch(`${base}${PATH}`, { method: 'POST' })]) {
			const body = (await response.json()) as SecretBody;
			expect(body.expires_at).toBe(1_790_000_600);
			expect(body.session).toMatchObject({ type: 'realtime', model: 'gpt-realtime' });
		}
	});

	test.each([
		[{ seconds: 9 }, 'integer_below_min_value', 'expires_after.seconds'],
		[{ seconds: 7201 }, 'integer_above_max_value', 'expires_after.seconds'],
		[{ seconds: 1.5 }, 'invalid_type', 'expires_after.seconds'],
		[{ seconds: '60' }, 'invalid_type', 'expires_after.seconds'],
		[{ anchor: 'now' }, 'invalid_value', 'expires_after.anchor'],
		[{ second: 60 }, 'unknown_parameter', 'expires_after.second'],
		[null, 'invalid_type', 'expires_after']
	])('refuses expires_after %j', async (expiresAfter, code, param) => {
		const { post } = await startRest();
		const response = await post({ expires_after: expiresAfter });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code, param } });
	});

	test('takes the bounds of a lifetime', async () => {
		const { post } = await startRest();
		for (const seconds of [10, 7200]) {
			const body = (await (await post({ expires_after: { seconds } })).json()) as SecretBody;
			expect(body.expires_at).toBe(1_790_000_000 + seconds);
		}
	});

	test.each([
		[{ x: 1 }, "Unknown parameter: 'x'.", 'x'],
		[{ session: { type: 'realtime', x: 1 } }, "Unknown parameter: 'session.x'.", 'session.x'],
		[{ session: {} }, "Missing required parameter: 'session.type'.", 'session.type'],
		[{ session: 'realtime' }, "Invalid type for 'session': expected an object, but got a string instead.", 'session'],
		[[], 'Invalid body: expected an object, but got an array instead.', null],
		['"text"', 'Invalid body: expected an object, but got a string instead.', null],
		['{"__proto__":{"session":1}}', "Unknown parameter: '__proto__'.", '__proto__']
	])('refuses %j', async (body, message, param) => {
		const { post } = await startRest();
		const response = await post(body);
		expect(response.status).toBe(400);
		const { error } = (await response.json()) as { error: object };
		expect(error).toMatchObject({ message, type: 'invalid_request_error', param });
		expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
	});

	test('of translations: its own settings, which have to be given; else no such address', async () => {
		const path = '/v1/realtime/translations/client_secrets';
		const asked: unknown[] = [];
		const { post } = await startRest({
			configureTranslation: (session) => {
				asked.push(session);
				return configureSession({ type: 'transcription' });
			}
		});
		const session = { model: 'gpt-realtime-translate' };
		expect((await post({ session }, {}, path)).status).toBe(200);
		expect(asked).toEqual([session]);
		expect(await (await post({}, {}, path)).json()).toMatchObject({ error: { param: 'session' } });
		expect((await (await startRest()).post({ session }, {}, path)).status).toBe(404);
	});
});

describe('keys', () => {
	test('a required key is required; the answer does not repeat what was sent', async () => {
		const { post, log } = await startRest({ requiredKey: KEY });
		expect((await post({}, { Authorization: `Bearer ${KEY}` })).status).toBe(200);
		const missing = await post({});
		expect(missing.status).toBe(401);
		expect(await missing.json()).toEqual({
			error: {
				message: 'Missing bearer or basic authentication in header',
				type: 'invalid_request_error',
				param: null,
				code: null
			}
		});
		const wrong = 'sk-proj-wrong0123456789wrongBBBB';
		const refused = await post({}, { Authorization: `Bearer ${wrong}` });
		expect(refused.status).toBe(401);
		const text = await refused.text();
		expect(text).toContain('Incorrect API key provided: sk-proj-********************BBBB.');
		expect(`${text}${log.join()}`).not.toContain(wrong);
	});

	test('a client secret may look, not make another; an expired one may nothing', async () => {
		let nowMs = NOW_MS;
		const { base, post } = await startRest({ nowMs: () => nowMs });
		const { value } = (await (await post({ expires_after: { seconds: 10 } })).json()) as SecretBody;
		const headers = { Authorization: `Bearer ${value}` };
		expect((await fetch(`${base}/v1/models`, { headers })).status).toBe(200);
		const refused = await post({}, headers);
		expect(refused.status).toBe(403);
		expect(await refused.json()).toMatchObject({ error: { code: 'insufficient_permissions' } });
		nowMs += 10_000;
		const late = await fetch(`${base}/v1/models`, { headers });
		expect(late.status).toBe(401);
		expect(await late.json()).toMatchObject({ error: { code: 'client_secret_expired' } });
	});
});

describe('bodies', () => {
	test.each(['', '{', '{"a":1}}', 'session=1', '\u0000', '{"expires_after":{"seconds":60}'])('%j', async (text) => {
		const { post } = await startRest();
		const response = await post(text);
		if (text === '') return expect(response.status).toBe(200);
		expect(response.status).toBe(400);
		const { error } = (await response.json()) as { error: { message: string; code: unknown } };
		expect(error.message).toMatch(/^We could not parse the JSON body of your request/);
		expect(error.code).toBeNull();
	});

	test('bytes that are no UTF-8 are no JSON', async () => {
		const { base } = await startRest();
		const headers = { 'Content-Type': 'application/json' };
		const body = Buffer.from('{"session":{"type":"realtime","instructions":"\xff"}}', 'latin1');
		expect((await fetch(`${base}${PATH}`, { method: 'POST', headers, body })).status).toBe(400);
	});

	test('JSON may name its charset; other types are refused', async () => {
		const { post } = await startRest();
		for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset=UTF-8'])
			expect((await post({}, { 'Content-Type': type })).status, type).toBe(200);
		const refused = await post({}, { 'Content-Type': 'text/plain;charset=UTF-8' });
		expect(refused.status).toBe(400);
		expect(await refused.json()).toMatchObject({
			error: {
				message: expect.stringMatching(/^Unsupported content type: 'text\/plain'\. This API method only/) as string,
				code: 'unsupported_content_type'
			}
		});
		expect((await post({}, { 'Content-Type': 'application/jsonp' })).status).toBe(400);
	});

	test('more than 1 MiB is refused, and the connection serves the next request', async () => {
		const { post } = await startRest();
		const session = { type: 'realtime', instructions: '' };
		const overhead = JSON.stringify({ session }).length;
		const fill = (bytes: number) => ({ session: { ...session, instructions: 'x'.repeat(bytes - overhead) } });
		expect((await post(fill(1024 * 1024))).status).toBe(200);
		const refused = await post(fill(1024 * 1024 + 1));
		expect(refused.status).toBe(413);
		expect(await refused.json()).toMatchObject({ error: { code: 'request_too_large' } });
		expect((await post('x'.repeat(5 * 1024 * 1024))).status).toBe(413);
		expect((await post({})).status).toBe(200);
	});

	test('a client that goes away in the middle leaves no trace', async () => {
		const { port, post, log } = await startRest();
		const socket = connect(port, '127.0.0.1');
		const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
		await new Promise<void>((resolve) => socket.write(head, () => resolve()));
		socket.resetAndDestroy();
		await new Promise((resolve) => socket.on('close', resolve));
		expect((await post({})).status).toBe(200);
		expect(log).toEqual([]);
	});
});

describe('addresses', () => {
	test('one that is unknown gets the message of the service, whatever the key', async () => {
		const { base } = await startRest({ requiredKey: KEY });
		const response = await fetch(`${base}/v1/nope?x=1`, { method: 'POST' });
		expect(response.status).toBe(404);
		expect(await response.text()).toBe(
			JSON.stringify(
				{
					error: { message: 'Invalid URL (POST /v1/nope)', type: 'invalid_request_error', param: null, code: null }
				},
				null,
				2
			)
		);
		for (const path of ['/v1', '/v1/', '/v1/realtime', '/v1/realtime/sessions', `${PATH}/`])
			expect((await fetch(`${base}${path}`)).status, path).toBe(404);
		for (const path of ['/', '/v1x', '/relay']) expect((await fetch(`${base}${path}`)).status, path).toBe(418);
	});

	test('a wrong method is told the right one', async () => {
		const { base } = await startRest();
		const response = await fetch(`${base}${PATH}`);
		expect(response.status).toBe(405);
		expect(response.headers.get('allow')).toBe('POST');
		expect(await response.json()).toMatchObject({
			error: { message: 'Not allowed to GET on /v1/realtime/client_secrets. Use POST.' }
		});
		expect((await fetch(`${base}/v1/models`, { method: 'DELETE' })).headers.get('allow')).toBe('GET');
	});

	test('models: the list, one of them, and one that is not there', async () => {
		const { base } = await startRest();
		const response = await fetch(`${base}/v1/models`);
		const { object, data } = (await response.json()) as { object: string; data: { id: string; created: number }[] };
		expect(object).toBe('list');
		expect(new Set(data.map(({ id }) => id)).size).toBe(data.length);
		for (const model of data) expect(Number.isInteger(model.created), model.id).toBe(true);
		const first = { id: 'gpt-realtime', object: 'model', created: 1_756_339_200, owned_by: 'system' };
		expect(data[0]).toEqual(first);
		expect(await (await fetch(`${base}/v1/models/gpt%2Drealtime`)).json()).toEqual(first);
		const missing = await fetch(`${base}/v1/models/gpt-nope`);
		expect(missing.status).toBe(404);
		expect(await missing.json()).toEqual({
			error: {
				message: 'The model `gpt-nope` does not exist or you do not have access to it.',
				type: 'invalid_request_error',
				param: 'model',
				code: 'model_not_found'
			}
		});
		expect((await fetch(`${base}/v1/models`, { method: 'HEAD' })).status).toBe(200);
		expect((await fetch(`${base}/v1/models/%E0%A4%A`)).status).toBe(404);
	});
});

test('a failure of ours is a 500 in the shape of the API, and is logged', async () => {
	const { post, log } = await startRest({
		configure: () => {
			throw new Error('broken on purpose');
		}
	});
	const response = await post({}, { Authorization: 'Bearer sk-secret-of-mine' });
	expect(response.status).toBe(500);
	const text = await response.text();
	expect(JSON.parse(text)).toMatchObject({ error: { type: 'server_error', code: null } });
	expect(text).not.toContain('broken on purpose');
	expect(log).toEqual([expect.stringContaining('POST /v1/realtime/client_secrets failed: Error: broken on purpose')]);
	expect(log.join()).not.toContain('sk-secret');
});
