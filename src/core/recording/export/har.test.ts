import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileLog } from '../../../../tests/fixtures/hostile-log.ts';
import { bargeIn } from '../../../../tests/fixtures/make-fixtures.ts';
import { SessionScript } from '../../../../tests/fixtures/session-script.ts';
import { isObject } from '../../base/json.ts';
import type { RecordingHeader } from '../recorded-event.ts';
import type { MemoryLog } from '../recording-log.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { audioOfTracks } from './audio-reader.ts';
import { formatHar, type HarRedactor } from './har.ts';
import { redactEntry } from './raw-text.ts';
import { openInDevTools } from './testing/devtools-har.ts';
import { textOf } from './testing/pieces.ts';

const HEADER: RecordingHeader = {
	earshot: 1,
	id: 'id',
	startedAt: '2026-11-20T09:00:00.250Z',
	title: 'Opening hours',
	endpoint: 'Simulator',
	transport: 'WebSocket',
	model: 'gpt-realtime-2.1',
	redacted: []
};
const STARTED_AT = Date.parse(HEADER.startedAt);
const URL = 'wss://host.example/v1/realtime?model=gpt-realtime-2.1&x=a%20b&flag#part';

function harOf(log: MemoryLog, header: Partial<RecordingHeader> = {}, redactor?: HarRedactor): Promise<string> {
	const options = { version: '1.2.3', ...(redactor && { redactor }) };
	return textOf(formatHar({ ...HEADER, ...header }, log, audioOfTracks(log.tracks), options));
}

function smallSession(): SessionScript {
	const script = new SessionScript().console('microphone.opened').wait(1.5);
	script.console('connection.opening', { url: URL, endpoint: 'Simulator' }).wait(20.25).console('connection.opened');
	script.wait(0.001).server('session.created', { session: { model: 'm' } });
	script.wait(10).client('input_audio_buffer.append', { audio: 'AQID' });
	script.wait(0.123).message('server', '{ "delta" : "BAU=", "type":"response.output_audio.delta" }');
	script.message('server', 'no JSON: \uD800 </script>');
	script.log.append({ seq: 0, at: 40, from: 'client', raw: 'AP8=', binary: true });
	return script.at(50).console('connection.closed', { code: 1000, reason: 'bye' });
}

test('a session as Chrome writes it', async () => {
	expect(await harOf(smallSession().log)).toMatchInlineSnapshot(`
		"{"log":{"version":"1.2","creator":{"name":"Earshot","version":"1.2.3"},"pages":[],"entries":[
		{"_initiator":{"type":"other"},"_priority":null,"_resourceType":"websocket","cache":{},"request":{"method":"GET","url":"wss://host.example/v1/realtime?model=gpt-realtime-2.1&x=a%20b&flag","httpVersion":"HTTP/1.1","headers":[],"queryString":[{"name":"model","value":"gpt-realtime-2.1"},{"name":"x","value":"a%20b"},{"name":"flag","value":""}],"cookies":[],"headersSize":-1,"bodySize":0},"response":{"status":101,"statusText":"Switching Protocols","httpVersion":"HTTP/1.1","headers":[],"cookies":[],"content":{"size":0,"mimeType":"x-unknown"},"redirectURL":"","headersSize":-1,"bodySize":-1,"_transferSize":0,"_error":null,"_fetchedViaServiceWorker":false},"serverIPAddress":"","startedDateTime":"2026-11-20T09:00:00.251Z","time":48.5,"timings":{"blocked":-1,"dns":-1,"ssl":-1,"connect":-1,"send":0,"wait":20.25,"receive":28.25,"_blocked_queueing":-1},"comment":"Closed with code 1000: bye.","_webSocketMessages":[
		{"type":"receive","time":1795165200.271751,"opcode":1,"data":"{\\"type\\":\\"session.created\\",\\"event_id\\":\\"event_3\\",\\"session\\":{\\"model\\":\\"m\\"}}"},
		{"type":"send","time":1795165200.281751,"opcode":1,"data":"{\\"type\\":\\"input_audio_buffer.append\\",\\"audio\\":\\"AQID\\"}"},
		{"type":"receive","time":1795165200.281874,"opcode":1,"data":"{ \\"delta\\" : \\"BAU=\\", \\"type\\":\\"response.output_audio.delta\\" }"},
		{"type":"receive","time":1795165200.281874,"opcode":1,"data":"no JSON: \\ud800 </script>"},
		{"type":"send","time":1795165200.29,"opcode":2,"data":"AP8="}
		]}
		],"comment":"Opening hours. 4 events of Earshot’s own are left out: a HAR file holds what crossed the wire."}}
		"
	`);
});

