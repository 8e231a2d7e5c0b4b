/**
 * An HTTP server on 127.0.0.1 that a test plays: it takes the requests that come, in order, and answers each by hand, so
 * that every delay ends exactly when the test says so.
 */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wavHeader } from '#core/audio/wav.ts';

/** One request, read to its end, and the answer to it. */
export class StubCall {
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
	/** Resolves when the client closes the connection before the answer is complete. */
	readonly closed: Promise<void>;
	readonly #response: ServerResponse;

	constructor(request: IncomingMessage, body: Buffer, response: ServerResponse) {
		this.url = request.url ?? '';
		this.headers = request.headers;
		this.body = body;
		this.#response = response;
		this.closed = new Promise((resolve) => {
			response.on('close', () => {
				if (!response.writableEnded) resolve();
			});
		});
	}

	get json(): Record<string, unknown> {
		return JSON.parse(this.body.toString('utf8')) as Record<string, unknown>;
	}

	/** The fields of a multipart body. */
	form(): Promise<FormData> {
		const contentType = this.headers['content-type'] ?? '';
		return new Response(new Uint8Array(this.body), { headers: { 'content-type': contentType } }).formData();
	}

	/** Answers as a whole. */
	reply(status: number, contentType: string, body: string | Uint8Array, headers: Record<string, string> = {}): void {
		this.#response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);
	}

	replyJson(body: unknown, status = 200): void {
		this.reply(status, 'application/json', JSON.stringify(body));
	}

	/** Begins an answer that goes on; the head leaves at once. */
	begin(contentType = 'text/event-stream'): this {
		this.#response.writeHead(200, { 'content-type': contentType });
		this.#response.flushHeaders();
		return this;
	}

	/** Sends bytes as they are, as a chunk of their own. */
	send(bytes: string | Uint8Array): this {
		this.#response.write(bytes);
		return this;
	}

	/** Sends one server-sent event. */
	event(data: unknown): this {
		return this.send(`data: ${JSON.stringify(data)}\n\n`);
	}

	/** Sends a chat chunk with this delta. */
	delta(delta: unknown, finishReason: string | null = null): this {
		return this.event({ choices: [{ index: 0, delta, finish_reason: finishReason }] });
	}

	/** Ends a chat answer as servers do. */
	finish(finishReason = 'stop'): void {
		this.delta({}, finishReason).send('data: [DONE]\n\n').end();
	}

	end(): void {
		this.#response.end();
	}

	/** Breaks the connection in the middle. */
	break(): void {
		this.#response.destroy();
	}
}

export interface OpenAiStub {
	/** Without `/v1`. */
	url: string;
	/** Every request so far. */
	calls: StubCall[];
	/** The next request that no one took yet, as soon as it is there. */
	next: () => Promise<StubCall>;
	dispose: () => Promise<void>;
}

export async function startOpenAiStub(): Promise<OpenAiStub> {
	const calls: StubCall[] = [];
	const untaken: StubCall[] = [];
	const waiting: ((call: StubCall) => void)[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const call = new StubCall(request, Buffer.concat(chunks), response);
			calls.push(call);
			const taker = waiting.shift();
			if (taker) taker(call);
			else untaken.push(call);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		calls,
		next: () => {
			const call = untaken.shift();
			return call ? Promise.resolve(call) : new Promise((resolve) => waiting.push(resolve));
		},
		dispose: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	};
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function findClosedPort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** A WAV file of these 16-bit samples. `dataBytes` is the size that its header claims. */
export function wavOf(samples: Int16Array, rateHz: number, channels = 1, dataBytes = samples.length * 2): Uint8Array {
	const bytes = new Uint8Array(44 + samples.length * 2);
	bytes.set(wavHeader(dataBytes, rateHz, channels));
	bytes.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), 44);
	return bytes;
}

/** A tone, 16-bit. */
export function tone(samples: number, rateHz: number, hz = 440): Int16Array {
	return Int16Array.from({ length: samples }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / rateHz)));
}
