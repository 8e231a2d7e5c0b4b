// Every kind of secret in every place of every kind of file: none of them is kept when the file is taken in, and none leaves
// in any format when it was kept on purpose.
import { describe, expect, test } from 'vitest';
import { assertPresent } from '#core/base/assert.ts';
import { succeed } from '#core/base/result.ts';
import type { ExportFormat } from '#core/recording/export/export-format.ts';
import { formatHeader, formatRecordedEvent } from '#core/recording/recording-file.ts';
import { findPlanted } from '#core/recording/redaction/testing/find-planted.ts';
import { plantSecrets } from '#core/recording/redaction/testing/planted-secrets.ts';
import { openZip } from '../files/zip.ts';
import { exportRecordings } from './export-job.ts';
import { ImportJob } from './import-job.ts';
import type { IncomingRecording } from './incoming-recording.ts';
import type { ImportOptions, ImportReport } from './library-api.ts';
import { summaryOf } from './import-job.ts';

const planted = plantSecrets();
const START_MS = Date.parse('2026-11-20T09:00:00.000Z');
const started = {
	event_id: 'event_start',
	type: 'session.created',
	session: { type: 'realtime', model: 'gpt-realtime' }
};
const messages = [{ from: 'server' as const, raw: JSON.stringify(started) }, ...planted.messages];

