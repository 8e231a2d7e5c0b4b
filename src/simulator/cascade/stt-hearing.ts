/** Words of the caller from a transcription server: OpenAI's `audio/transcriptions`, streamed where the server does that. */
import { Stream } from 'openai/streaming';
import { isObject, stringAt } from '#core/base/json.ts';
import { wavHeader } from '#core/audio/wav.ts';
import { createEndpointClient } from '#simulator/cascade/endpoint-client.ts';
import { runExchange } from '#simulator/cascade/exchange.ts';
import type { Exchange } from '#simulator/cascade/exchange.ts';
import { brokenBy, StageFailure } from '#simulator/cascade/stage-failure.ts';
import { Transcript } from '#simulator/cascade/transcript.ts';
import type { Endpoint } from '#simulator/cascade/cascade-config.ts';
import type { Cancellable, Hearing, HearingListener, HearingRequest } from '#simulator/session/ports.ts';

const DEFAULT_MODEL = 'whisper-1';
/** Answers to a field that a server does not take: bad request, unprocessable, not implemented. */
const REFUSALS_OF_A_FIELD: readonly (number | undefined)[] = [400, 422, 501];

function wavFile(samples: Int16Array, rateHz: number): File {
	const bytes = new Uint8Array(samples.slice().buffer);
	const header = wavHeader(bytes.length, rateHz, 1) as Uint8Array<ArrayBuffer>;
	return new File([header, bytes], 'turn.wav', { type: 'audio/wav' });
}

function isType(response: Response, type: string): boolean {
	return response.headers.get('content-type')?.toLowerCase().startsWith(type) ?? false;
}

/** The text of an answer that is not streamed: JSON with `text`, or the plain text. */
function wholeText(response: Response, body: string): string | undefined {
	try {
		return stringAt(JSON.parse(body), 'text');
	} catch {
		return isType(response, 'text/plain') ? body : undefined;
	}
}

interface Server {
	endpoint: Endpoint;
	client: ReturnType<typeof createEndpointClient>;
	/** It has refused to stream before. */
	isWhole: boolean;
}

/** One turn of the caller at a server. */
class Transcription {
	readonly #server: Server;
	readonly #request: HearingRequest;
	readonly #listener: HearingListener;
	readonly transcript = new Transcript();

	constructor(server: Server, request: HearingRequest, listener: HearingListener) {
		this.#server = server;
		this.#request = request;
		this.#listener = listener;
	}

	async #ask(exchange: Exchange, isStreamed: boolean): Promise<Response> {
		const { model, language, prompt, samples, rateHz } = this.#request;
		const body = {
			file: wavFile(samples, rateHz),
			model: this.#server.endpoint.model ?? model ?? DEFAULT_MODEL,
			response_format: 'json' as const,
			...(language === undefined ? {} : { language }),
			...(prompt === undefined ? {} : { prompt })
		};
		const { audio } = this.#server.client;
		const { signal } = exchange;
		return exchange.receive(() =>
			(isStreamed
				? audio.transcriptions.create({ ...body, stream: true }, { signal })
				: audio.transcriptions.create(body, { signal })
			).asResponse()
		);
	}

	/** A server may refuse to stream, and may ignore that it was asked to. */
	async #open(exchange: Exchange): Promise<Response> {
		if (this.#server.isWhole) return this.#ask(exchange, false);
		try {
			return await this.#ask(exchange, true);
		} catch (error) {
			if (!(error instanceof StageFailure) || !REFUSALS_OF_A_FIELD.includes(error.status)) throw error;
		}
		const response = await this.#ask(exchange, false);
		this.#server.isWhole = true;
		return response;
	}

	async run(exchange: Exchange): Promise<void> {
		const response = await this.#open(exchange);
		if (isType(response, 'text/event-stream')) await this.#readEvents(exchange, response);
		else {
			const text = wholeText(response, await exchange.receive(() => response.text()));
			if (text === undefined) throw brokenBy(this.#server.endpoint, 'answered without a "text"');
			this.#tell(exchange, this.transcript.takeWhole(text));
		}
		exchange.end(() => this.#listener.onDone(this.transcript.words));
	}

	async #readEvents(exchange: Exchange, response: Response): Promise<void> {
		const stream = Stream.fromSSEResponse<unknown>(response, new AbortController(), this.#server.client);
		const iterator = stream[Symbol.asyncIterator]();
		while (!this.transcript.isComplete) {
			const next = await exchange.receive(() => iterator.next());
			if (next.done === true) break;
			if (isObject(next.value)) this.#tell(exchange, this.transcript.takeEvent(next.value));
		}
		if (!this.transcript.hasEvents) throw brokenBy(this.#server.endpoint, 'ended its stream without a transcript');
	}

	#tell(exchange: Exchange, words: string): void {
		if (words !== '') exchange.tell(() => this.#listener.onWords(words));
	}
}

/**
 * A transcription server as the session's ears. Audio goes as a WAV file at its own rate. The model is the endpoint's, else the
 * one that the session's `transcription` names. `fallback` knows what a scenario says: it gives `expectedWords`, and the
 * words of a turn for which the server fails before its first word; `log` is told about that. The error is
 * `transcription_failed`, with a message that names the variable, the server's origin and the cause.
 */
export function createSttHearing(endpoint: Endpoint, fallback?: Hearing, log?: (line: string) => void): Hearing {
	const server: Server = { endpoint, client: createEndpointClient(endpoint), isWhole: false };
	const hear = (request: HearingRequest, listener: HearingListener): Cancellable => {
		let running: Cancellable;
		const transcription = new Transcription(server, request, listener);
		const fail = ({ message }: StageFailure): void => {
			const giveUp = (): void => listener.onError({ code: 'transcription_failed', message });
			if (!fallback || transcription.transcript.words !== '') return giveUp();
			running = fallback.hear(request, {
				onWords: listener.onWords,
				onDone: (words) => {
					log?.(`${message} The scenario's words for this turn are used.`);
					listener.onDone(words);
				},
				// That the scenario has no words is no news; why the server gave none is.
				onError: giveUp
			});
		};
		running = runExchange(endpoint, (exchange) => transcription.run(exchange), fail);
		return { cancel: () => running.cancel() };
	};
	return { expectedWords: (spokenTurn) => fallback?.expectedWords(spokenTurn), hear };
}
