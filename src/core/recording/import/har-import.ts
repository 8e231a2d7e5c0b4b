import { type JsonObject, objectAt, parseJson, stringAt } from '../../base/json.ts';
import { newHarEntry, openHarEntries, type HarEntry } from './har-entries.ts';
import { passHarMessage, type HarTimeUnit } from './har-message.ts';
import type { FormatReader, ImportSink } from './import-sink.ts';
import { LineSplitter } from './line-splitter.ts';
import { RealtimeGate } from './realtime-gate.ts';

/** A WebSocket whose messages lie in a file of their own, beside the HAR or trace that names it. */
export interface AttachedConnection {
	/** The file's name in the archive, as its writer spelled it. Compare it with names of the archive; never resolve it. */
	readonly file: string;
	/** Where it is named: `entry 3`. */
	readonly place: string;
	/** Its address; empty when the entry has none. It may hold a key. */
	readonly url: string;
	/** When it was opened, ISO 8601; empty when the entry does not say. */
	readonly openedAt: string;
	readonly unit: HarTimeUnit;
}

/**
 * Reads the WebSockets of one import: of a HAR, or of a Playwright archive, which is a HAR or lists of requests
 * (`trace.network`) with files of messages beside them. One object for the whole archive, because which connections are
 * Realtime is decided among all of them (see `RealtimeGate`).
 *
 *     const har = new HarImport(sink);
 *     const list = har.readHar('har.har, '); // or readTraceNetwork; push its bytes, end it
 *     for (const attached of har.attached) har.readMessages(attached); // push the bytes of `attached.file`, end it
 *     har.end();
 *
 * Source: archives of Playwright 1.65.1. In `har.har` an entry's `response.content._file` names the file, in
 * `trace.network` too, there with its folder: `resources/<id>.jsonl`.
 */
export class HarImport {
	readonly #sink: ImportSink;
	readonly #gate: RealtimeGate;
	/** By file: a trace names a connection again that went on in its next part. */
	readonly #attached = new Map<string, AttachedConnection>();
	readonly #readFiles = new Set<string>();
	#webSockets = 0;
	#hasProblem = false;

	constructor(sink: ImportSink) {
		this.#sink = sink;
		this.#gate = new RealtimeGate(sink);
	}

	/** The connections read so far whose messages lie elsewhere, in the order of the file. */
	get attached(): readonly AttachedConnection[] {
		return [...this.#attached.values()];
	}

	/**
	 * Reads a HAR.
	 * @param within what comes before a place in reports: `har.har, `
	 */
	readHar(within = ''): FormatReader {
		return openHarEntries({
			sink: this.#sink,
			gate: this.#gate,
			within,
			finish: (entry, unit) => this.#finish(entry, unit),
			onProblem: () => {
				this.#hasProblem = true;
			}
		});
	}

	/**
	 * Reads a trace's list of requests: lines `{"type":"resource-snapshot","snapshot":<an entry as in a HAR>}`.
	 * @param within what comes before a place in reports: `trace.network, `
	 */
	readTraceNetwork(within = ''): FormatReader {
		return this.#lines(within, (text, place) => {
			const line = parseJson(text);
			if (line === undefined) return 'This line is no JSON.';
			const snapshot = stringAt(line, 'type') === 'resource-snapshot' ? objectAt(line, 'snapshot') : undefined;
			if (snapshot) this.#finish(entryOf(snapshot, place), 'milliseconds');
			return undefined;
		});
	}

	/** Reads the file that an attached connection names: one message a line. */
	readMessages(attached: AttachedConnection): FormatReader {
		const { file, place, url, openedAt, unit } = attached;
		this.#readFiles.add(file);
		this.#webSockets++;
		const connection = this.#gate.open(place);
		if (url !== '') connection.knowAddress(url);
		if (openedAt !== '') connection.knowOpening(openedAt);
		const lines = this.#lines(file === '' ? '' : `${file}, `, (text) => {
			const passed = passHarMessage(text, unit, connection);
			return passed.ok ? undefined : passed.error;
		});
		return {
			push: (bytes) => lines.push(bytes),
			end: () => {
				lines.end();
				connection.end();
				if (connection.count === 0) this.#sink.skip({ place, reason: NO_MESSAGES });
			}
		};
	}

	/** All was read. Attached connections that were not are skipped with a reason. */
	end(): void {
		for (const { file, place } of this.attached) {
			if (!this.#readFiles.has(file)) this.#sink.skip({ place, reason: isElsewhere(file) });
		}
		this.#gate.end();
		if (this.#webSockets === 0 && !this.#hasProblem) this.#sink.skip({ place: 'the file', reason: NO_WEB_SOCKET });
	}

	#finish(entry: HarEntry, unit: HarTimeUnit): void {
		const { place, url, openedAt, resourceType, file, connection } = entry;
		if (connection) {
			this.#webSockets++;
			connection.end();
		} else if (resourceType === 'websocket' || /^wss?:/i.test(url)) {
			this.#webSockets++;
			if (file === '') this.#sink.skip({ place, reason: `${NO_MESSAGES} ${WHICH_ARE_NOTED}` });
			else if (!this.#attached.has(file)) this.#attached.set(file, { file, place, url, openedAt, unit });
		}
	}

	/** @param read returns why a line was not taken, if it was not */
	#lines(within: string, read: (text: string, place: string) => string | undefined): FormatReader {
		return new LineSplitter({
			onLine: (text, lineNumber, isLast) => {
				if (text.trim() === '') return;
				const place = `${within}line ${lineNumber}`;
				const reason = read(text, place);
				const isCut = isLast && !text.trimEnd().endsWith('}');
				if (reason !== undefined) this.#sink.skip({ place, reason: isCut ? CUT_LINE : reason });
			},
			onTooLong: (lineNumber) => this.#sink.skip({ place: `${within}line ${lineNumber}`, reason: TOO_LONG })
		});
	}
}

const WHICH_ARE_NOTED = 'Browsers note those that they see while their developer tools are open.';
const NO_MESSAGES = 'The file holds no messages of this WebSocket.';
const NO_WEB_SOCKET =
	'There is no WebSocket in this file. Browsers note those that are opened while their developer tools are open: ' +
	'open the tools, reload the page, and save the HAR again.';
const CUT_LINE = 'The file ends in the middle of this line: it was cut off while it was written or copied.';
const TOO_LONG = 'This line is too long: up to 64 MiB are read.';

function isElsewhere(file: string): string {
	return (
		`The messages of this WebSocket lie in another file, ${file.slice(0, 200)}, which is not here. ` +
		'Open the zip that holds both, or that file.'
	);
}

function entryOf(snapshot: JsonObject, place: string): HarEntry {
	const content = objectAt(objectAt(snapshot, 'response'), 'content');
	const sha1 = stringAt(content, '_sha1'); // as Playwright named it before, without the folder
	return {
		...newHarEntry(place),
		url: stringAt(objectAt(snapshot, 'request'), 'url') ?? '',
		openedAt: stringAt(snapshot, 'startedDateTime') ?? '',
		resourceType: stringAt(snapshot, '_resourceType') ?? '',
		file: stringAt(content, '_file') ?? (sha1 === undefined ? '' : `resources/${sha1}`)
	};
}
