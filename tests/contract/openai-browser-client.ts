/**
 * A program of its own: the browser class of the `openai` package on the WebSocket of the platform, which trusts the server's
 * certificate by NODE_EXTRA_CA_CERTS and has only subprotocols for its key. Types something, prints what it saw as JSON.
 *
 *     node openai-browser-client.ts https://localhost:1234/v1 ek_... 'What to type'
 */
import OpenAI from 'openai';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';

/** What it prints. */
export interface BrowserReport {
	/** The subprotocol that the server chose. */
	protocol: string;
	events: RealtimeServerEvent[];
	errors: string[];
	close: { code: number; reason: string };
}

const [baseURL = '', apiKey = '', text = ''] = process.argv.slice(2);
const client = new OpenAIRealtimeWebSocket({ model: 'gpt-realtime' }, new OpenAI({ apiKey, baseURL }));
const report: BrowserReport = { protocol: '', events: [], errors: [], close: { code: 0, reason: '' } };

client.on('event', (event) => report.events.push(event));
client.on('error', (error) => report.errors.push(error.message));
client.on('session.created', () => {
	client.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
});
client.on('session.updated', () => {
	client.send({
		type: 'conversation.item.create',
		item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }
	});
	client.send({ type: 'response.create' });
});
client.on('rate_limits.updated', () => client.close());
client.socket.addEventListener('open', () => (report.protocol = client.socket.protocol));
client.socket.addEventListener('close', ({ code, reason }) => {
	report.close = { code, reason };
	console.log(JSON.stringify(report));
});
