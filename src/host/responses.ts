// Short answers in plain text, on a response and on the bare socket of an upgrade.
import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { securityHeaders } from './guard.ts';

/** Answers a request with a line of text. Does nothing when the answer has begun already. */
export function sendText(response: ServerResponse, status: number, text: string): void {
	if (response.headersSent) return void response.destroy();
	const body = Buffer.from(`${text}\n`);
	response.writeHead(status, {
		'Content-Type': 'text/plain;charset=utf-8',
		'Content-Length': body.length,
		'Cache-Control': 'no-store'
	});
	response.end(body);
}

/** Answers an upgrade that is not accepted, and ends its connection: nobody else would, and the client would wait. */
export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
	socket.on('error', () => socket.destroy());
	const body = `${text}\n`;
	const head = [
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
		'Connection: close',
		'Content-Type: text/plain;charset=utf-8',
		`Content-Length: ${Buffer.byteLength(body)}`,
		...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`)
	];
	socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
