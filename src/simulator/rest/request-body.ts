/** Reads the JSON body of a request, within limits. */
import type { IncomingMessage } from 'node:http';
import { fail } from '#simulator/rest/answers.ts';
import type { Answer } from '#simulator/rest/answers.ts';
import { checkNesting } from '#simulator/session/client-event.ts';
import { invalidRequest } from '#simulator/session/errors.ts';

/** The largest body that is read. Ours: no source shows the service's limit. */
export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The JSON value of a body, `undefined` for an empty one (some clients send none for `{}`); or the answer that says why
 * there is none; or `'gone'` when the client went away before its end.
 */
export async function readJsonBody(
	request: IncomingMessage
): Promise<{ value: unknown } | { refusal: Answer } | 'gone'> {
	const bytes = await readBytes(request);
	if (bytes === 'gone') return 'gone';
	if (bytes === 'too large') return { refusal: tooLarge() };
	if (bytes.length === 0) return { value: undefined };
	const contentType = request.headers['content-type'];
	if (contentType !== undefined && !/^application\/json *(;|$)/i.test(contentType)) {
		return { refusal: wrongContentType(contentType) };
	}
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		return { refusal: notJson() };
	}
	const nesting = checkNesting(value, 'Invalid body');
	return nesting ? { refusal: fail(400, nesting) } : { value };
}

function readBytes(request: IncomingMessage): Promise<Buffer | 'too large' | 'gone'> {
	return new Promise((resolve) => {
		const chunks: Buffer[] = [];
		let length = 0;
		// What comes after the limit is still taken and thrown away: a client that is writing does not read the answer.
		request.on('data', (chunk: Buffer) => {
			length += chunk.length;
			if (length <= MAX_BODY_BYTES) chunks.push(chunk);
			else {
				chunks.length = 0;
				resolve('too large');
			}
		});
		request.on('end', () => resolve(Buffer.concat(chunks)));
		request.on('error', () => resolve('gone'));
		request.on('close', () => resolve('gone'));
	});
}

/** Source: public issue threads, status and words. */
function wrongContentType(contentType: string): Answer {
	const type = (contentType.split(';')[0] ?? '').trim().slice(0, 100);
	return fail(
		400,
		invalidRequest(
			'unsupported_content_type',
			`Unsupported content type: '${type}'. This API method only accepts 'application/json' requests, but you specified ` +
				`the header 'Content-Type: ${type}'. Please try again with a supported content type.`
		)
	);
}

/** Source: public issue threads. */
function notJson(): Answer {
	return fail(
		400,
		invalidRequest(
			null,
			"We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library " +
				'correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble ' +
				'figuring out how to fix this, please contact us through our help center at help.openai.com.)'
		)
	);
}

/** Ours. */
function tooLarge(): Answer {
	const error = invalidRequest(
		'request_too_large',
		`The body of the request is larger than ${MAX_BODY_BYTES} bytes, which is the most that this simulator reads.`
	);
	return fail(413, error);
}
