/** A plain WebSocket to the simulator, and what came of it. */
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { Collector } from './contract-server.ts';

export interface RawEvent {
	type: string;
	error?: { code: string | null; message: string; param: string | null };
	[field: string]: unknown;
}

export interface Attempt {
	socket: WebSocket;
	events: Collector<RawEvent>;
	/** Text that was no JSON. */
	malformed: string[];
	closed: Promise<{ code: number; reason: string }>;
	/** The first event of the type, of those that came or will come. */
	first: (type: string) => Promise<RawEvent>;
	send: (event: object) => void;
}

/** Connects; `first('session.created')` is there when it became a session. */
export function attempt(url: string, protocols: string[] = [], options: ClientOptions = {}): Attempt {
	const socket = new WebSocket(url, protocols, options);
	const events = new Collector<RawEvent>();
	const malformed: string[] = [];
	socket.on('message', (data) => {
		const text = String(data);
		try {
			events.add(JSON.parse(text) as RawEvent);
		} catch (error) {
			if (!(error instanceof SyntaxError)) throw error;
			malformed.push(text);
		}
	});
	const closed = new Promise<{ code: number; reason: string }>((resolve, reject) => {
		socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
		socket.on('error', reject);
	});
	// A test that does not look at how it closed must not fail over it.
	closed.catch(() => {});
	return {
		socket,
		events,
		malformed,
		closed,
		first: (type) => events.first((event) => event.type === type),
		send: (event) => socket.send(JSON.stringify(event))
	};
}

/** Sends an empty update and waits until it was answered: what was sent before has come by then. */
export async function settle({ events, send }: Attempt): Promise<RawEvent> {
	const updated = events.next(({ type }) => type === 'session.updated');
	send({ type: 'session.update', session: { type: 'realtime' } });
	return updated;
}

/** The id without its kind and the five characters of the time. */
export const randomPart = (id: unknown): string => String(id).slice(-16);
