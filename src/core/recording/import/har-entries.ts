import { decodeUtf8 } from '../../base/utf8.ts';
import { passHarMessage, type HarTimeUnit } from './har-message.ts';
import type { FormatReader, ImportSink } from './import-sink.ts';
import { stringOf } from '../json-member.ts';
import { JsonScanner } from './json-scanner.ts';
import type { GatedConnection, RealtimeGate } from './realtime-gate.ts';

/** An entry of a HAR, as far as it was read. */
export interface HarEntry {
	/** `entry 3` */
	readonly place: string;
	/** Empty, as the others, when the entry does not say. */
	url: string;
	/** ISO 8601. */
	openedAt: string;
	resourceType: string;
	/** Name of the file that holds its content. */
	file: string;
	/** Open while it has messages of its own. */
	connection: GatedConnection | undefined;
}

/** Who takes what a HAR's entries hold besides their messages, which go through the gate. */
export interface HarEntriesOptions {
	readonly sink: ImportSink;
	readonly gate: RealtimeGate;
	/** What comes before a place in reports: `har.har, `. */
	readonly within: string;
	/** An entry was read to its end. */
	finish(entry: HarEntry, unit: HarTimeUnit): void;
	/** The file was not whole, which was reported. */
	onProblem(): void;
}

const ENTRY = 'log.entries[*]';
const CREATOR = 'log.creator.name';
const URL = `${ENTRY}.request.url`;
const OPENED_AT = `${ENTRY}.startedDateTime`;
const RESOURCE_TYPE = `${ENTRY}._resourceType`;
const FILE = `${ENTRY}.response.content._file`;
const MESSAGE = `${ENTRY}._webSocketMessages[*]`;

/** An entry of which nothing is known. */
export function newHarEntry(place: string): HarEntry {
	return { place, url: '', openedAt: '', resourceType: '', file: '', connection: undefined };
}

/**
 * Reads the entries of a HAR 1.2 as its bytes come: their messages one by one, and what is known of the connection
 * before them or after them, in whichever order the file has them.
 */
export function openHarEntries(options: HarEntriesOptions): FormatReader {
	const { sink, gate, within, finish, onProblem } = options;
	let unit: HarTimeUnit = 'milliseconds';
	let entryCount = 0;
	let messageCount = 0;
	let entry: HarEntry | undefined;

	const learn = (path: string, text: string) => {
		if (path === CREATOR) unit = text === 'WebInspector' ? 'seconds' : 'milliseconds';
		if (!entry) return;
		if (path === URL) {
			entry.url = text;
			entry.connection?.knowAddress(text);
		} else if (path === OPENED_AT) {
			entry.openedAt = text;
			entry.connection?.knowOpening(text);
		} else if (path === RESOURCE_TYPE) entry.resourceType = text;
		else if (path === FILE) entry.file = text;
	};
	const takeMessage = (text: string) => {
		if (!entry) return;
		const place = `${entry.place}, message ${++messageCount}`;
		entry.connection ??= openConnection(gate, entry);
		const passed = passHarMessage(text, unit, entry.connection);
		if (!passed.ok) sink.skip({ place, reason: passed.error });
	};
	const scanner = new JsonScanner({
		values: [CREATOR, URL, OPENED_AT, RESOURCE_TYPE, FILE, MESSAGE],
		marks: [ENTRY],
		handlers: {
			enter: () => {
				entry = newHarEntry(`${within}entry ${++entryCount}`);
				messageCount = 0;
			},
			leave: () => {
				if (entry) finish(entry, unit);
				entry = undefined;
			},
			value: (path, bytes) => {
				const text = decodeUtf8(bytes);
				if (path === MESSAGE) takeMessage(text);
				else learn(path, stringOf(text) ?? '');
			},
			tooLong: (path, byteLength) => {
				const message = path === MESSAGE ? `, message ${++messageCount}` : '';
				sink.skip({ place: `${entry?.place ?? 'the file'}${message}`, reason: tooLong(byteLength) });
			}
		}
	});
	return {
		push: (bytes) => scanner.push(bytes),
		end: () => {
			const problem = scanner.end();
			if (!problem) return;
			onProblem();
			sink.skip({ place: `${within}byte ${(problem.offset + 1).toLocaleString('en-US')}`, reason: problem.message });
		}
	};
}

function openConnection(gate: RealtimeGate, { place, url, openedAt }: HarEntry): GatedConnection {
	const connection = gate.open(place);
	if (url !== '') connection.knowAddress(url);
	if (openedAt !== '') connection.knowOpening(openedAt);
	return connection;
}

function tooLong(byteLength: number): string {
	const size = Math.round(byteLength / 2 ** 20).toLocaleString('en-US');
	return `This is too large for a message: ${size} MiB; up to 64 MiB are read.`;
}
