/**
 * Runs JavaScript that somebody wrote for a tool's mock where it can reach nothing: a worker in a frame of another origin,
 * under a policy without any address (`static/tool-sandbox.html`).
 */
import { isObject, stringAt } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';

const PAGE = '/tool-sandbox.html';
/** A frame that has not answered by now is blocked, or its page is missing. Milliseconds. */
const OPENS_WITHIN_MS = 10_000;

export interface ToolScript {
	/** The body of an async function of `args` and `count`; what it returns is the result. */
	readonly code: string;
	/** The call's arguments: plain JSON. */
	readonly args: unknown;
	/** Which call of this function it is in the session, from 1. */
	readonly count: number;
	/** It is stopped when it has not returned by then. */
	readonly limitMs: number;
	/** Stops it at once. */
	readonly signal: AbortSignal;
}

/** Runs a script once. Gives its result as text (a string as it is, everything else as JSON), or what went wrong. */
export function runToolScript({ code, args, count, limitMs, signal }: ToolScript): Promise<Result<string>> {
	const { promise, resolve } = Promise.withResolvers<Result<string>>();
	const { port1: port, port2: portOfFrame } = new MessageChannel();
	const frame = openFrame();
	let timer = setTimeout(
		() => resolve(fail('The sandbox did not open. The server of this page may not allow frames, or lacks its file.')),
		OPENS_WITHIN_MS
	);
	const onabort = () => resolve(fail('It was stopped.'));
	signal.addEventListener('abort', onabort);
	if (signal.aborted) onabort();
	port.onmessage = ({ data }: MessageEvent<unknown>) => {
		if (data !== 'started') return resolve(parseOutcome(data));
		clearTimeout(timer);
		timer = setTimeout(() => resolve(fail(`It did not return within ${limitMs} ms and was stopped.`)), limitMs);
	};
	frame.addEventListener('load', () => {
		// Its origin is opaque and has no name, so only '*' reaches it.
		frame.contentWindow?.postMessage({ code, args, count }, '*', [portOfFrame]);
	});
	document.body.append(frame);
	return promise.finally(() => {
		clearTimeout(timer);
		signal.removeEventListener('abort', onabort);
		port.close();
		// The worker ends with its frame, whatever it is doing.
		frame.remove();
	});
}

function openFrame(): HTMLIFrameElement {
	const frame = document.createElement('iframe');
	frame.sandbox.add('allow-scripts');
	frame.hidden = true;
	frame.title = 'A tool’s mock is running';
	frame.src = PAGE;
	return frame;
}

/** What comes from the frame was made by code that nobody checked. */
function parseOutcome(data: unknown): Result<string> {
	const text = stringAt(data, 'text');
	if (isObject(data) && data['ok'] === true && text !== undefined) return succeed(text);
	return fail(stringAt(data, 'error') ?? 'The sandbox answered with something else than a result.');
}
