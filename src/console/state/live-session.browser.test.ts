// The live session against a scripted server, with real audio in a real browser: the races and the orders that a person's
// timing meets only now and then.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { encodeBase64 } from '#core/audio/base64.ts';
import type { ConnectionCallbacks } from '#browser/connection/connection.ts';
import { openScriptedConnection, type ScriptedConnection } from '#browser/connection/testing/scripted-connection.ts';
import { drafts, DEFAULT_SESSION_TEXT } from './drafts.svelte.ts';
import type { Endpoint } from './endpoints.ts';
import { LiveSession } from './live-session.svelte.ts';
import { notices } from './notices.svelte.ts';

const ENDPOINT: Endpoint = { id: 'test', name: 'Test server', url: () => 'ws://test' };
const AUDIO_IDS = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0 };

let server: ScriptedConnection | null;
let live: LiveSession;

// The browser plays nothing before the first click.
beforeAll(() => userEvent.click(document.body));

beforeEach(() => {
	server = null;
	drafts.write('session', DEFAULT_SESSION_TEXT);
	drafts.write('tools', '[]');
	live = new LiveSession({
		openConnection: (_url: string, callbacks: ConnectionCallbacks) => {
			server = openScriptedConnection(callbacks);
			return server;
		},
		openWriter: () => Promise.resolve(null)
	});
});

afterEach(() => {
	live.dispose();
	for (const notice of notices.list) notices.dismiss(notice.id);
	vi.restoreAllMocks();
});

function say(...events: object[]): void {
	server?.play(...events.map((event) => ({ do: 'message' as const, text: JSON.stringify(event) })));
}

async function connect(turnDetection: object | null = { type: 'server_vad' }): Promise<void> {
	await live.connect(ENDPOINT, 'gpt-realtime');
	server?.play({ do: 'open' });
	const session = { type: 'realtime', audio: { input: { turn_detection: turnDetection } } };
	say({ type: 'session.created', session }, { type: 'session.updated', session });
}

/** An answer of two seconds, generated at once and being played. */
async function answer(): Promise<void> {
	say(
		{ type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } },
		{
			type: 'conversation.item.added',
			item: { id: 'item_1', type: 'message', role: 'assistant', status: 'in_progress' }
		},
		{ type: 'response.output_audio.delta', ...AUDIO_IDS, delta: encodeBase64(new Uint8Array(96_000).fill(7)) },
		{ type: 'response.output_audio.done', ...AUDIO_IDS },
		{ type: 'response.done', response: { id: 'resp_1', status: 'completed' } }
	);
	await vi.waitFor(() => expect(live.recording.view.current.utterances[0]?.playback.state).toBe('playing'));
}

function sentTypes(): string[] {
	return (server?.sent ?? []).map((text) => (JSON.parse(text) as { type: string }).type);
}

function recordedTypes(): string[] {
	return Array.from({ length: live.recording.log.length }, (_, i) => {
		return (JSON.parse(live.recording.log.entry(i).text) as { type: string }).type;
	});
}

/** A microphone whose permission is granted when the test says so. */
function slowMicrophone(): { grant: () => void; stream: MediaStream } {
	const context = new AudioContext();
	const { stream } = context.createMediaStreamDestination();
	const { promise, resolve } = Promise.withResolvers<MediaStream>();
	vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockReturnValue(promise);
	return { grant: () => resolve(stream), stream };
}

test('a typed message interrupts: first what was heard, then the message, then the request', async () => {
	await connect();
	await answer();
	expect(live.sendMessage('Stop').ok).toBe(true);
	await vi.waitFor(() => expect(sentTypes()).toContain('response.create'));
	expect(sentTypes()).toEqual([
		'session.update',
		'conversation.item.truncate',
		'conversation.item.create',
		'response.create'
	]);
});

test('two messages written quickly keep their order, and ask for one response at a time', async () => {
	await connect();
	live.sendMessage('one');
	live.sendMessage('two');
	await vi.waitFor(() => expect(sentTypes().filter((type) => type === 'conversation.item.create')).toHaveLength(2));
	expect(sentTypes().filter((type) => type === 'response.create')).toHaveLength(1);
	say({ type: 'response.created', response: { id: 'resp_2', status: 'in_progress' } });
	expect(sentTypes().filter((type) => type === 'response.create')).toHaveLength(1);
	say({ type: 'response.done', response: { id: 'resp_2', status: 'completed' } });
	await vi.waitFor(() => expect(sentTypes().filter((type) => type === 'response.create')).toHaveLength(2));
});

test('a request that came second is made again when the first answer is done', async () => {
	await connect();
	live.sendMessage('hello');
	await vi.waitFor(() => expect(sentTypes()).toContain('response.create'));
	const { event_id: eventId } = JSON.parse(server!.sent.at(-1)!) as { event_id: string };
	say(
		{ type: 'response.created', response: { id: 'resp_auto', status: 'in_progress' } },
		{ type: 'response.done', response: { id: 'resp_auto', status: 'completed' } }
	);
	say({
		type: 'error',
		error: { code: 'conversation_already_has_active_response', message: 'busy', event_id: eventId }
	});
	live.sendMessage('again');
	await vi.waitFor(() => expect(sentTypes().filter((type) => type === 'response.create')).toHaveLength(2));
});