describe('Chrome’s developer tools', () => {
	test('open it, with every message, its text, its direction and its time', async () => {
		const { log } = bargeIn();
		const [request, ...more] = openInDevTools(await harOf(log));
		expect(more).toEqual([]);
		expect(request).toMatchObject({ resourceType: 'websocket', status: 101, startedAt: STARTED_AT });
		const messages = Array.from({ length: log.length }, (_, i) => log.recorded(i)).filter((m) => m.from !== 'console');
		expect(messages.length).toBeGreaterThan(60);
		expect(request!.frames.map(({ data }) => data)).toEqual(messages.map(({ raw }) => raw));
		expect(request!.frames.map(({ type }) => type)).toEqual(
			messages.map(({ from }) => (from === 'client' ? 'send' : 'receive'))
		);
		request!.frames.forEach(({ time }, i) => expect(time * 1000).toBeCloseTo(STARTED_AT + messages[i]!.at, 2));
	});

	test('open whatever a recording holds', async () => {
		await fc.assert(
			fc.asyncProperty(hostileLog(), fc.string(), fc.string(), async (log, title, endpoint) => {
				const requests = openInDevTools(await harOf(log, { title, endpoint, startedAt: title, model: endpoint }));
				const frames = requests.flatMap((request) => request.frames.map(({ data }) => data));
				const raws = Array.from({ length: log.length }, (_, i) => log.recorded(i)).filter((m) => m.from !== 'console');
				expect(frames).toEqual(raws.map(({ raw }) => raw));
			})
		);
	});

	test('would refuse a file without the parts that they need', async () => {
		const har = JSON.parse(await harOf(smallSession().log)) as { log: { entries: Record<string, unknown>[] } };
		const broken: [string, unknown][] = [
			['_initiator', null],
			['startedDateTime', 'yesterday'],
			['timings', undefined],
			['response', { ...(har.log.entries[0]!['response'] as object), content: undefined }]
		];
		for (const [key, value] of broken) {
			const text = JSON.stringify({ log: { ...har.log, entries: [{ ...har.log.entries[0], [key]: value }] } });
			expect(() => openInDevTools(text), key).toThrow();
		}
	});
});

describe('the connection', () => {
	test('gives the entry its address and its times', async () => {
		const [request] = openInDevTools(await harOf(smallSession().log));
		expect(request).toMatchObject({ url: URL.replace('#part', ''), startedAt: STARTED_AT + 1, lengthMs: 48.5 });
		const { entries } = (JSON.parse(await harOf(smallSession().log)) as Har).log;
		expect(entries[0]!.timings).toMatchObject({ send: 0, wait: 20.25, receive: 28.25 });
		expect(entries[0]!.request.queryString).toEqual([
			{ name: 'model', value: 'gpt-realtime-2.1' },
			{ name: 'x', value: 'a%20b' },
			{ name: 'flag', value: '' }
		]);
	});

	test('is one entry each when there were several', async () => {
		const script = new SessionScript().connects().at(100).console('connection.closed', { code: 1006 });
		script.at(200).console('problem', { message: 'gone' }).at(300).connects().at(400).client('response.create');
		const requests = openInDevTools(await harOf(script.log));
		expect(
			requests.map(({ startedAt, lengthMs, frames }) => [startedAt - STARTED_AT, lengthMs, frames.length])
		).toEqual([
			[0, 100, 1],
			[300, 100, 2]
		]);
	});

	test('that never opened has no 101, and says why', async () => {
		const script = new SessionScript().console('connection.opening', { url: 'wss://host/', endpoint: 'x' });
		script.at(75).console('connection.closed', { code: 1006, reason: '', was_clean: false });
		const har = await harOf(script.log);
		expect(openInDevTools(har)[0]).toMatchObject({ status: 0, lengthMs: 75, frames: [] });
		expect(har).toContain('"_error":"The connection never opened."');
		expect(har).toContain('"comment":"Closed with code 1006."');
		expect((JSON.parse(har) as Har).log.entries[0]!.timings).toMatchObject({ wait: 75, receive: 0 });
	});

	test.each([
		['api.openai.com', 'gpt-realtime', 'wss://api.openai.com/v1/realtime?model=gpt-realtime'],
		['localhost:4600', 'm', 'wss://localhost:4600/v1/realtime?model=m'],
		['Simulator', 'm', 'wss://unknown.invalid/v1/realtime?model=m'],
		['My server', 'a b&c', 'wss://unknown.invalid/v1/realtime?model=a%20b%26c'],
		['', '', 'wss://unknown.invalid/v1/realtime']
	])('of which nothing was recorded has an address that says so: %j, %j', async (endpoint, model, url) => {
		const { log } = new SessionScript().at(5).client('response.create').at(8).server('response.created');
		const har = await harOf(log, { endpoint, model, clock: 'order' });
		expect(openInDevTools(har)[0]).toMatchObject({ url, status: 101, startedAt: STARTED_AT + 5, lengthMs: 3 });
		expect(har).toContain('The address was not recorded');
		expect(har).toContain('The times mean nothing');
	});

	test('is missing of a recording without entries', async () => {
		expect(openInDevTools(await harOf(new SessionScript().log))).toEqual([]);
	});
});

