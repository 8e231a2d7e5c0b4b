// Function calls and their answers against a scripted server: the orders that a real one brings only now and then.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { ConnectionCallbacks } from '#browser/connection/connection.ts';
import { openScriptedConnection, type ScriptedConnection } from '#browser/connection/testing/scripted-connection.ts';
import { LiveSession } from './live-session.svelte.ts';
import { notices } from './notices.svelte.ts';
import { ToolMocks, toolMocks } from './tool-mocks.svelte.ts';

let server: ScriptedConnection;
let live: LiveSession;

beforeAll(() => userEvent.click(document.body));

beforeEach(async () => {
	for (const name of [...toolMocks.byName.keys()]) toolMocks.remove(name);
	toolMocks.setAutomatic(true);
	live = new LiveSession({
		openConnection: (_url: string, callbacks: ConnectionCallbacks) => (server = openScriptedConnection(callbacks)),
		openWriter: () => Promise.resolve(null)
	});
	await live.connect({ id: 'test', name: 'Test server', url: () => 'ws://test' }, 'gpt-realtime');
	server.play({ do: 'open' });
	const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
	const session = { type: 'realtime', tools: [{ type: 'function', name: 'weather', parameters }] };
	say({ type: 'session.created', session }, { type: 'session.updated', session });
});

afterEach(() => {
	live.dispose();
	for (const notice of notices.list) notices.dismiss(notice.id);
});

function say(...events: object[]): void {
	server.play(...events.map((event) => ({ do: 'message' as const, text: JSON.stringify(event) })));
}

const begins = (id: string, more = {}) => ({
	type: 'response.created',
	response: { id, status: 'in_progress', ...more }
});
const ends = (id: string, status = 'completed') => ({ type: 'response.done', response: { id, status } });
const calls = (responseId: string, callId: string, name: string, args = '{"city":"Oslo"}', status = 'completed') => ({
	type: 'response.output_item.done',
	response_id: responseId,
	item: { id: `item_${callId}`, type: 'function_call', status, name, call_id: callId, arguments: args }
});

/** What was sent after the session, in short: `a=21` for an output, `create` for the request. */
function sent(): string[] {
	return server.sent.slice(1).map((text) => {
		const event = JSON.parse(text) as { type: string; item?: { call_id: string; output: string } };
		return event.item ? `${event.item.call_id}=${event.item.output}` : event.type.replace('response.', '');
	});
}

const call = (callId: string) => live.tools.list.find((known) => known.callId === callId);

test('two calls of one response: both outputs, then one request, after the response is done', async () => {
	toolMocks.write('weather', { kind: 'fixed', result: '21' });
	toolMocks.write('slow', { kind: 'fixed', result: 'late', delayMs: 30 });
	say(begins('r1'), calls('r1', 'a', 'slow'), calls('r1', 'b', 'weather'));
	await vi.waitFor(() => expect(sent()).toEqual(['b=21', 'a=late']));
	say(ends('r1'));
	expect(sent()).toEqual(['b=21', 'a=late', 'create']);
	say(begins('r2'), ends('r2'));
	expect(sent()).toHaveLength(3);
});

test('the request waits for the slower of two calls though the response is done', async () => {
	toolMocks.write('weather', { kind: 'fixed', result: '21' });
	toolMocks.write('ask', { kind: 'hand' });
	say(begins('r1'), calls('r1', 'a', 'weather'), calls('r1', 'b', 'ask'), ends('r1'));
	await vi.waitFor(() => expect(sent()).toEqual(['a=21']));
	expect(notices.list.map(({ title }) => title)).toEqual(['The call of ask waits for your reply']);
	live.tools.writeReply('b', 'Yes');
	live.tools.sendReply('b');
	expect(sent()).toEqual(['a=21', 'b=Yes', 'create']);
});

test('an output goes out while another response runs, the request after it', () => {
	toolMocks.write('ask', { kind: 'hand', errorText: 'broken' });
	say(begins('r1'), calls('r1', 'a', 'ask'), ends('r1'), begins('r2'));
	live.tools.fail('a');
	expect(sent()).toEqual(['a={"error":"broken"}']);
	expect(call('a')).toMatchObject({ state: 'failed', output: '{"error":"broken"}' });
	say(ends('r2'));
	expect(sent()).toEqual(['a={"error":"broken"}', 'create']);
});

test('without a mock nothing is sent, and the arguments are checked all the same', () => {
	say(begins('r1'), calls('r1', 'a', 'weather', '{"city": 3}'), ends('r1'));
	expect(sent()).toEqual([]);
	expect(call('a')).toMatchObject({ state: 'unmocked', settledMs: null });
	expect(call('a')?.check.mismatches).toEqual([{ path: 'city', message: 'must be a string, and is 3' }]);
	// The composer answers it: whoever sent that asks for the response as well.
	say({ type: 'conversation.item.added', item: { type: 'function_call_output', call_id: 'a', output: 'mine' } });
	expect(call('a')).toMatchObject({ state: 'elsewhere', output: 'mine' });
	expect(sent()).toEqual([]);
});