/** The same messages as each kind of file; what a kind has no place for is left out. */
const FILES: Readonly<Record<string, () => string>> = {
	'Earshot recording': () => {
		const header = formatHeader({
			earshot: 1,
			id: 'planted',
			startedAt: new Date(START_MS).toISOString(),
			title: planted.title,
			endpoint: planted.urls[0]!,
			transport: 'WebSocket',
			model: planted.title,
			redacted: [],
			note: planted.note
		});
		const opening = planted.urls.map((url) => ({
			from: 'console' as const,
			raw: JSON.stringify({ type: 'earshot.connection.opening', url })
		}));
		const lines = [...opening, ...messages].map((message, seq) => formatRecordedEvent({ seq, at: seq, ...message }));
		const frames = planted.frames.map(({ from, base64 }, index) =>
			formatRecordedEvent({ seq: lines.length + index, at: lines.length + index, from, raw: base64, binary: true })
		);
		return [header, ...lines, ...frames].join('\n');
	},
	'Chrome HAR': () => har('WebInspector', 1000),
	'Playwright HAR': () => har('Playwright', 1),
	'Chromium data channel recording': () =>
		messages
			.map(({ from, raw }, index) =>
				JSON.stringify({
					type: 'message',
					unix_timestamp_ms: START_MS + index,
					datachannel_id: 1,
					label: planted.title,
					direction: from === 'client' ? 'send' : 'receive',
					data_type: 'string',
					data: raw
				})
			)
			.join('\n'),
	'Debug log of Python websockets': () => {
		const line = (text: string) => `2026-11-20 10:00:00,000 DEBUG websockets.client ${text}`;
		const quoted = (text: string) =>
			`'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
		const headers = planted.headers.map(({ name, value }) => line(`> ${name}: ${value}`));
		const frames = messages.map(({ from, raw }) =>
			line(`${from === 'client' ? '>' : '<'} TEXT ${quoted(raw)} [${Buffer.byteLength(raw)} bytes]`)
		);
		const path = new URL(planted.urls.find((url) => URL.canParse(url)) ?? 'wss://x/').search;
		return [line('= connection is CONNECTING'), line(`> GET /v1/realtime${path} HTTP/1.1`), ...headers, ...frames].join(
			'\n'
		);
	},
	'Event JSON': () => messages.map(({ raw }) => raw).join('\n')
};

function har(creator: string, unit: number): string {
	const entries = planted.urls.map((url, index) => ({
		_resourceType: 'websocket',
		startedDateTime: new Date(START_MS).toISOString(),
		request: { method: 'GET', url, headers: planted.headers, queryString: [] },
		response: { status: 101, headers: planted.headers },
		_webSocketMessages: [
			...(index === 0 ? messages : messages.slice(0, 1)).map(({ from, raw }, at) => ({
				type: from === 'client' ? 'send' : 'receive',
				time: (START_MS + at) / unit,
				opcode: 1,
				data: raw
			})),
			...(index === 0 ? planted.frames : []).map(({ from, base64 }) => ({
				type: from === 'client' ? 'send' : 'receive',
				time: (START_MS + 99_999) / unit,
				opcode: 2,
				data: base64
			}))
		]
	}));
	return JSON.stringify({
		log: { version: '1.2', creator: { name: creator, comment: planted.note }, pages: [], entries }
	});
}

async function take(
	text: string,
	options: ImportOptions
): Promise<{ report: ImportReport; recordings: IncomingRecording[] }> {
	const recordings: IncomingRecording[] = [];
	const host = {
		onincoming: () => undefined,
		store: (recording: IncomingRecording) => {
			recordings.push(recording);
			return Promise.resolve(succeed({ ...summaryOf(recording), status: 'closed' as const }));
		},
		onsettled: () => undefined
	};
	const listener = { ondetected: () => undefined, onrecording: () => undefined, onprogress: () => undefined };
	const report = await new ImportJob(host, options, listener).run(new Blob([text]), `${planted.title}.log`);
	if (!report.ok) throw new Error(report.error.message);
	return { report: report.value, recordings };
}

/** All that a recording holds, in the spelling in which it is kept and exported without any redaction. */
async function contentOf(recordings: readonly IncomingRecording[], format: ExportFormat, redaction: object | null) {
	const parts: string[] = [];
	for (const { header, log } of recordings) {
		const leaving = (async function* () {
			yield await Promise.resolve({ header, log });
		})();
		const exported = await exportRecordings(leaving, 1, { format, redaction }, null, () => undefined);
		if (!exported.ok) throw new Error(exported.error.message);
		parts.push(exported.value.name, await textOf(assertPresent(exported.value.blob, 'the exported file')));
		parts.push(JSON.stringify(exported.value.redactions));
	}
	return parts.join('\n');
}

/** The text of a file; of a zip, that of all files in it. */
async function textOf(file: Blob): Promise<string> {
	const zip = await openZip(file);
	if (!zip.ok) return file.text();
	const texts = zip.value.entries.map(({ name }) => new Response(zip.value.stream(name)).text());
	return (await Promise.all(texts)).join('\n');
}

const FORMATS: readonly ExportFormat[] = ['earshot.jsonl', 'earshot.zip', 'har', 'markdown', 'csv', 'wav-stereo'];

describe.each(Object.entries(FILES))('%s', (name, make) => {
	const whole = take(make(), { redaction: null });

	test('holds them before', async () => {
		const { report, recordings } = await whole;
		expect(report.formatName).toBe(name);
		expect(report.redactions.counts).toEqual({});
		const found = findPlanted(await contentOf(recordings, 'earshot.jsonl', null), planted.planted);
		expect(found.length).toBeGreaterThan(planted.planted.length / 2);
	}, 60_000);

	test('is kept without them', async () => {
		const { report, recordings } = await take(make(), { redaction: {} });
		const kept = await contentOf(recordings, 'earshot.jsonl', null);
		expect(findPlanted(kept, planted.planted)).toEqual([]);
		expect(findPlanted(JSON.stringify(report), planted.planted)).toEqual([]);
		for (const { header } of recordings.slice(0, 1)) expect(header.redacted).toContain('api key');
	}, 60_000);

	test.each(FORMATS)(
		'leaves without them as %s',
		async (format) => {
			const { recordings } = await whole;
			// The first connection has all messages; the others differ in their addresses.
			const leaving = await contentOf(recordings.slice(0, 2), format, {});
			expect(findPlanted(leaving, planted.planted)).toEqual([]);
		},
		60_000
	);
});
