import { type JsonObject, numberAt, objectAt, parseJson, stringAt } from '../base/json.ts';
import { VERSION } from '../base/version.ts';
import { mediaStreamFormat } from '../protocol/media-stream.ts';
import { parseEvent } from '../protocol/parse-event.ts';
import { audioBytesPerMs, audioWireFormat } from '../protocol/session-config.ts';
import { fail, succeed, type Result } from '../base/result.ts';
import type { LogEntry, TrackName } from './recorded-event.ts';
import type { TrackCoding } from './track-wav.ts';
import { RECORDING_FORMAT } from './upgrade.ts';

/** What the end of a zip's name says of it. */
export const ZIP_FILE_SUFFIX = '.earshot.zip';

/** The files in a recording's zip. See docs/recording-format.md. */
export const ZIP_NAMES = {
	recording: 'recording.jsonl',
	caller: 'caller.wav',
	model: 'model.wav',
	manifest: 'manifest.json'
} as const;

export interface FileDigest {
	/** 64 hexadecimal digits. */
	readonly sha256: string;
	readonly bytes: number;
}

/** From which byte of a track on it is coded how. */
export interface CodingChange extends TrackCoding {
	readonly from: number;
}

/** `manifest.json`: what else is in the zip. */
export interface RecordingManifest {
	readonly earshot: number;
	/** By name; all files but the manifest itself. */
	readonly files: Readonly<Record<string, FileDigest>>;
	/** How each track is coded. Several when its coding changed: the header of a WAV file can say the first one only. */
	readonly tracks?: Readonly<Partial<Record<TrackName, readonly CodingChange[]>>>;
	readonly createdBy: string;
}

export function formatManifest(
	files: RecordingManifest['files'],
	tracks: NonNullable<RecordingManifest['tracks']>
): string {
	const manifest: RecordingManifest = { earshot: RECORDING_FORMAT, files, tracks, createdBy: `Earshot ${VERSION}` };
	return `${JSON.stringify(manifest, null, '\t')}\n`;
}

/** Reads the digests of a manifest; what is not as it should be is left out. */
export function parseManifest(text: string): Result<Pick<RecordingManifest, 'earshot' | 'files'>> {
	const manifest = parseJson(text);
	const earshot = numberAt(manifest, 'earshot');
	const listed = objectAt(manifest, 'files');
	if (earshot === undefined || !listed) return fail('it is not JSON with the members "earshot" and "files"');
	const files: Record<string, FileDigest> = {};
	for (const name of Object.values(ZIP_NAMES)) {
		const file = objectAt(listed, name);
		const sha256 = stringAt(file, 'sha256')?.toLowerCase();
		const bytes = numberAt(file, 'bytes');
		if (sha256 && /^[0-9a-f]{64}$/.test(sha256) && bytes !== undefined) files[name] = { sha256, bytes };
	}
	return succeed({ earshot, files });
}

/** Earshot's own, and what a session speaks until it says otherwise: 24 kHz PCM16. */
const OWN_CODING: TrackCoding = { coding: 'pcm16', rate: 24_000 };

const DIRECTIONS = { caller: 'input', model: 'output' } as const;

/** Finds out how the bytes of the tracks are coded, from the messages between them. Is given all entries in order. */
export class TrackCodings {
	/** The session as the server told it last. */
	#config: JsonObject | null = null;
	#now: Readonly<Record<TrackName, TrackCoding>> = { caller: OWN_CODING, model: OWN_CODING };
	readonly #changes: Record<TrackName, CodingChange[]> = { caller: [], model: [] };

	add({ from, text, audio }: LogEntry): void {
		if (audio) this.#addAudio(audio.track, audio.offset, from === 'console');
		else if (from === 'server' && /"session"|"start"/.test(text)) this.#addMessage(text);
	}

	/** From where on a track is coded how; 24 kHz PCM16 when it has no audio. */
	of(track: TrackName): readonly [CodingChange, ...CodingChange[]] {
		const [first, ...others] = this.#changes[track];
		return [first ?? { from: 0, ...codingOf(null, 'input') }, ...others];
	}

	/** How audio that comes now on a track is coded. Earshot's own is always the same, whatever the session speaks. */
	now(track: TrackName, isOwn: boolean): TrackCoding {
		return isOwn ? OWN_CODING : this.#now[track];
	}

	#addAudio(track: TrackName, offset: number, isOwn: boolean): void {
		const { coding, rate } = this.now(track, isOwn);
		const changes = this.#changes[track];
		const last = changes.at(-1);
		if (last?.coding === coding && last.rate === rate) return;
		changes.push({ from: last ? offset : 0, coding, rate });
	}

	#addMessage(text: string): void {
		const event = parseEvent(text);
		if (!event.ok) return;
		const { gaType, body } = event.value;
		if (gaType === 'session.created' || gaType === 'session.updated') {
			this.#adopt(objectAt(body, 'session') ?? this.#config);
		} else if (gaType === 'twilio.start') {
			const { format } = mediaStreamFormat(body);
			if (format) this.#adopt(this.#config ?? { audio: { input: { format }, output: { format } } });
		}
	}

	#adopt(config: JsonObject | null): void {
		this.#config = config;
		this.#now = { caller: codingOf(config, DIRECTIONS.caller), model: codingOf(config, DIRECTIONS.model) };
	}
}

function codingOf(config: JsonObject | null, direction: 'input' | 'output'): TrackCoding {
	const coding = audioWireFormat(config, direction);
	const rate = Math.round((audioBytesPerMs(config, direction) * 1000) / (coding === 'pcm16' ? 2 : 1));
	return { coding, rate };
}
