// The composer against a scripted server, with its real database: what is sent, kept, and what is not.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openComposerStore, type ComposerStore } from '#browser/composer/composer-store.ts';
import type { ConnectionCallbacks } from '#browser/connection/connection.ts';
import { openScriptedConnection, type ScriptedConnection } from '#browser/connection/testing/scripted-connection.ts';
import { Composer } from './composer.svelte.ts';
import { DEFAULT_EVENT_TEXT, drafts } from './drafts.svelte.ts';
import { LiveSession } from './live-session.svelte.ts';
import { notices } from './notices.svelte.ts';

const SECRET = '{"type":"session.update","session":{"tools":[{"type":"mcp","authorization":"abcdefgh12345"}]}}';

let name: string;
let server: ScriptedConnection | null;
let live: LiveSession;
let composer: Composer;
const stores: ComposerStore[] = [];

beforeEach(async () => {
	name = `composer-test-${crypto.randomUUID()}`;
	localStorage.removeItem('earshot.composer');
	drafts.write('event', DEFAULT_EVENT_TEXT);
	live = new LiveSession({
		openConnection: (_url: string, callbacks: ConnectionCallbacks) => (server = openScriptedConnection(callbacks)),
		openWriter: () => Promise.resolve(null)
	});
	composer = openComposer();
	await live.connect({ id: 'test', name: 'Test server', url: () => 'ws://test' }, 'gpt-realtime');
	server?.play({ do: 'open' });
});

afterEach(async () => {
	live.dispose();
	await vi.waitFor(() => expect(document.documentElement.dataset['busy']).toBe('false'));
	for (const store of stores.splice(0)) store.dispose();
	for (const notice of notices.list) notices.dismiss(notice.id);
	indexedDB.deleteDatabase(name);
});

/** The composer of a page; another call is another page with the same store. */
function openComposer(): Composer {
	return new Composer(live, (onchange) => {
		const store = openComposerStore(onchange, name);
		stores.push(store);
		return store;
	});
}

/** Once all that is to be kept is. */
async function openNextPage(): Promise<Composer> {
	await vi.waitFor(() => expect(document.documentElement.dataset['busy']).toBe('false'));
	const next = openComposer();
	await next.open();
	return next;
}

function say(event: object): void {
	server?.play({ do: 'message', text: JSON.stringify(event) });
}

function write(kind: 'event' | 'script' | 'hex', value: unknown): void {
	composer.choose(kind);
	composer.write(typeof value === 'string' ? value : JSON.stringify(value));
}

function run(...steps: object[]): void {
	write('script', steps);
	composer.send();
}

function progress(): string[] {
	return (composer.run?.steps ?? []).map(({ state }) => state);
}

test('an event goes out with its values, and not at all while one is missing', () => {
	write('event', '{"type":"conversation.item.delete","item_id":"{{last.item_id}}"}');
	composer.send();
	expect(composer.problem).toContain('{{last.item_id}} has no value: the conversation has no item yet.');
	expect(server?.sent).toEqual([]);
	say({ type: 'conversation.item.added', item: { id: 'item_1', type: 'message', role: 'user' } });
	composer.send();
	expect(composer.problem).toBeNull();
	expect(server?.sent).toEqual(['{"type":"conversation.item.delete","item_id":"item_1"}']);
});

test('bytes go out as a binary frame and are recorded as one', () => {
	write('hex', '00 ff');
	composer.send();
	expect(server?.sentBinary).toEqual([Uint8Array.of(0, 255)]);
	expect(server?.sent).toEqual([]);
	expect(live.recording.log.recorded(live.recording.log.length - 1)).toMatchObject({
		from: 'client',
		raw: 'AP8=',
		binary: true
	});
	write('hex', '0');
	composer.send();
	expect(composer.problem).toContain('two hex digits');
});

test('a script waits for the event that answers its last one, also when that came during another wait', async () => {
	say({ type: 'response.done', response: { id: 'before' } });
	run({ type: 'response.create' }, { wait_ms: 1 }, { wait_for: 'response.done' }, { type: 'response.cancel' });
	expect(progress()).toEqual(['done', 'running', 'waiting', 'waiting']);
	say({ type: 'response.done', response: { id: 'after' } });
	await composer.run?.ended;
	expect(composer.run?.state).toBe('done');
	expect(server?.sent).toEqual(['{"type":"response.create"}', '{"type":"response.cancel"}']);
});

test('an event from before the script, or from the client, is not the one that it waits for', async () => {
	say({ type: 'error', error: { message: 'old' } });
	run({ type: 'error' }, { wait_for: 'error', timeout_ms: 50 });
	live.sendRaw('{"type":"error"}');
	say({ type: 'response.created', response: { id: 'other' } });
	await composer.run?.ended;
	expect(progress()).toEqual(['done', 'failed']);
});

test('a script that waits in vain says what the server said meanwhile', async () => {
	run({ wait_for: 'response.done', timeout_ms: 50 }, { type: 'response.create' });
	say({ type: 'error', error: { message: 'No such thing.' } });
	await composer.run?.ended;
	expect(composer.run?.state).toBe('failed');
	expect(composer.run?.steps[0]?.note).toBe('It did not come within 0.05 s. The server said: No such thing.');
	expect(progress()).toEqual(['failed', 'waiting']);
});

