import { encodeBase64 } from '#core/audio/base64.ts';
import { countingBytes } from './live-recording.ts';

// A database as version 1 of the schema left it, written without any code of today. This is history: never change it.

/** What version 1 wrote of a recording that was closed and one whose tab was killed, and the texts of their messages. */
export interface Version1 {
	readonly closed: { readonly id: string; readonly raws: readonly string[]; readonly model: Uint8Array };
	readonly killed: { readonly id: string; readonly raws: readonly string[] };
}

const header = (id: string, title: string) => ({
	earshot: 1,
	id,
	startedAt: '2026-11-20T10:00:00.000Z',
	title,
	endpoint: 'Simulator',
	transport: 'WebSocket',
	model: 'gpt-realtime',
	redacted: []
});

/** Opens a database of version 1, as a tab of Earshot 0.1 holds it. */
export function openVersion1(name: string): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.open(name, 1);
		request.onupgradeneeded = () => {
			request.result.createObjectStore('recordings', { keyPath: 'id' });
			request.result.createObjectStore('events');
			request.result.createObjectStore('audio');
		};
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error as DOMException);
	});
}

/** Writes two recordings: 601 events in two chunks with 70,000 bytes of audio in two chunks, and 3 events. */
export async function writeVersion1(database: IDBDatabase): Promise<Version1> {
	const model = countingBytes(70_000);
	const raws: string[] = [];
	const lines: string[] = [];
	for (let seq = 0; seq < 600; seq++) {
		const text = `{"type":"test.event","n":${seq},"text":"Grüße \\ud800"}`;
		raws.push(text);
		lines.push(JSON.stringify({ seq, at: seq * 10, from: 'server', text }));
	}
	const text = '{"type":"response.output_audio.delta","item_id":"item_1","delta":""}';
	const index = text.length - 2;
	const audio = { track: 'model', index, offset: 0, length: model.length };
	raws.push(text.slice(0, index) + encodeBase64(model) + text.slice(index));
	lines.push(JSON.stringify({ seq: 600, at: 6000.5, from: 'server', text, audio }));

	const transaction = database.transaction(['recordings', 'events', 'audio'], 'readwrite');
	const events = transaction.objectStore('events');
	const bytesOf = (some: readonly string[]) => new TextEncoder().encode(some.map((line) => `${line}\n`).join(''));
	const counts = { turns: 2, interruptions: 1, errors: 0 };
	transaction.objectStore('recordings').put({
		id: 'closed',
		header: header('closed', 'A closed one'),
		status: 'closed',
		lengthMs: 6000.5,
		eventCount: 601,
		callerBytes: 0,
		modelBytes: 70_000,
		...counts
	});
	events.put({ bytes: bytesOf(lines.slice(0, 500)), count: 500 }, ['closed', 0]);
	events.put({ bytes: bytesOf(lines.slice(500)), count: 101 }, ['closed', 500]);
	const tracks = transaction.objectStore('audio');
	tracks.put(model.slice(0, 48_000).buffer, ['closed', 'model', 0]);
	tracks.put(model.slice(48_000).buffer, ['closed', 'model', 48_000]);
	transaction.objectStore('recordings').put({
		id: 'killed',
		header: header('killed', 'A killed one'),
		status: 'live',
		lengthMs: 20,
		eventCount: 3,
		callerBytes: 0,
		modelBytes: 0,
		...counts
	});
	events.put({ bytes: bytesOf(lines.slice(0, 3)), count: 3 }, ['killed', 0]);
	await new Promise<void>((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error as DOMException);
	});
	return { closed: { id: 'closed', raws, model }, killed: { id: 'killed', raws: raws.slice(0, 3) } };
}
