// The process of the simulator benchmark that plays its clients, so that their work does not count as the simulator's.
// Started with an IPC channel; does what it is told, reports, and ends with the channel.
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { compileFlite } from '#simulator/speech/flite-wasi.ts';
import { synthesizeClause } from '#simulator/speech/speech-synthesis.ts';

export type ClientOrder =
	/** `rounds` conversations of one turn each, one after the other. */
	| { kind: 'latency'; port: number; rounds: number }
	/** `sessions` callers at once who speak now and then. `isPlain`: to the plain sockets. `isAnswered`: the model answers them. */
	| { kind: 'load'; port: number; sessions: number; seconds: number; isPlain: boolean; isAnswered: boolean }
	/** `sessions` sockets that say nothing; they stay until the process ends. */
	| { kind: 'idle'; port: number; sessions: number; isPlain: boolean };

/** Times in ms. */
export interface LatencyResult {
	echo: number[];
	/** From the append that decides that the turn is over to response.created, and to the first audio. */
	created: number[];
	firstAudio: number[];
}

export interface LoadResult {
	/** From an append to the answer of what was sent right behind it. */
	handling: number[];
	/** How late the appends were sent. */
	late: number[];
	appends: number;
	/** Questions that had no answer when the time was over. */
	unanswered: number;
	turns: number;
	audioDeltas: number;
}

const APPEND_MS = 20;
const APPEND_SAMPLES = 24 * APPEND_MS;
/** Every so many appends a question follows, whose answer shows that the append was handled. */
const QUESTION_EVERY = 50;

/** A caller who speaks for two seconds and is silent for three, as the texts of appends. */
function makeAppends(): string[] {
	const speech = synthesizeClause(compileFlite(), 'I would like to know when my parcel will arrive.', 'ash', 1);
	if (!speech) throw new Error('The synthesiser has no sounds for the caller of the benchmark.');
	const audio = new Int16Array(5 * 24_000);
	audio.set(speech.subarray(0, audio.length), 0);
	return Array.from({ length: audio.length / APPEND_SAMPLES }, (_, i) => {
		const chunk = audio.slice(i * APPEND_SAMPLES, (i + 1) * APPEND_SAMPLES);
		return JSON.stringify({
			type: 'input_audio_buffer.append',
			audio: Buffer.from(chunk.buffer).toString('base64')
		});
	});
}

/** Asks for an item that is not there: answered with an error, once everything before it was handled. */
const question = (id: string): string =>
	JSON.stringify({ type: 'conversation.item.retrieve', event_id: id, item_id: 'item_none' });

async function open(port: number, isPlain = false): Promise<WebSocket> {
	const url = `ws://127.0.0.1:${port}${isPlain ? '/plain' : '/v1/realtime?model=gpt-realtime'}`;
	const socket = new WebSocket(url, { perMessageDeflate: false });
	await new Promise<void>((resolve, reject) => {
		// The simulator is ready when it has said so.
		socket.once(isPlain ? 'open' : 'message', () => resolve());
		socket.once('error', reject);
		socket.once('close', (code) => reject(new Error(`The server closed the connection (${code}).`)));
	});
	return socket;
}

function close(socket: WebSocket): Promise<void> {
	return new Promise((resolve) => {
		socket.once('close', () => resolve());
		socket.close();
	});
}

/** Sends messages, and resolves with the first message in which `text` is found. */
function ask(socket: WebSocket, messages: readonly string[], text: string): Promise<string> {
	return new Promise((resolve) => {
		const listen = (data: Buffer): void => {
			const message = String(data);
			if (!message.includes(text)) return;
			socket.off('message', listen);
			resolve(message);
		};
		socket.on('message', listen);
		for (const message of messages) socket.send(message);
	});
}

async function measureEcho(port: number, append: string, rounds: number): Promise<number[]> {
	const socket = await open(port, true);
	const echo = append.replace('{', '{"event_id":"echo",');
	const times: number[] = [];
	for (let i = 0; i < rounds; i++) {
		const startedAt = performance.now();
		await ask(socket, [echo], '"echo"');
		times.push(performance.now() - startedAt);
	}
	await close(socket);
	return times;
}

/** One turn of a caller; the times at which things came, counted from the append that decided. */
async function measureTurn(port: number, appends: readonly string[]): Promise<{ created: number; firstAudio: number }> {
	const socket = await open(port);
	const cameAt = new Map<string, number>();
	socket.on('message', (data: Buffer) => {
		const type = /^\{"type":"([^"]+)"/.exec(String(data.subarray(0, 80)))?.[1] ?? '';
		if (!cameAt.has(type)) cameAt.set(type, performance.now());
	});
	let sentAt = 0;
	for (let i = 0; !cameAt.has('input_audio_buffer.speech_stopped'); i++) {
		const append = appends[i];
		if (append === undefined) throw new Error('The simulator did not hear the caller of the benchmark stop.');
		sentAt = performance.now();
		// One at a time, so that it is known which of them decided.
		await ask(socket, [append, question(`after ${i}`)], `"after ${i}"`);
	}
	const waitFor = async (type: string): Promise<number> => {
		if (!cameAt.has(type)) await ask(socket, [], `"${type}"`);
		return (cameAt.get(type) ?? NaN) - sentAt;
	};
	const created = await waitFor('response.created');
	const firstAudio = await waitFor('response.output_audio.delta');
	await close(socket);
	return { created, firstAudio };
}

