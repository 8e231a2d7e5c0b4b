/** Every kind of secret in every place where one was seen, for tests of all that lets recordings in or out. */
import { encodeBase64 } from '../../../audio/base64.ts';
import type { From } from '../../recorded-event.ts';
import { makeNamedSecret, makeSecret, Random, SECRET_KINDS, type MadeSecret } from './made-secrets.ts';

/** What is planted, to be put into a file or a recording. */
export interface PlantedSecrets {
	/** Messages of one connection, in their order: some secrets are split over several. */
	readonly messages: readonly { readonly from: From; readonly raw: string }[];
	/** Binary frames of it, as base64. */
	readonly frames: readonly { readonly from: From; readonly base64: string }[];
	/** Headers of its request. */
	readonly headers: readonly { readonly name: string; readonly value: string }[];
	/** Addresses, any of which may be the connection's. */
	readonly urls: readonly string[];
	readonly title: string;
	readonly note: string;
	/** All of them, for `findPlanted`. */
	readonly planted: readonly MadeSecret[];
}

/** Plants them. Always the same for the same seed. */
export function plantSecrets(seed = 4): PlantedSecrets {
	return new Planter(seed).plant();
}

type Fields = Record<string, unknown>;

class Planter {
	readonly #random: Random;
	readonly #messages: { from: From; raw: string }[] = [];
	readonly #frames: { from: From; base64: string }[] = [];
	readonly #headers: { name: string; value: string }[] = [];
	readonly #urls: string[] = [];
	readonly #texts: string[] = [];
	readonly #planted: MadeSecret[] = [];
	#item = 0;

	constructor(seed: number) {
		this.#random = new Random(seed);
	}

	plant(): PlantedSecrets {
		for (const kind of SECRET_KINDS) {
			const secret = (place: string) => this.#keep(makeSecret(kind, this.#random), place);
			this.#inHeaders(secret);
			this.#inAddresses(secret);
			this.#inMessages(secret);
			this.#inSpellings(secret);
			this.#inOtherTexts(secret);
			this.#inFrames(secret);
			if (!kind.showsAtItsEnd) this.#inPieces(secret);
			this.#texts.push(`Call of Monday, key ${secret('title')}`, `It was ${secret('note')}, I think.`);
		}
		this.#underNames();
		this.#inDescriptions();
		return {
			messages: this.#messages,
			frames: this.#frames,
			headers: this.#headers,
			urls: this.#urls,
			title: this.#texts.filter((_, index) => index % 2 === 0).join(' '),
			note: this.#texts.filter((_, index) => index % 2 === 1).join(' '),
			planted: this.#planted
		};
	}

