import { fail, succeed, type Result } from '#core/base/result.ts';
import { TRACK_NAMES, type TrackName } from '#core/recording/recorded-event.ts';
import { parseManifest, ZIP_NAMES, type FileDigest } from '#core/recording/recording-zip.ts';
import { findWavData, WAV_HEAD_BYTES } from '#core/recording/track-wav.ts';
import { salvageZip } from './zip-salvage.ts';
import { WavTrack } from './zip-track.ts';
import { openZip, type ZipFile, type ZipLimits, type ZipProblem } from './zip.ts';

/** The files of a recording's zip. */
export interface ZipContents {
	readonly openRecording: () => ReadableStream<Uint8Array<ArrayBuffer>>;
	/** Length of the lines when unfolded, as far as it is known. */
	readonly recordingBytes: number;
	readonly tracks: Readonly<Partial<Record<TrackName, WavTrack>>>;
	/** By name; `null` when there is no manifest. */
	readonly digests: Readonly<Record<string, FileDigest>> | null;
	/** What is wrong with the zip, each a sentence for the page. */
	readonly notes: readonly string[];
}

const MOST_MANIFEST_BYTES = 1 << 20;

/** Whether a zip holds a recording of Earshot's. */
export function isRecordingZip(zip: ZipFile): boolean {
	return folderOf(zip) !== undefined;
}

/** Opens the files of a recording's zip; those of a zip that was cut off as far as they are there. */
export async function openZipContents(blob: Blob, limits?: ZipLimits): Promise<Result<ZipContents, ZipProblem>> {
	const opened = await openZip(blob, limits);
	if (!opened.ok) return opened.error.kind === 'cut-off' ? salvage(blob, opened.error) : opened;
	const zip = opened.value;
	const folder = folderOf(zip);
	if (folder === undefined) return fail(withoutRecording(zip));
	const notes: string[] = [];
	const tracks: Partial<Record<TrackName, WavTrack>> = {};
	for (const track of TRACK_NAMES) {
		const name = folder + ZIP_NAMES[track];
		if (!zip.has(name)) continue;
		const file = await zip.blob(name);
		if (!file.ok) notes.push(file.error.message);
		else await addTrack(tracks, track, file.value, notes);
	}
	const digests = await readDigests(zip, folder + ZIP_NAMES.manifest, notes);
	const name = folder + ZIP_NAMES.recording;
	const recordingBytes = zip.entries.find((entry) => entry.name === name)?.size ?? 0;
	return succeed({
		openRecording: () => zip.stream(name, { isChecked: false }),
		recordingBytes,
		tracks,
		digests,
		notes
	});
}

async function salvage(blob: Blob, problem: ZipProblem): Promise<Result<ZipContents, ZipProblem>> {
	const found = await salvageZip(blob);
	if (!found) return fail(problem);
	const notes = ['This zip was cut off while it was written or copied. What is left of it is here.'];
	const tracks: Partial<Record<TrackName, WavTrack>> = {};
	for (const track of TRACK_NAMES) {
		const file = found.files[track];
		if (file) await addTrack(tracks, track, file, notes);
	}
	const { openRecording, recordingBytes } = found;
	return succeed({ openRecording, recordingBytes, tracks, digests: null, notes });
}

async function addTrack(
	tracks: Partial<Record<TrackName, WavTrack>>,
	track: TrackName,
	file: Blob,
	notes: string[]
): Promise<void> {
	const head = new Uint8Array(await file.slice(0, WAV_HEAD_BYTES).arrayBuffer());
	const data = findWavData(head, file.size);
	if (data.ok) tracks[track] = new WavTrack(file, data.value.start, data.value.length);
	else notes.push(`${ZIP_NAMES[track]} in the zip is no WAV file: ${data.error}.`);
}

async function readDigests(
	zip: ZipFile,
	name: string,
	notes: string[]
): Promise<Readonly<Record<string, FileDigest>> | null> {
	const size = zip.entries.find((entry) => entry.name === name)?.size;
	const unknown = 'nobody can tell whether the files are as they were written';
	if (size === undefined || size > MOST_MANIFEST_BYTES) {
		notes.push(`There is no ${ZIP_NAMES.manifest} in the zip: ${unknown}.`);
		return null;
	}
	const file = await zip.blob(name);
	const manifest = file.ok ? parseManifest(await file.value.text()) : fail(file.error.message);
	if (manifest.ok) return manifest.value.files;
	notes.push(`${ZIP_NAMES.manifest} in the zip cannot be read (${manifest.error}): ${unknown}.`);
	return null;
}

/** The folder in the zip in which the recording is: whoever packs it again may put it into one. */
function folderOf(zip: ZipFile): string | undefined {
	const name = zip.entries.map((entry) => entry.name).find((path) => isIn(path, ZIP_NAMES.recording));
	return name?.slice(0, -ZIP_NAMES.recording.length);
}

/** Whether a path ends in this name. macOS adds a folder of its own, with files of the same names that hold no content. */
function isIn(path: string, name: string): boolean {
	return (path === name || path.endsWith(`/${name}`)) && !path.startsWith('__MACOSX/');
}

function withoutRecording(zip: ZipFile): ZipProblem {
	const leftOut = zip.leftOut.find(({ name }) => isIn(name, ZIP_NAMES.recording));
	if (leftOut) {
		return { kind: 'left-out', message: `“${leftOut.name}” in the zip was left out. ${leftOut.reason}` };
	}
	return {
		kind: 'no-recording',
		message: `There is no Earshot recording in this zip: it has no ${ZIP_NAMES.recording}.`
	};
}