async function measureLatency(port: number, rounds: number): Promise<LatencyResult> {
	const appends = makeAppends();
	const turns: { created: number; firstAudio: number }[] = [];
	// The first is not counted: everything is slow once.
	for (let i = 0; i <= rounds; i++) turns.push(await measureTurn(port, appends));
	turns.shift();
	return {
		echo: await measureEcho(port, appends[0] ?? '', 200),
		created: turns.map(({ created }) => created),
		firstAudio: turns.map(({ firstAudio }) => firstAudio)
	};
}

/** One caller of many. */
interface Caller {
	socket: WebSocket;
	/** When its next append is due, ms since the start. */
	dueMs: number;
	sent: number;
	/** When the append before each open question was sent. */
	asked: Map<string, number>;
}

const sessionUpdate = (isAnswered: boolean): string =>
	JSON.stringify({
		type: 'session.update',
		session: {
			type: 'realtime',
			audio: { input: { turn_detection: { type: 'server_vad', create_response: isAnswered } } }
		}
	});

async function openCallers(order: ClientOrder & { kind: 'load' }, result: LoadResult): Promise<Caller[]> {
	const callers: Caller[] = [];
	for (let i = 0; i < order.sessions; i++) {
		const socket = await open(order.port, order.isPlain);
		if (!order.isPlain) await ask(socket, [sessionUpdate(order.isAnswered)], '"session.updated"');
		const asked = new Map<string, number>();
		// Evenly spread over the time of an append, and each at another place of what it says.
		callers.push({ socket, dueMs: (i * APPEND_MS) / order.sessions, sent: i * 7, asked });
		socket.on('message', (data: Buffer) => {
			const now = performance.now();
			const start = data.toString('latin1', 0, 60);
			if (start.includes('response.output_audio.delta')) result.audioDeltas++;
			else if (start.includes('speech_stopped')) result.turns++;
			const id = data.length < 2000 || order.isPlain ? /"event_id":"(q\d+)"/.exec(String(data))?.[1] : undefined;
			const askedAt = id === undefined ? undefined : asked.get(id);
			if (id === undefined || askedAt === undefined) return;
			asked.delete(id);
			result.handling.push(now - askedAt);
		});
	}
	return callers;
}

async function measureLoad(order: ClientOrder & { kind: 'load' }): Promise<LoadResult> {
	const result: LoadResult = { handling: [], late: [], appends: 0, unanswered: 0, turns: 0, audioDeltas: 0 };
	const appends = makeAppends();
	const callers = await openCallers(order, result);
	const startedAt = performance.now();
	const sendDue = (caller: Caller, elapsedMs: number): void => {
		while (caller.dueMs <= elapsedMs) {
			const now = performance.now();
			result.late.push(now - startedAt - caller.dueMs);
			caller.socket.send(appends[caller.sent % appends.length] as string);
			caller.sent++;
			caller.dueMs += APPEND_MS;
			result.appends++;
			if (caller.sent % QUESTION_EVERY !== 0) continue;
			const id = `q${caller.sent}`;
			caller.asked.set(id, now);
			caller.socket.send(question(id));
		}
	};
	await new Promise<void>((resolve) => {
		const timer = setInterval(() => {
			const elapsedMs = performance.now() - startedAt;
			for (const caller of callers) sendDue(caller, elapsedMs);
			if (elapsedMs < order.seconds * 1000) return;
			clearInterval(timer);
			resolve();
		}, 1);
	});
	// What is on its way may arrive; what has not been answered by then counts as such.
	await new Promise((resolve) => setTimeout(resolve, 500));
	result.unanswered = callers.reduce((sum, { asked }) => sum + asked.size, 0);
	for (const { socket } of callers) socket.terminate();
	return result;
}

async function openIdle(order: ClientOrder & { kind: 'idle' }): Promise<null> {
	for (let i = 0; i < order.sessions; i++) await open(order.port, order.isPlain);
	return null;
}

async function obey(order: ClientOrder): Promise<LatencyResult | LoadResult | null> {
	if (order.kind === 'latency') return measureLatency(order.port, order.rounds);
	return order.kind === 'load' ? measureLoad(order) : openIdle(order);
}

process.on('message', (order: ClientOrder) => {
	obey(order).then(
		(result) => process.send?.({ result }),
		(error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) })
	);
});
process.on('disconnect', () => process.exit(0));