test('a refused response does not block the ones after it', async () => {
	await connect();
	live.sendRaw('{"type":"response.create","event_id":"mine","response":{"output_modalities":["smell"]}}');
	say({
		type: 'error',
		error: { code: 'invalid_value', message: 'No smell.', param: 'response.output_modalities', event_id: 'mine' }
	});
	live.sendMessage('hello');
	await vi.waitFor(() => expect(sentTypes().filter((type) => type === 'response.create')).toHaveLength(2));
	expect(notices.list.map((notice) => notice.text)).toContain('No smell.');
});

test('what arrives late of a cancelled response is not played', async () => {
	await connect();
	say({ type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } });
	live.sendMessage('Never mind');
	await vi.waitFor(() => expect(sentTypes()).toContain('conversation.item.create'));
	say({ type: 'response.output_audio.delta', ...AUDIO_IDS, delta: encodeBase64(new Uint8Array(24_000).fill(7)) });
	say({ type: 'response.done', response: { id: 'resp_1', status: 'cancelled' } });
	say({ type: 'response.created', response: { id: 'resp_2', status: 'in_progress' } });
	const second = { ...AUDIO_IDS, response_id: 'resp_2', item_id: 'item_2' };
	say({ type: 'response.output_audio.delta', ...second, delta: encodeBase64(new Uint8Array(24_000).fill(7)) });
	await vi.waitFor(() => expect(recordedTypes()).toContain('earshot.playback.started'));
	const started = live.recording.view.current.utterances.filter(({ playback }) => playback.state !== 'none');
	expect(started.map(({ itemId }) => itemId)).toEqual(['item_2']);
});

test('disconnecting while it connects ends it, and nothing is opened afterwards', async () => {
	const connecting = live.connect(ENDPOINT, 'gpt-realtime');
	live.disconnect();
	await connecting;
	expect(live.status).toBe('closed');
	expect(server).toBeNull();
	expect(notices.list).toEqual([]);
	expect(document.documentElement.dataset['busy']).toBe('false');
	await connect();
	expect(live.status).toBe('connected');
});

test('leaving in the middle of an answer records what was heard, and leaves nothing pending', async () => {
	await connect();
	await answer();
	live.dispose();
	expect(recordedTypes().slice(-2)).toEqual(['earshot.playback.stopped', 'earshot.connection.closed']);
	expect(live.recording.view.current.interruptions).toEqual([]);
	expect(live.recording.view.current.utterances[0]?.playback.state).toBe('stopped');
	expect(document.documentElement.dataset['busy']).toBe('false');
});

test('a tap on Hold to talk leaves no microphone open and asks for nothing', async () => {
	await connect(null);
	const microphone = slowMicrophone();
	const talking = live.caller.startTalking();
	await live.caller.stopTalking();
	microphone.grant();
	await talking;
	expect(live.caller.isMicrophoneOpen).toBe(false);
	expect(microphone.stream.getTracks().map((track) => track.readyState)).toEqual(['ended']);
	expect(sentTypes()).toEqual(['session.update']);
});

test('without turn detection, holding to talk stops the answer and letting go ends the turn', async () => {
	await connect(null);
	await answer();
	const microphone = slowMicrophone();
	microphone.grant();
	await live.caller.startTalking();
	await vi.waitFor(() => expect(sentTypes()).toContain('input_audio_buffer.append'));
	await live.caller.stopTalking();
	await vi.waitFor(() => expect(sentTypes()).toContain('response.create'));
	const types = sentTypes().filter((type) => type !== 'input_audio_buffer.append');
	expect(types).toEqual([
		'session.update',
		'conversation.item.truncate',
		'input_audio_buffer.commit',
		'response.create'
	]);
	expect(sentTypes().lastIndexOf('input_audio_buffer.append')).toBeLessThan(
		sentTypes().indexOf('input_audio_buffer.commit')
	);
});

test('a microphone that was on stays on when the talk key is let go', async () => {
	await connect();
	slowMicrophone().grant();
	await live.caller.toggleMicrophone();
	await live.caller.startTalking();
	await live.caller.stopTalking();
	expect(live.caller.isMicrophoneOpen).toBe(true);
});

test('a session that cannot be applied is told, and recorded', async () => {
	drafts.write('session', '{ "type": "realtime", ');
	await connect();
	expect(sentTypes()).toEqual([]);
	expect(notices.list.map((notice) => notice.title)).toEqual(['The session was not applied']);
	expect(recordedTypes()).toContain('earshot.problem');
});

test('nothing is recorded as sent once the session is being closed', async () => {
	await connect();
	live.disconnect();
	expect(live.sendRaw('{"type":"response.create"}').ok).toBe(false);
	expect(recordedTypes()).not.toContain('response.create');
	server?.play({ do: 'close', close: { code: 1000, reason: '', wasClean: true } });
	expect(live.status).toBe('closed');
});
