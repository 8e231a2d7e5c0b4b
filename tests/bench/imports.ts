// `npm run bench -- imports`: the same ten minutes of a session as each kind of file that is taken in, read in slices of 8 MB
// as from a disk, against JSON.parse of the same messages. What was read is counted, and a wrong count ends the run.
import { parseRecordingFile } from '#core/recording/recording-file.ts';
import { detectFormat } from '#core/recording/import/formats.ts';
import type { ImportSink, MessageSink } from '#core/recording/import/import-sink.ts';
import { RecordingScanner } from '#core/recording/recording-scanner.ts';
import type { RecordedEvent } from '#core/recording/recorded-event.ts';
import { hourLog } from './hour-log.ts';
import { median, printTable } from './table.ts';

const MINUTES = 10;
const ROUNDS = 3;
const SLICE_BYTES = 1 << 23;
const START_MS = Date.parse('2026-11-20T09:00:00.000Z');

interface Sample {
	readonly name: string;
	readonly bytes: Uint8Array;
	readonly count: number;
}

type Message = Pick<RecordedEvent, 'at' | 'from' | 'raw'>;

/** How each kind of file spells one message. */
const SPELLINGS: Readonly<Record<string, (message: Message) => string>> = {
	'old console, JSONL': ({ at, from, raw }) =>
		`{"time":"${new Date(START_MS + at).toISOString()}","source":"${from}","event":${raw}}`,
	'bare events, JSONL': ({ raw }) => raw,
	'data channel recording': ({ at, from, raw }) =>
		JSON.stringify({
			type: 'message',
			unix_timestamp_ms: START_MS + Math.round(at),
			datachannel_id: 1,
			label: 'oai-events',
			direction: from === 'client' ? 'send' : 'receive',
			data_type: 'string',
			data: raw
		}),
	'websockets debug log': ({ at, from, raw }) =>
		`${new Date(START_MS + at).toISOString().replace('T', ' ').replace('.', ',').slice(0, 23)} DEBUG websockets.client ` +
		`${from === 'client' ? '>' : '<'} TEXT '${raw.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}' [${Buffer.byteLength(raw)} bytes]`
};

function samples(messages: readonly Message[]): Sample[] {
	const count = messages.length;
	const encode = (text: string) => new TextEncoder().encode(text);
	const lines = Object.entries(SPELLINGS).map(([name, spell]) => ({
		name,
		bytes: encode(messages.map(spell).join('\n')),
		count
	}));
	const har = (unit: number, creator: string) => {
		const frames = messages.map(({ at, from, raw }) => ({
			type: from === 'client' ? 'send' : 'receive',
			time: (START_MS + at) / unit,
			opcode: 1,
			data: raw
		}));
		const request = { method: 'GET', url: 'wss://api.openai.com/v1/realtime?model=gpt-realtime', headers: [] };
		const entry = { _resourceType: 'websocket', request, response: { status: 101 }, _webSocketMessages: frames };
		return encode(
			JSON.stringify({ log: { version: '1.2', creator: { name: creator, version: '1' }, entries: [entry] } })
		);
	};
	return [
		{ name: 'HAR of Chrome', bytes: har(1000, 'WebInspector'), count },
		{ name: 'HAR of Playwright', bytes: har(1, 'Playwright'), count },
		...lines,
		{ name: 'JSON array', bytes: encode(`[${messages.map(({ raw }) => raw).join(',\n')}]`), count }
	];
}

/** Reads a sample as the library does; returns what it was taken for and how many messages came. */
function readForeign(bytes: Uint8Array): { readonly format: string; readonly count: number } {
	let count = 0;
	const messages: MessageSink = {
		message: () => void count++,
		binary: () => void count++,
		update: () => undefined
	};
	const sink: ImportSink = { begin: () => messages, skip: () => undefined, note: () => undefined };
	const format = detectFormat(bytes.subarray(0, 65_536));
	if (!format) return { format: 'none', count };
	const reader = format.open(sink);
	for (let at = 0; at < bytes.length; at += SLICE_BYTES) reader.push(bytes.subarray(at, at + SLICE_BYTES));
	reader.end();
	return { format: format.name, count };
}

function readOwn(bytes: Uint8Array): { readonly format: string; readonly count: number } {
	let count = 0;
	const scanner = new RecordingScanner({
		onheader: () => undefined,
		onentry: () => void count++,
		onskip: () => undefined,
		onnote: () => undefined
	});
	for (let at = 0; at < bytes.length; at += SLICE_BYTES) scanner.push(bytes.subarray(at, at + SLICE_BYTES));
	scanner.end();
	return { format: 'Earshot recording', count };
}

function time<T>(work: () => T): { readonly ms: number; readonly result: T } {
	const startedAt = performance.now();
	const result = work();
	return { ms: performance.now() - startedAt, result };
}

export function benchImports(): void {
	const own = Buffer.concat([...hourLog({ minutes: MINUTES, seed: 7 })]);
	const parsed = parseRecordingFile(own.toString());
	if (!parsed.ok) throw new Error(parsed.error.message);
	const { log } = parsed.value;
	const all = Array.from({ length: log.length }, (_, index) => log.recorded(index));
	const messages = all.filter(({ from }) => from !== 'console');
	const files: (Sample & { readonly read: typeof readOwn })[] = [
		{ name: 'Earshot recording', bytes: own, count: all.length, read: readOwn },
		...samples(messages).map((sample) => ({ ...sample, read: readForeign }))
	];
	const rows = files.map(({ name, bytes, count, read }) => {
		const plain: number[] = [];
		const ours: number[] = [];
		let format = '';
		for (let round = 0; round < ROUNDS; round++) {
			plain.push(time(() => messages.forEach(({ raw }) => JSON.parse(raw))).ms);
			const { ms, result } = time(() => read(bytes));
			ours.push(ms);
			format = result.format;
			if (result.count !== count) throw new Error(`${name}: ${result.count} messages were read of ${count}.`);
		}
		const ms = median(ours);
		return {
			file: name,
			'known as': format,
			MB: bytes.length / 1e6,
			events: count,
			ms,
			'MB/s': bytes.length / 1e3 / ms,
			ratio: ms / median(plain)
		};
	});
	printTable(
		`${MINUTES} minutes of a session as each kind of file. Ratio: to JSON.parse of every message. Medians of ${ROUNDS} runs.`,
		rows
	);
}
