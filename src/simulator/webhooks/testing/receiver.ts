/** For tests: a developer's server, on a free port of this machine, that keeps the webhooks it gets. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
	method: string;
	path: string;
	headers: IncomingHttpHeaders;
	/** As it came. */
	body: string;
}

export interface WebhookReceiver {
	/** Ends in /hook. */
	url: string;
	received: ReceivedWebhook[];
	dispose: () => Promise<void>;
}

/** `answer` is given each webhook's response; by default it says 200. */
export async function startReceiver(
	answer: (response: ServerResponse) => void = (response) => void response.writeHead(200).end()
): Promise<WebhookReceiver> {
	const received: ReceivedWebhook[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = '', url = '', headers } = request;
			received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
			answer(response);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
		received,
		dispose: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	};
}
