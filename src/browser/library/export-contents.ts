import { audioWireFormat, sessionModel, sessionVoice } from '#core/protocol/session-config.ts';
import type { ExportFormat } from '#core/recording/export/export-format.ts';
import { formatHeader } from '#core/recording/recording-header.ts';
import { formatMarkdown } from '#core/timeline/export/markdown.ts';
import type { Mix } from '#core/timeline/export/mix.ts';
import { deriveSessionMix, type MixKind } from '#core/timeline/export/session-mix.ts';
import { formatTurnsCsv } from '#core/timeline/export/turns-csv.ts';
import type { ExportSource } from './export-source.ts';

const MIXES: Readonly<Partial<Record<ExportFormat, MixKind>>> = {
	'wav-stereo': 'stereo',
	'wav-caller': 'caller',
	'wav-model': 'model-heard'
};

/** What is heard in a sound file of this format; `undefined` when the format is none. */
export function mixOf({ session, audio }: ExportSource, format: ExportFormat): Mix | undefined {
	const kind = MIXES[format];
	if (!kind) return undefined;
	const formats = {
		caller: audioWireFormat(session.config, 'input'),
		model: audioWireFormat(session.config, 'output')
	};
	return deriveSessionMix(session, kind, audio, { formats });
}

/** The transcript, piece by piece. */
export function transcriptOf({ header, session }: ExportSource): Generator<string, void> {
	return formatMarkdown(header, session, { model: sessionModel(session.config), voice: sessionVoice(session.config) });
}

/** The table of turns, piece by piece. */
export function turnTableOf({ session }: ExportSource): Generator<string, void> {
	return formatTurnsCsv(session, { byteOrderMark: true });
}

const BYTES_PER_SAMPLE = 2;
/** What stands around the message, its number and its time in a line of a recording, and around a message in a HAR. */
const AROUND_LINE = '{"seq":,"at":,"from":"server","event":}\n'.length;
const AROUND_HAR_MESSAGE = ',\n{"type":"receive","time":1700000000.000001,"opcode":1,"data":}'.length;
/** What stands beside a message in a zip, whose audio is elsewhere. */
const AUDIO_REFERENCE = ',"audio":{"track":"caller","index":100,"offset":10000000,"length":9600}'.length;
/** Deltas are much alike: measured on sessions of a minute to an hour. */
const DEFLATED = 1 / 9;

/** What a zip holds besides: its directory, its manifest, the heads of its files. */
const AROUND_ZIP = 1500;

/** How large the file will be, in bytes: exact for sound, near for the rest, where characters are counted for bytes. */
export function measureExport(source: ExportSource, format: ExportFormat): number {
	const mix = mixOf(source, format);
	if (mix) return mix.frames * mix.channels * BYTES_PER_SAMPLE;
	if (format === 'markdown') return lengthOf(transcriptOf(source));
	if (format === 'csv') return lengthOf(turnTableOf(source));
	const { header, entries, audio } = source;
	let text = formatHeader(header).length;
	let base64 = 0;
	for (let index = 0; index < entries.length; index++) {
		const entry = entries.entry(index);
		if (entry.audio) base64 += Math.ceil(entry.audio.length / 3) * 4;
		if (format === 'har') {
			if (entry.from !== 'console') text += AROUND_HAR_MESSAGE + JSON.stringify(entry.text).length;
			continue;
		}
		text += AROUND_LINE + entry.text.length + `${entry.seq}${entry.at}`.length;
		if (entry.audio && format === 'earshot.zip') text += AUDIO_REFERENCE;
	}
	if (format !== 'earshot.zip') return text + base64;
	return audio.length('caller') + audio.length('model') + AROUND_ZIP + Math.round(text * DEFLATED);
}

function lengthOf(pieces: Iterable<string>): number {
	let length = 0;
	for (const piece of pieces) length += piece.length;
	return length;
}
