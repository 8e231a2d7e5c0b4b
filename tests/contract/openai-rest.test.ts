/** REST calls of the `openai` package: client secrets and what they open, the list of models, errors as its classes. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { connectOpenAI } from './openai-connection.ts';

const LIMIT = { timeout: 30_000 };
let server: ContractServer;
let strictServer: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
	strictServer = await startContractServer({ key: 'sk-right' });
});
afterAll(async () => {
	await server.dispose();
	await strictServer.dispose();
});

const open = (to: ContractServer, apiKey = 'sk-local'): OpenAI =>
	new OpenAI({ apiKey, baseURL: to.httpUrl, maxRetries: 0 });

/** What a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
	try {
		await call;
	} catch (error) {
		if (error instanceof OpenAI.APIError) return error;
		throw error;
	}
	throw new Error('The call was not refused');
}

describe('openai 7, REST', LIMIT, () => {
	it('makes a client secret for a conversation, which then starts as it says', async () => {
		const session = { type: 'realtime', model: 'gpt-realtime-2.1', instructions: 'Speak like a pirate.' } as const;
		const secret = await open(server).realtime.clientSecrets.create({
			expires_after: { anchor: 'created_at', seconds: 60 },
			session: { ...session, audio: { output: { voice: 'cedar' } } }
		});
		expect(secret.value).toMatch(/^ek_[0-9a-f]{32}$/);
		expect(secret.session).toMatchObject({ ...session, audio: { output: { voice: 'cedar' } } });
		// What the address says is of no account beside what the secret says.
		const { client, of } = await connectOpenAI(server, { model: 'gpt-realtime' }, secret.value);
		expect(of('session.created')[0]?.session).toMatchObject({ ...session, audio: { output: { voice: 'cedar' } } });
		client.close();
	});

	it('makes one for a transcription', async () => {
		const secret = await open(server).realtime.clientSecrets.create({
			session: { type: 'transcription', audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } } }
		});
		expect(secret.session.type).toBe('transcription');
		const { client, of } = await connectOpenAI(server, { intent: 'transcription' }, secret.value);
		expect(of('session.created')[0]?.session).toMatchObject({
			type: 'transcription',
			audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } }
		});
		client.close();
	});

	it('lists the models, page by page as it does', async () => {
		const ids: string[] = [];
		for await (const model of open(server).models.list()) ids.push(model.id);
		expect(ids).toContain('gpt-realtime');
		expect(await open(server).models.retrieve('gpt-realtime')).toMatchObject({ id: 'gpt-realtime', object: 'model' });
	});

	it('throws AuthenticationError without the right key, and never shows the key', async () => {
		const wrong = 'sk-proj-wrong0123456789wrongBBBB';
		const error = await refusal(open(strictServer, wrong).realtime.clientSecrets.create({}));
		expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
		expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
		expect(error.message).not.toContain(wrong);
		expect(error.requestID).toMatch(/^req_/);
		expect((await open(strictServer, 'sk-right').realtime.clientSecrets.create({})).value).toMatch(/^ek_/);
	});

	it('throws PermissionDeniedError when a client secret is to make another', async () => {
		const { value } = await open(strictServer, 'sk-right').realtime.clientSecrets.create({});
		const error = await refusal(open(strictServer, value).realtime.clientSecrets.create({}));
		expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
	});

	it('throws BadRequestError for a wrong session, with the path of what is wrong', async () => {
		const { clientSecrets } = open(server).realtime;
		const calls = [
			[
				clientSecrets.create({ session: { type: 'realtime', bogus: 1 } as never }),
				'session.bogus',
				'unknown_parameter'
			],
			[
				clientSecrets.create({ session: { type: 'realtime', audio: { output: { speed: 9 } } } }),
				'session.audio.output.speed',
				'decimal_above_max_value'
			],
			[
				clientSecrets.create({ expires_after: { anchor: 'created_at', seconds: 5 } }),
				'expires_after.seconds',
				'integer_below_min_value'
			]
		] as const;
		for (const [call, param, code] of calls) {
			const error = await refusal(call);
			expect(error).toBeInstanceOf(OpenAI.BadRequestError);
			expect(error).toMatchObject({ status: 400, param, code, type: 'invalid_request_error' });
		}
	});

	it('throws NotFoundError for a model and an address that are not there', async () => {
		const model = await refusal(open(server).models.retrieve('gpt-nope'));
		expect(model).toBeInstanceOf(OpenAI.NotFoundError);
		expect(model).toMatchObject({ code: 'model_not_found', param: 'model' });
		const address = await refusal(open(server).responses.create({ model: 'gpt-5', input: 'Hello' }));
		expect(address).toBeInstanceOf(OpenAI.NotFoundError);
		expect(address.message).toContain('Invalid URL (POST /v1/responses)');
	});
});
