/** A session of the `@openai/agents-realtime` package over a WebSocket to the simulator, and what it tells of it. */
import { OpenAIRealtimeWebSocket, RealtimeSession } from '@openai/agents-realtime';
import type { RealtimeItem, RealtimeSessionOptions, RealtimeAgent } from '@openai/agents-realtime';
import { Collector } from './contract-server.ts';

export interface RawEvent {
	type: string;
	[field: string]: unknown;
}

export interface AgentsConnection {
	session: RealtimeSession;
	events: Collector<RawEvent>;
	errors: unknown[];
	next: (type: string) => Promise<RawEvent>;
	/** Types of events that the package's schemas turned away, silently. */
	dropped: () => string[];
}

/** Connects an agent; waits until its configuration is in force. */
export async function connectAgent(
	wsUrl: string,
	agent: RealtimeAgent,
	options: Partial<RealtimeSessionOptions> = {},
	apiKey = 'sk-local'
): Promise<AgentsConnection> {
	const transport = new OpenAIRealtimeWebSocket({ url: `${wsUrl}?model=gpt-realtime` });
	const session = new RealtimeSession(agent, { transport, model: 'gpt-realtime', ...options });
	const events = new Collector<RawEvent>();
	const errors: unknown[] = [];
	const understood: string[] = [];
	const seen = new Set<string>();
	transport.on('*', (event: RawEvent) => {
		// The package tells of an event by its own type only when its schema took it, and right after this.
		if (!seen.has(event.type)) {
			seen.add(event.type);
			transport.on(event.type as 'error', () => understood.push(event.type));
		}
		events.add(event);
	});
	session.on('error', (error) => errors.push(error));
	const ready = events.next(({ type }) => type === 'session.updated');
	await session.connect({ apiKey });
	await ready;
	const count = (types: string[], type: string): number => types.filter((one) => one === type).length;
	return {
		session,
		events,
		errors,
		next: (type) => events.next((event) => event.type === type),
		dropped: () => {
			const received = events.all.map(({ type }) => type);
			return [...seen].filter((type) => count(received, type) !== count(understood, type));
		}
	};
}

export const isAnswer = (item: RealtimeItem): boolean => item.type === 'message' && item.role === 'assistant';