test('a script is stopped, and ends with the connection', async () => {
	run({ wait_ms: 100_000 }, { type: 'response.create' });
	composer.send();
	expect(composer.problem).toContain('A script is running');
	composer.run?.stop();
	await composer.run?.ended;
	expect([composer.run?.state, ...progress()]).toEqual(['stopped', 'stopped', 'waiting']);

	run({ wait_for: 'response.done', timeout_ms: 100_000 });
	live.disconnect();
	await composer.run?.ended;
	expect([composer.run?.state, composer.run?.steps[0]?.note]).toEqual(['failed', 'The connection ended.']);
	composer.send();
	expect(composer.problem).toContain('Not connected');
	expect(server?.sent).toEqual([]);
});

test('what was sent is there on the next page, newest first, but nothing that seems to hold a key', async () => {
	write('event', '{"type":"response.create","event_id":"{{now.ms}}"}');
	composer.send();
	write('event', SECRET);
	composer.send();
	write('event', '"' + 'x'.repeat(200_000) + '"');
	composer.send();
	run({ wait_ms: 0 });
	await composer.run?.ended;
	expect(composer.history.rows.map(({ kind }) => kind)).toEqual(['script', 'event', 'event', 'event']);
	const next = await openNextPage();
	expect(next.history.rows.map(({ kind }) => kind)).toEqual(['script', 'event']);
	expect(next.history.rows[1]?.text).toContain('{{now.ms}}');
	expect(next.history.rows[1]?.sent).toMatch(/"event_id":\d+}$/);
	await composer.history.clear();
	expect(composer.history.rows).toEqual([]);
});

test('events are saved under names that are there once; what is replaced or deleted can be brought back', async () => {
	write('event', '{"type":"response.create"}');
	expect(await composer.save(' Again ', '')).toEqual({ ok: true, value: undefined });
	write('event', '{"type":"response.cancel"}');
	await composer.save('Again', 'stops it');
	expect(composer.saved.list).toEqual([
		{ name: 'Again', note: 'stops it', kind: 'event', text: '{"type":"response.cancel"}' }
	]);
	notices.list.at(-1)?.action?.run();
	await vi.waitFor(() => expect(composer.saved.list[0]?.text).toBe('{"type":"response.create"}'));
	await composer.saved.remove(composer.saved.list[0]!);
	expect(composer.saved.list).toEqual([]);
	notices.list.at(-1)?.action?.run();
	await vi.waitFor(() => expect(composer.saved.list.length).toBe(1));

	write('event', SECRET);
	const refused = await composer.save('Secret', '');
	expect(refused.ok ? 'it was saved' : refused.error).toContain('authorization');
	const next = await openNextPage();
	expect(next.saved.list.map(({ name, text }) => [name, text])).toEqual([['Again', '{"type":"response.create"}']]);
});

test('a file is taken in: what is new, under a free name, without secrets', async () => {
	const saved = { note: '', kind: 'event', text: '{}' };
	await composer.saved.importFile(new Blob([JSON.stringify({ earshot_events: 1, events: [{ ...saved, name: 'A' }] })]));
	const events = [
		{ ...saved, name: 'A' },
		{ ...saved, name: 'A', note: 'other' },
		{ ...saved, name: 'S', text: SECRET }
	];
	const taken = await composer.saved.importFile(new Blob([JSON.stringify({ earshot_events: 1, events })]));
	expect(taken).toEqual({
		ok: true,
		value: '1 event taken in. 1 event already here. 1 event with a secret in it left out.'
	});
	expect(composer.saved.list.map(({ name, note }) => [name, note])).toEqual([
		['A', ''],
		['A (2)', 'other']
	]);
});

test('what replaces a text puts it aside, unless it can be had again', () => {
	composer.replace({ kind: 'event', text: '{"a":1}' });
	expect(composer.drafts.setAside).toBeNull();
	composer.write('{"mine":1}');
	composer.takeOver('{"type":"response.create","n":1.0}', false);
	expect(drafts.event).toBe('{"type":"response.create","n":1.0}');
	composer.takeOver('{"type":"response.create"}', false);
	expect(drafts.event).toBe('{\n  "type": "response.create"\n}\n');
	composer.bringBack();
	expect(drafts.event).toBe('{"mine":1}');
	composer.takeOver('AP8=', true);
	expect([composer.drafts.kind, composer.drafts.text]).toEqual(['base64', 'AP8=']);
	composer.replace({ kind: 'event', text: '{}' });
	expect(composer.drafts.setAside?.text).toBe('{"mine":1}');
});

test('images join the message that is written, and the event stays small', async () => {
	const canvas = new OffscreenCanvas(20, 10);
	canvas.getContext('2d');
	const file = new File([await canvas.convertToBlob()], 'dot.png', { type: 'image/png' });
	await composer.addImages([file, file]);
	const event = JSON.parse(drafts.event) as { item: { content: { type: string; image_url?: string }[] } };
	expect(event.item.content.map(({ type }) => type)).toEqual(['input_text', 'input_image', 'input_image']);
	expect(event.item.content[1]?.image_url).toMatch(/^data:image\/png;base64,/);
	expect(composer.status).toBe(`dot.png goes as it is: 20 × 10 px, ${file.size} B.`);
	await composer.addImages([new File(['no image'], 'no.png')]);
	expect(composer.problem).toContain('no.png was not taken.');
});
