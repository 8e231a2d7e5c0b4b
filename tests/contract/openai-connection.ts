/** A session of the `openai` package over TLS, and what it tells of it. */
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeResponse, RealtimeServerEvent, ResponseCreateEvent } from 'openai/resources/realtime/realtime';
import { Collector } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

export type EventOf<Type extends RealtimeServerEvent['type']> = Extract<RealtimeServerEvent, { type: Type }>;

export interface OpenAIConnection {
	client: OpenAIRealtimeWS;
	events: Collector<RealtimeServerEvent>;
	errors: string[];
	/** The first of the type, from now on. */
	next: <Type extends RealtimeServerEvent['type']>(type: Type) => Promise<EventOf<Type>>;
	/** All of the type that came so far. */
	of: <Type extends RealtimeServerEvent['type']>(type: Type) => EventOf<Type>[];
}

type Kind = { model: string } | { intent: 'transcription' };

/** Connects, and waits for session.created. */
export async function connectOpenAI(
	server: ContractServer,
	kind: Kind = { model: 'gpt-realtime' },
	apiKey = 'sk-local'
): Promise<OpenAIConnection> {
	const openai = new OpenAI({ apiKey, baseURL: server.tlsUrl });
	const client = new OpenAIRealtimeWS({ ...kind, options: { ca: server.certificate } }, openai);
	const events = new Collector<RealtimeServerEvent>();
	const errors: string[] = [];
	client.on('event', (event) => events.add(event));
	client.on('error', (error) => errors.push(error.message));
	const is =
		<Type extends RealtimeServerEvent['type']>(type: Type) =>
		(event: RealtimeServerEvent): event is EventOf<Type> =>
			event.type === type;
	const connection: OpenAIConnection = {
		client,
		events,
		errors,
		next: async (type) => (await events.next(is(type))) as EventOf<typeof type>,
		of: (type) => events.all.filter(is(type))
	};
	await connection.next('session.created');
	return connection;
}

/** Types something, as the caller. */
export function typeText({ client }: OpenAIConnection, text: string): void {
	client.send({
		type: 'conversation.item.create',
		item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }
	});
}

/** Changes the session; waits until that is in force. */
export async function update(
	{ client, next }: OpenAIConnection,
	session: Extract<Parameters<OpenAIRealtimeWS['send']>[0], { type: 'session.update' }>['session']
): Promise<EventOf<'session.updated'>['session']> {
	const updated = next('session.updated');
	client.send({ type: 'session.update', session });
	return (await updated).session;
}

/** Asks for an answer; waits until all of it has come, also what follows response.done. */
export async function answer(
	{ client, next, of }: OpenAIConnection,
	response: NonNullable<ResponseCreateEvent['response']> = {}
): Promise<RealtimeResponse> {
	const finished = next('rate_limits.updated');
	client.send({ type: 'response.create', response });
	await finished;
	return of('response.done').at(-1)?.response ?? {};
}