test('a call that nobody wants to answer holds the others of its response up until it is left', async () => {
	toolMocks.write('weather', { kind: 'fixed', result: '21' });
	say(begins('r1'), calls('r1', 'a', 'weather'), calls('r1', 'b', 'other'), ends('r1'));
	await vi.waitFor(() => expect(sent()).toEqual(['a=21']));
	live.tools.leave('b');
	expect(sent()).toEqual(['a=21', 'create']);
});

test('a call without a mock is taken over by hand', () => {
	say(begins('r1'), calls('r1', 'a', 'weather'), ends('r1'));
	live.tools.takeOver('a');
	live.tools.writeReply('a', '4');
	live.tools.sendReply('a');
	expect(sent()).toEqual(['a=4', 'create']);
});

test('with the switch off a click answers', async () => {
	toolMocks.setAutomatic(false);
	toolMocks.write('weather', { kind: 'script', code: 'return args.city + count' });
	say(begins('r1'), calls('r1', 'a', 'weather'), ends('r1'));
	expect(call('a')?.state).toBe('ready');
	expect(document.documentElement.dataset['busy']).toBe('false');
	live.tools.answer('a');
	expect(document.documentElement.dataset['busy']).toBe('true');
	await vi.waitFor(() => expect(sent()).toEqual(['a=Oslo1', 'create']));
});

test('every n-th call fails, the script that throws fails, and each answer says why', async () => {
	toolMocks.write('weather', { kind: 'fixed', result: '21', failEvery: 2, errorText: 'down' });
	toolMocks.write('bad', { kind: 'script', code: 'throw new Error("no such city")' });
	toolMocks.write('long', { kind: 'script', code: 'for (;;);', limitMs: 20 });
	say(begins('r1'), calls('r1', 'a', 'weather'), calls('r1', 'b', 'weather'), calls('r1', 'c', 'bad'));
	say(calls('r1', 'd', 'long'), calls('r1', 'e', 'bad', '{"city"'));
	await vi.waitFor(() => expect(live.tools.list.every(({ settledMs }) => settledMs !== null)).toBe(true));
	expect(live.tools.list.map(({ output }) => output).reverse()).toEqual([
		'21',
		'{"error":"down"}',
		'{"error":"Error: no such city"}',
		'{"error":"It did not return within 20 ms and was stopped."}',
		expect.stringMatching(/^\{"error":"The arguments are not JSON: /)
	]);
	expect(live.tools.list.map(({ state }) => state).reverse()).toEqual(['answered', ...Array<string>(4).fill('failed')]);
});

test('a call that is told of twice is one, one that was cut off is none, one outside the conversation is none', async () => {
	toolMocks.write('weather', { kind: 'fixed', result: '21' });
	const a = calls('r1', 'a', 'weather');
	say(begins('r1'), a, a, calls('r1', 'b', 'weather', '{"ci', 'incomplete'));
	say({ type: 'response.done', response: { id: 'r1', status: 'cancelled', output: [a.item] } });
	say(begins('r2', { conversation_id: null }), calls('r2', 'c', 'weather'));
	await vi.waitFor(() => expect(sent()).toEqual(['a=21', 'create']));
	expect(live.tools.list.map(({ callId }) => callId)).toEqual(['a']);
});

test('an output that the server refuses is shown as that', async () => {
	toolMocks.write('weather', { kind: 'fixed', result: '21' });
	say(begins('r1'), calls('r1', 'a', 'weather'));
	await vi.waitFor(() => expect(sent()).toEqual(['a=21']));
	const { event_id: eventId } = JSON.parse(server.sent.at(-1)!) as { event_id: string };
	say({ type: 'error', error: { message: 'Tool call ID not found', event_id: eventId } });
	expect(call('a')).toMatchObject({ state: 'refused', output: 'Tool call ID not found' });
});

test('the end of the session ends what runs and what waits; the next one begins with none', async () => {
	toolMocks.write('weather', { kind: 'script', code: 'for (;;);', limitMs: 60_000 });
	toolMocks.write('slow', { kind: 'fixed', delayMs: 600_000 });
	say(begins('r1'), calls('r1', 'a', 'weather'), calls('r1', 'b', 'slow'), calls('r1', 'c', 'other'));
	server.play({ do: 'close', close: { code: 1006, reason: '', wasClean: false } });
	expect(live.tools.list.map(({ state }) => state)).toEqual(['ended', 'ended', 'ended']);
	await vi.waitFor(() => expect(document.documentElement.dataset['busy']).toBe('false'));
	await live.connect({ id: 'test', name: 'Test server', url: () => 'ws://test' }, 'gpt-realtime');
	expect(live.tools.list).toEqual([]);
});

test('mocks are kept, but none that holds a key', () => {
	toolMocks.write('weather', { kind: 'fixed', result: '21' });
	toolMocks.write('__proto__', { kind: 'fixed', result: 'odd' });
	toolMocks.write('secret', { kind: 'script', code: `return "sk-proj-${'a1B2c3D4'.repeat(6)}"` });
	expect(toolMocks.unkept).toEqual(['secret']);
	const kept = new ToolMocks();
	expect([...kept.byName.keys()]).toEqual(['weather', '__proto__']);
	expect(kept.of('weather')).toMatchObject({ kind: 'fixed', result: '21' });
	expect(Object.values(localStorage).join()).not.toContain('a1B2c3D4');
});
