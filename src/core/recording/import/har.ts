import { decodeUtf8 } from '../../base/utf8.ts';
import { HarImport } from './har-import.ts';
import type { FormatReader, ImportFormat, ImportSink } from './import-sink.ts';

/** A HAR begins with its only member, and says early who wrote it. */
const HAR = /^\uFEFF?\s*\{\s*"log"\s*:\s*\{/;
const CREATOR = /"creator"\s*:\s*\{[^{}]{0,500}"name"\s*:\s*"([^"\\]{1,100})"/;
/** One line of a file of messages beside a HAR: see `HarImport`. */
const MESSAGE_LINE = /^\uFEFF?\s*\{"type":"(?:send|receive)","time":-?[\d.e+]+,"opcode":\d+,"data":"/;

/** As Chrome, Edge and other Chromium's developer tools write it. */
export const CHROME_HAR_FORMAT = harFormat('chrome-har', 'Chrome HAR', (creator) => creator === 'WebInspector');

/** As Playwright's `recordHar` writes it, with messages inline. */
export const PLAYWRIGHT_HAR_FORMAT = harFormat(
	'playwright-har',
	'Playwright HAR',
	(creator) => creator === 'Playwright'
);

/** As anybody else writes it: proxies, other browsers. */
export const HAR_FORMAT = harFormat('har', 'HAR', () => true);

/** A file of messages out of a Playwright archive, opened by itself. */
export const PLAYWRIGHT_MESSAGES_FORMAT: ImportFormat = {
	id: 'playwright-messages',
	name: 'Playwright WebSocket messages',
	isForeign: true,
	sniff: (head) => (MESSAGE_LINE.test(startOf(head)) ? 0.95 : 0),
	open: (sink) => {
		const har = new HarImport(sink);
		return endingWith(har, har.readMessages(THIS_FILE));
	}
};

const THIS_FILE = { file: '', place: 'the file', url: '', openedAt: '', unit: 'milliseconds' } as const;

function harFormat(id: string, name: string, isOf: (creator: string) => boolean): ImportFormat {
	return {
		id,
		name,
		isForeign: true,
		sniff: (head) => {
			const start = startOf(head);
			if (!HAR.test(start)) return 0;
			const creator = CREATOR.exec(start)?.[1] ?? '';
			const isTheirs = isOf(creator);
			return isTheirs && id !== 'har' ? 0.95 : isTheirs ? 0.9 : 0;
		},
		open: (sink: ImportSink) => {
			const har = new HarImport(sink);
			return endingWith(har, har.readHar());
		}
	};
}

function endingWith(har: HarImport, reader: FormatReader): FormatReader {
	return {
		push: (bytes) => reader.push(bytes),
		end: () => {
			reader.end();
			har.end();
		}
	};
}

function startOf(head: Uint8Array): string {
	return decodeUtf8(head.subarray(0, 8192));
}
