/** What every address of the API does alike: preflights, answers that come later, failures of ours. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fail, sendAnswer, sendPreflight } from '#simulator/rest/answers.ts';
import type { Answer } from '#simulator/rest/answers.ts';
import type { ApiError } from '#simulator/session/errors.ts';

export interface ServeOptions {
	/** The path, as the log names it. */
	path: string;
	nowMs: () => number;
	/** Told what failed on our side, one line each. */
	log: (line: string) => void;
	/** What a client is told of a failure of ours. */
	failure: () => ApiError;
}

/** `'gone'` when nobody is there to be answered. */
export type LaterAnswer = Promise<Answer | 'gone'>;

function describeFailure(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Answers a preflight at once, and any other request with what `answer` comes to; a failure of it with 500. */
export function serve(
	request: IncomingMessage,
	response: ServerResponse,
	{ path, nowMs, log, failure }: ServeOptions,
	answer: () => LaterAnswer
): void {
	const startMs = nowMs();
	response.on('error', () => response.destroy());
	if (request.method === 'OPTIONS') {
		request.resume();
		sendPreflight(request, response);
		return;
	}
	answer()
		.catch((error: unknown) => {
			log(`simulator: ${request.method} ${path} failed: ${describeFailure(error)}`);
			return fail(500, failure());
		})
		.then((made) => {
			request.resume(); // so that the connection can serve the next one
			if (made !== 'gone') sendAnswer(request, response, made, nowMs() - startMs);
		})
		.catch((error: unknown) => {
			log(`simulator: the answer to ${request.method} ${path} failed: ${describeFailure(error)}`);
			response.destroy();
		});
}