test('what a redactor takes out is in no part of the file, and is named', async () => {
	const key = `sk-proj-${'Ab3'.repeat(16)}`;
	const script = new SessionScript().console('connection.opening', { url: `wss://h/v1?api-key=${key}`, endpoint: 'x' });
	script.client('session.update', { session: { instructions: `Use ${key}.` } });
	script.message('client', `{"event_id":"${key}","audio":"AQID","type":"input_audio_buffer.append"}`);
	script.console('connection.closed', { code: 1008, reason: `bad ${key}` });
	const { log } = script;
	log.append({ seq: 0, at: 0, from: 'client', raw: Buffer.from(`{"key":"${key}"}`).toString('base64'), binary: true });
	const redactor = createRedactor({});
	const redacted = Array.from({ length: log.length }, (_, i) => redactEntry(log.entry(i), redactor));
	const title = redactor.text(`With ${key}`, 'title');
	const entries = { length: log.length, entry: (i: number) => redacted[i]! };
	const options = { version: '1', redactor };
	const har = await textOf(
		formatHar({ ...HEADER, title, redacted: ['email'] }, entries, audioOfTracks(log.tracks), options)
	);
	const [request] = openInDevTools(har);
	const [, append, binary] = request!.frames;
	expect(har).not.toContain('sk-proj');
	expect(Buffer.from(binary!.data, 'base64').toString()).toBe('{"key":"[redacted: api key]"}');
	expect(har).toContain('Taken out: email, api key.');
	expect(append!.data).toBe('{"event_id":"[redacted: api key]","audio":"AQID","type":"input_audio_buffer.append"}');
});

test('what is no entry is redacted by the file’s own redactor', async () => {
	const script = new SessionScript().console('connection.opening', { url: 'wss://h/?api-key=sk-1', endpoint: 'x' });
	script.console('connection.closed', { code: 1008, reason: 'bad sk-2' });
	const clean = (text: string) => text.replace(/sk-\d/g, '[redacted: api key]');
	const counts = new Map([['api key' as const, 3]]);
	const har = await harOf(script.log, { title: 'sk-3' }, { url: clean, text: clean, counts });
	expect(har).not.toContain('sk-');
	// The address, its query, the reason, the title.
	expect(har.split('[redacted: api key]')).toHaveLength(1 + 4);
	expect(har).toContain('Taken out: api key.');
});

test('a long session comes in pieces, none much longer than a message', async () => {
	const script = new SessionScript().connects().callerSends(20_000);
	const lengths: number[] = [];
	const options = { version: '1' };
	for await (const piece of formatHar(HEADER, script.log, audioOfTracks(script.log.tracks), options)) {
		lengths.push(piece.length);
	}
	expect(lengths.length).toBeGreaterThan(8);
	expect(Math.max(...lengths)).toBeLessThan(140_000);
});

interface Har {
	readonly log: {
		readonly entries: readonly { readonly timings: object; readonly request: { readonly queryString: object } }[];
	};
}

const CAPTURE = path.join(process.env['EARSHOT_CORPUS'] ?? '', 'captures/chromium156_websocket.har');

test.skipIf(!process.env['EARSHOT_CORPUS'] || !existsSync(CAPTURE))(
	'has the fields of Chrome’s own export',
	async () => {
		const chrome = keyPaths(JSON.parse(readFileSync(CAPTURE, 'utf8')));
		const ours = keyPaths(JSON.parse(await harOf(smallSession().log)));
		// Headers are not seen by the page's script, and how much they were compressed neither; no script is known.
		const unknown = /headers\.|content\.compression|_initiator\.stack/;
		expect([...chrome].filter((key) => !ours.has(key) && !unknown.test(key))).toEqual([]);
		expect([...ours].filter((key) => !chrome.has(key))).toEqual(['log.entries.comment', 'log.comment']);
	}
);

/** Every path of keys in a JSON value; the members of a list count as one. */
function keyPaths(value: unknown, prefix = ''): Set<string> {
	if (Array.isArray(value)) return new Set(value.flatMap((member) => [...keyPaths(member, prefix)]));
	if (!isObject(value)) return new Set();
	const paths = Object.entries(value).flatMap(([key, member]) => {
		const at = prefix === '' ? key : `${prefix}.${key}`;
		return [at, ...keyPaths(member, at)];
	});
	return new Set(paths);
}
