import { fail, succeed, type Result } from '#core/base/result.ts';
import { decodeUtf8 } from '#core/base/utf8.ts';
import { detectFormat } from '#core/recording/import/formats.ts';
import type { ImportFormat } from '#core/recording/import/import-sink.ts';
import { HEAD_BYTES, kindOfFile } from '../files/file-kind.ts';
import { isRecordingZip } from '../files/recording-zip-contents.ts';
import { openRecordingZip, type RecordingZip } from '../files/recording-zip-reader.ts';
import { gunzip, utf8Of } from '../files/unpack.ts';
import { openZip, type ZipFile } from '../files/zip.ts';
import type { LibraryProblem } from './library-api.ts';

/** What a file turned out to be. */
export type Recognised =
	| { readonly kind: 'earshot'; readonly name: string }
	| { readonly kind: 'earshot-zip'; readonly name: string; readonly recording: RecordingZip }
	| { readonly kind: 'foreign'; readonly name: string; readonly format: ImportFormat }
	| { readonly kind: 'zip'; readonly name: string; readonly zip: ZipFile; readonly contents: ZipContents }
	/** Text that must be unpacked, or read in another encoding, before it is known. */
	| {
			readonly kind: 'packed';
			readonly name: string;
			readonly unpack: (file: Blob) => ReadableStream<Uint8Array<ArrayBuffer>>;
	  };

/** What a zip of other tools holds, in the order in which it is looked for. */
export type ZipContents = 'playwright-trace' | 'har' | 'several';

const EARSHOT_ZIP = 'Earshot recording (zip)';

const ZIP_NAMES: Readonly<Record<ZipContents, string>> = {
	'playwright-trace': 'Playwright trace',
	har: 'HAR (zip)',
	several: 'Zip of several files'
};

/** The kind of the problem by which the page is told to decode a file itself. */
export const AUDIO = 'audio';

export function problem(message: string, kind = 'failed'): LibraryProblem {
	return { kind, message };
}

/** Finds out what a file is, by its contents and never by its name. */
export async function recognise(file: Blob): Promise<Result<Recognised, LibraryProblem>> {
	const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
	const kind = kindOfFile(head);
	switch (kind) {
		case 'empty':
			return fail(problem('This file is empty: there is nothing in it.'));
		case 'audio':
			return fail(problem('This file is audio.', AUDIO));
		case 'gzip':
			return succeed({ kind: 'packed', name: 'gzip', unpack: gunzip });
		case 'utf-16le':
		case 'utf-16be':
			return succeed({ kind: 'packed', name: 'Text (UTF-16)', unpack: (text) => utf8Of(text, kind) });
		case 'zip':
			return recogniseZip(file);
		case 'text':
			return recogniseText(head);
	}
}

/** Whether a file begins as a recording of Earshot's own does, of whatever version. */
function isEarshot(head: string): boolean {
	return /^\uFEFF?\s*\{[^\n]{0,2000}?"earshot"\s*:\s*\d/.test(head) && /^\uFEFF?\s*\{\s*"/.test(head);
}

export function recogniseText(head: Uint8Array): Result<Recognised, LibraryProblem> {
	if (isEarshot(decodeUtf8(head.subarray(0, 4096)))) return succeed({ kind: 'earshot', name: 'Earshot recording' });
	const format = detectFormat(head);
	if (format) return succeed({ kind: 'foreign', name: format.name, format });
	return fail(problem(NOT_KNOWN));
}

const NOT_KNOWN =
	'There is nothing in this file that Earshot knows. It reads its own recordings, HAR files of Chrome and Playwright, ' +
	'Playwright traces, data channel recordings, logs that hold Realtime events as JSON, and audio.';

async function recogniseZip(file: Blob): Promise<Result<Recognised, LibraryProblem>> {
	const zip = await openZip(file);
	if (!zip.ok) {
		// Of a recording's zip that was cut off, what is left can be read.
		const recording = await openRecordingZip(file);
		if (!recording.ok) return fail(problem(zip.error.message));
		return succeed({ kind: 'earshot-zip', name: EARSHOT_ZIP, recording: recording.value });
	}
	const names = zip.value.entries.map(({ name }) => name);
	if (isRecordingZip(zip.value)) {
		const recording = await openRecordingZip(file);
		if (!recording.ok) return fail(problem(recording.error.message));
		return succeed({ kind: 'earshot-zip', name: EARSHOT_ZIP, recording: recording.value });
	}
	const contents = contentsOf(names);
	return succeed({ kind: 'zip', name: ZIP_NAMES[contents], zip: zip.value, contents });
}

function contentsOf(names: readonly string[]): ZipContents {
	if (names.some((name) => /(^|\/)[^/]*trace\.network$/.test(name))) return 'playwright-trace';
	if (names.some((name) => /\.har$/i.test(name))) return 'har';
	return 'several';
}