	#keep(secret: MadeSecret, place: string): string {
		this.#planted.push({ ...secret, what: `${secret.what} in ${place}` });
		return secret.text;
	}

	#send(type: string, fields: Fields, from: From = 'server'): void {
		this.#messages.push({ from, raw: JSON.stringify({ type, event_id: `event_${this.#messages.length}`, ...fields }) });
	}

	#inHeaders(secret: (place: string) => string): void {
		this.#headers.push(
			{ name: 'Authorization', value: `Bearer ${secret('a header')}` },
			{ name: 'X-Debug', value: `sent with ${secret('a header of another name')}` },
			{
				name: 'Sec-WebSocket-Protocol',
				value: `realtime, openai-insecure-api-key.${secret('a subprotocol')}, openai-agents-sdk.0.20.0`
			},
			{ name: 'Referer', value: `https://console.example/?api-key=${secret('a referer')}&x=1` }
		);
	}

	#inAddresses(secret: (place: string) => string): void {
		const percent = (text: string) => text.replace(/[-_.]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
		this.#urls.push(
			`wss://api.example/v1/realtime?model=m&api-key=${secret('a query')}`,
			`wss://api.example/v1/realtime?x=${secret('a parameter of another name')}&model=m`,
			`wss://user:${secret('a user’s password')}@api.example/v1/realtime`,
			`wss://api.example/v1/realtime?client%5Fsecret=${percent(secret('a percent-encoded query'))}`,
			`https://api.example/${secret('a path')}/mcp#access_token=${secret('a fragment')}`
		);
	}

	#inMessages(secret: (place: string) => string): void {
		this.#send('session.updated', { session: { instructions: `Say ${secret('instructions')}.`, tools: [] } });
		const tool = { type: 'mcp', server_label: 'a', authorization: secret('the authorization of MCP') };
		const headers = { 'X-Anything': secret('a header of MCP'), Authorization: `Bearer ${secret('a bearer of MCP')}` };
		this.#send('session.update', { session: { tools: [{ ...tool, headers }] } }, 'client');
		this.#send('error', { error: { message: `Incorrect API key provided: ${secret('an error')}. See the page.` } });
		const item = { id: 'item_t', type: 'function_call', call_id: 'call_t', name: 'look_up' };
		this.#send('conversation.item.done', { item: { ...item, arguments: `{"to":"${secret('an argument')}"}` } });
		const output = JSON.stringify({ log: JSON.stringify({ text: secret('JSON inside JSON, twice') }) });
		this.#send('conversation.item.create', { item: { type: 'function_call_output', output } }, 'client');
		this.#send('x', { list: [[{ deep: { er: [secret('a list')] } }]], [secret('a key')]: 1 });
		this.#send('response.output_audio_transcript.done', { transcript: `it is\n${secret('a transcript')}, ok` });
		this.#send('session.created', { session: { client_secret: { value: secret('client_secret'), expires_at: 1 } } });
		this.#send('y', {
			headers: [{ name: 'X-Key', value: secret('a pair') }],
			link: `https:\\/\\/a:${secret('slashes')}@b`
		});
		const word = secret('logprobs');
		const logprobs = [word.slice(0, 15), word.slice(15)].map((token) => ({ token, logprob: -1, bytes: [1] }));
		const type = 'conversation.item.input_audio_transcription.completed';
		this.#send(type, { item_id: 'item_l', transcript: word, logprobs });
	}

	#inSpellings(secret: (place: string) => string): void {
		const escape = (text: string) => text.replace(/[a-zA-Z]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
		const raw = (text: string) => this.#messages.push({ from: 'server', raw: text });
		raw(`{"type":"x","text":"${escape(secret('escapes'))}"}`);
		raw(`{"type" : "x", "text":"\\n${secret('a text after an escape')}\\n", "n":1.0}`);
		raw(JSON.stringify({ type: 'x', data: `{"k":"${escape(secret('escapes inside JSON inside JSON'))}"}` }));
		const base64 = (text: string) => encodeBase64(new TextEncoder().encode(text));
		this.#send('x', { blob: base64(`the key is ${secret('base64')}, keep it`) });
		this.#send('x', { blob: base64(JSON.stringify({ a: secret('JSON in base64') })).replace(/=+$/, '') });
		this.#send('x', { url: `data:text/plain;base64,${base64(secret('a data: address'))}` });
		this.#send('x', { curl: `-H "Authorization: Basic ${base64(`user:${secret('Basic')}`)}"` });
		this.#send('x', { twice: base64(base64(`see ${secret('base64 of base64')}`)) });
		this.#send('x', { form: `a=1&b=${encodeURIComponent(`{"k":"${secret('a form')}"}`)}` });
	}

	#inOtherTexts(secret: (place: string) => string): void {
		const raw = (text: string) => this.#messages.push({ from: 'server', raw: text });
		raw(`<html><body>502 for key ${secret('a page')}<br></body></html>`);
		raw(`{"type":"session.update","session":{"instructions":"use ${secret('JSON that is cut off')}`);
		raw(`DEBUG > {"type": "session.update", "x": "${secret('a line of a log')}"} [120 bytes]`);
		raw(`POST /v1 HTTP/1.1\r\nAuthorization: Bearer ${secret('a request as text')}\r\nHost: a\r\n\r\n`);
		raw(`OPENAI_API_KEY=${secret('an assignment')} npm start`);
		raw(`{'type': 'x', 'data': '{"k": "\\\\n${secret('what Python prints')}"}'}`);
	}

	#inFrames(secret: (place: string) => string): void {
		const frame = (text: string) =>
			this.#frames.push({ from: 'server', base64: encodeBase64(new TextEncoder().encode(text)) });
		frame(JSON.stringify({ type: 'x', text: `Grüße, ${secret('a binary frame')}` }));
		frame(`\0\u0001\u0012${secret('a binary frame that is no text')}\u0018\0`);
	}

	#inPieces(secret: (place: string) => string): void {
		const pieces = (type: string, place: string, lengths: readonly number[], around: [string, string]) => {
			const text = secret(place);
			const of = { response_id: 'resp_p', item_id: `item_${++this.#item}`, output_index: 0, content_index: 0 };
			let from = 0;
			[...lengths, text.length].forEach((length, index, { length: count }) => {
				const piece = text.slice(from, index === count - 1 ? undefined : (from += length));
				const delta = (index === 0 ? around[0] : '') + piece + (index === count - 1 ? around[1] : '');
				this.#send(type, { ...of, delta });
			});
		};
		pieces('response.output_text.delta', 'two pieces of a text', [18], ['The key is ', ', is it?']);
		pieces('response.output_audio_transcript.delta', 'three pieces of a transcript', [8, 7], ['', ' and']);
		pieces('response.function_call_arguments.delta', 'pieces of arguments', [1, 1, 1, 7, 7], ['{"q":"', '"}']);
	}

	/** Where nothing but a name tells that something is a secret. */
	#underNames(): void {
		const secret = (place: string, isHex = false) =>
			this.#keep(makeNamedSecret('a secret without looks', this.#random, isHex), place);
		for (const name of ['api-key', 'x-api-key', 'Ocp-Apim-Subscription-Key', 'xi-api-key']) {
			this.#headers.push({ name, value: secret(name, true) });
		}
		const cookie = `session=${secret('Cookie')}; other=${secret('Cookie, the second')}`;
		this.#headers.push({ name: 'Cookie', value: cookie });
		this.#headers.push({ name: 'Set-Cookie', value: `sid=${secret('Set-Cookie')}; Path=/; Secure` });
		this.#headers.push({ name: 'Proxy-Authorization', value: `Basic ${secret('Proxy-Authorization')}` });
		for (const name of ['api-key', 'access_token', 'token', 'key', 'sig', 'client_secret', 'subscription-key']) {
			this.#urls.push(`wss://resource.example/openai/realtime?deployment=d&${name}=${secret(`the query’s ${name}`)}`);
		}
		this.#urls.push(`https://name:${secret('a password in an address')}@host.example/`);
		const names = [
			'authorization',
			'api_key',
			'apiKey',
			'api-key',
			'token',
			'access_token',
			'refresh_token',
			'password'
		];
		for (const name of [...names, 'secret', 'client_secret', 'cookie', 'auth_token', 'authToken', 'api_secret']) {
			const fields = { a: [{ [name]: secret(`the member ${name}`) }] };
			this.#send('x', fields);
			const deep = { [name]: secret(`${name} inside JSON, twice`) };
			this.#send('x', { arguments: JSON.stringify({ data: JSON.stringify(deep) }) });
			this.#messages.push({ from: 'client', raw: `{"a":{"${name}":"${secret(`${name}, cut off`)}` });
		}
		this.#send('x', { headers: { 'X-Auth-Token': secret('headers'), Cookie: [secret('a list of cookies')] } });
		this.#send('x', { value: secret('value beside expires_at'), expires_at: 1, session: {} });
		this.#send('x', { rawHeaders: ['Host', 'a', 'api-key', secret('raw headers', true)] });
		const of = { item_id: 'item_named', call_id: 'call_named' };
		const text = secret('the password in pieces of arguments');
		for (const delta of ['{"user":"a","pass', `word":"${text.slice(0, 10)}`, `${text.slice(10)}","b":1}`]) {
			this.#send('response.function_call_arguments.delta', { ...of, delta });
		}
	}

	/** Session descriptions and their candidates. */
	#inDescriptions(): void {
		const address = (place: string) => {
			const text = `203.0.113.${100 + this.#random.next(100)}`;
			return this.#keep({ what: 'an address', text, needles: [text] }, place);
		};
		const secret = (place: string) => this.#keep(makeNamedSecret('a password', this.#random), place);
		const sdp = () =>
			[
				`v=0\r\no=- 1 1 IN IP4 ${address('o=')}\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96`,
				`c=IN IP4 ${address('c=')}\r\na=rtcp:9 IN IP4 ${address('a=rtcp')}\r\na=ice-ufrag:YnNx`,
				`a=ice-pwd:${secret('a=ice-pwd')}`,
				`a=candidate:1 1 udp 2130706431 ${address('a=candidate')} 3478 typ srflx raddr ${address('raddr')} rport 9\r\n`
			].join('\r\n');
		this.#messages.push({ from: 'client', raw: sdp() });
		this.#send('offer', { sdp: sdp() }, 'client');
		this.#send('x', { data: JSON.stringify({ sdp: sdp() }) });
		this.#send('ice', { candidate: `candidate:8 1 udp 1677729535 ${address('a candidate alone')} 46154 typ host` });
	}
}
