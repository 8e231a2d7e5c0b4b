/** The model's voice from a speech server: OpenAI's `audio/speech`, one request for each clause. */
import { createEndpointClient } from '#simulator/cascade/endpoint-client.ts';
import { runExchange } from '#simulator/cascade/exchange.ts';
import type { Exchange } from '#simulator/cascade/exchange.ts';
import { SoundDecoder, UnusableSound } from '#simulator/cascade/sound-decoder.ts';
import { brokenBy } from '#simulator/cascade/stage-failure.ts';
import type { SpeechEndpoint } from '#simulator/cascade/cascade-config.ts';
import type { Cancellable, SpeechListener, SpeechRequest, SpeechSource, Utterance } from '#simulator/session/ports.ts';

const DEFAULT_MODEL = 'tts-1';
/** The clause that is being heard and the next one. */
const CLAUSES_UNDER_WAY = 2;

type Client = ReturnType<typeof createEndpointClient>;

/** One clause: asked for, received, and kept until those before it were told. */
class SpokenClause {
	readonly #text: string;
	#running: Cancellable | undefined;
	readonly chunks: Int16Array[] = [];
	isComplete = false;
	failure: Error | undefined;

	constructor(text: string) {
		this.#text = text;
	}

	/** Asks for it, once; `onProgress` is called when there is more of it, and at its end. */
	start(endpoint: SpeechEndpoint, client: Client, request: SpeechRequest, onProgress: () => void): void {
		this.#running ??= runExchange(
			endpoint,
			(exchange) => this.#receive(exchange, endpoint, client, request, onProgress),
			(failure) => {
				this.failure = failure;
				onProgress();
			}
		);
	}

	cancel(): void {
		this.#running?.cancel();
	}

	async #receive(
		exchange: Exchange,
		endpoint: SpeechEndpoint,
		client: Client,
		{ voice, speed }: SpeechRequest,
		onProgress: () => void
	): Promise<void> {
		const body = {
			model: endpoint.model ?? DEFAULT_MODEL,
			input: this.#text,
			voice: endpoint.voice ?? voice,
			response_format: 'wav' as const,
			// Some servers know no tempo but their own.
			...(speed === 1 ? {} : { speed })
		};
		const { signal } = exchange;
		const response = await exchange.receive(() => client.audio.speech.create(body, { signal }));
		try {
			const decoder = new SoundDecoder(response.headers.get('content-type'));
			const reader = response.body?.getReader();
			for (;;) {
				const next = reader && (await exchange.receive(() => reader.read()));
				if (!next || next.done) break;
				exchange.tell(() => this.#keep(decoder.push(next.value), onProgress));
			}
			this.#keep(decoder.end(), () => undefined);
		} catch (error) {
			if (error instanceof UnusableSound) throw brokenBy(endpoint, error.message);
			throw error;
		}
		exchange.end(() => {
			this.isComplete = true;
			onProgress();
		});
	}

	#keep(samples: Int16Array, onProgress: () => void): void {
		if (samples.length === 0) return;
		this.chunks.push(samples);
		onProgress();
	}
}

class CascadeUtterance implements Utterance {
	readonly #endpoint: SpeechEndpoint;
	readonly #client: Client;
	readonly #request: SpeechRequest;
	readonly #listener: SpeechListener;
	/** Those that were not told to their end, in order. */
	readonly #clauses: SpokenClause[] = [];
	#hasEnded = false;
	#isOpen = true;

	constructor(endpoint: SpeechEndpoint, client: Client, request: SpeechRequest, listener: SpeechListener) {
		this.#endpoint = endpoint;
		this.#client = client;
		this.#request = request;
		this.#listener = listener;
	}

	say(clause: string): void {
		// Signs alone have no sound, and some servers refuse them.
		if (!this.#isOpen || !/[\p{L}\p{N}]/u.test(clause)) return;
		this.#clauses.push(new SpokenClause(clause.trim()));
		this.#startNext();
	}

	end(): void {
		this.#hasEnded = true;
		queueMicrotask(() => this.#tell());
	}

	cancel(): void {
		this.#isOpen = false;
		for (const clause of this.#clauses.splice(0)) clause.cancel();
	}

	#startNext(): void {
		for (const clause of this.#clauses.slice(0, CLAUSES_UNDER_WAY)) {
			clause.start(this.#endpoint, this.#client, this.#request, () => this.#tell());
		}
	}

	/** Tells what has come of the first clauses. Runs only when something came, never inside the session's own calls. */
	#tell(): void {
		while (this.#isOpen) {
			const clause = this.#clauses[0];
			if (!clause) {
				if (this.#hasEnded) this.#close(() => this.#listener.onDone());
				return;
			}
			const samples = clause.chunks.shift();
			if (samples) this.#listener.onAudio(samples);
			else if (clause.failure) {
				const { failure } = clause;
				this.#close(() => this.#listener.onError(failure));
			} else if (clause.isComplete) {
				this.#clauses.shift();
				this.#startNext();
			} else return;
		}
	}

	/** The last call; what was asked for and is not needed any more is called off. */
	#close(call: () => void): void {
		this.cancel();
		call();
	}
}

/**
 * A speech server as the model's voice, with the endpoint's voice or the session's. Clauses are told in order, in chunks as
 * they come; while one is told the next is asked for. WAV at any rate is taken, and raw PCM16 as 24 kHz. `onError` gets an
 * Error whose message names the variable, the server's origin and the cause; clauses before the failed one are told first.
 * `cancel` closes the connections.
 */
export function createTtsSpeech(endpoint: SpeechEndpoint): SpeechSource {
	const client = createEndpointClient(endpoint);
	return { speak: (request, listener) => new CascadeUtterance(endpoint, client, request, listener) };
}
