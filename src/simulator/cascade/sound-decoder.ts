/** The bytes of a speech server, as they come, to 16-bit mono samples at 24 kHz: WAV, or raw PCM16. */
import { concatBytes } from '#core/base/concat-bytes.ts';
import { floatToPcm16 } from '#core/audio/pcm16.ts';
import { Resampler } from '#core/audio/resample.ts';

export const SPEECH_RATE_HZ = 24_000;
const LONGEST_HEADER_BYTES = 65_536;
const WAV_PCM = 1;
const WAV_FLOAT = 3;
const WAV_EXTENSIBLE = 0xfffe;
/** Sizes from here on, and 0, are what servers write that do not know the length yet. */
const UNKNOWN_SIZE = 0x7fff_0000;

/** What a server sends cannot be played. The message goes on after its name: "sent ...". */
export class UnusableSound extends Error {}

interface SoundFormat {
	rateHz: number;
	channels: number;
	isFloat: boolean;
}

const rawPcm: SoundFormat = { rateHz: SPEECH_RATE_HZ, channels: 1, isFloat: false };

function refuseType(contentType: string | null): void {
	const type = (contentType ?? '').toLowerCase();
	const isOtherThanSound = /^(text|image)\/|[/+](json|xml)\b/.test(type);
	if (isOtherThanSound || /mpeg|mp3|ogg|opus|flac|aac|mp4|webm/.test(type)) {
		throw new UnusableSound(`sent ${contentType}, but was asked for WAV`);
	}
}

function refuseCompressed(bytes: Uint8Array): void {
	const start = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
	if (start.startsWith('ID3') || start === 'OggS' || start === 'fLaC') {
		throw new UnusableSound('sent compressed sound, but was asked for WAV');
	}
}

function readFormat(view: DataView, at: number, size: number): SoundFormat {
	const code = view.getUint16(at, true);
	const channels = view.getUint16(at + 2, true);
	const rateHz = view.getUint32(at + 4, true);
	const bits = view.getUint16(at + 14, true);
	const kind = code === WAV_EXTENSIBLE && size >= 26 ? view.getUint16(at + 24, true) : code;
	const isFloat = kind === WAV_FLOAT && bits === 32;
	if (!isFloat && !(kind === WAV_PCM && bits === 16)) {
		throw new UnusableSound(`sent WAV with ${bits} bits (format ${kind}); 16-bit PCM and 32-bit floats can be played`);
	}
	if (channels < 1 || channels > 8 || rateHz < 4000 || rateHz > 192_000) {
		throw new UnusableSound(`sent WAV with ${channels} channels at ${rateHz} Hz, which cannot be played`);
	}
	return { rateHz, channels, isFloat };
}

interface Header {
	format: SoundFormat;
	/** Where the samples begin, and how many bytes they are. */
	dataAt: number;
	dataBytes: number;
}

/** Reads the header of a WAV file, or returns undefined when more of it has to come. */
function readHeader(bytes: Uint8Array): Header | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let format: SoundFormat | undefined;
	let at = 12;
	while (at + 8 <= bytes.length) {
		const id = Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
		const size = view.getUint32(at + 4, true);
		if (id === 'data') {
			if (!format) throw new UnusableSound('sent WAV without a format');
			return { format, dataAt: at + 8, dataBytes: size === 0 || size >= UNKNOWN_SIZE ? Infinity : size };
		}
		if (id === 'fmt ') {
			if (at + 8 + size > bytes.length) return undefined;
			if (size < 16) throw new UnusableSound('sent WAV with a broken format');
			format = readFormat(view, at + 8, size);
		}
		at += 8 + size + (size % 2);
	}
	if (bytes.length > LONGEST_HEADER_BYTES) throw new UnusableSound('sent WAV whose samples never begin');
	return undefined;
}

function toInt16(floats: Float32Array): Int16Array {
	return new Int16Array(floatToPcm16(floats).buffer);
}

/** Decodes one answer. Every method throws UnusableSound for what cannot be played. */
export class SoundDecoder {
	#format: SoundFormat | undefined;
	/** Bytes of the header, then of a frame that is not complete. */
	#pending: Uint8Array = new Uint8Array();
	#dataBytesLeft = Infinity;
	#resampler: Resampler | undefined;

	constructor(contentType: string | null) {
		refuseType(contentType);
	}

	/** Takes the next bytes and returns the samples that are now certain: perhaps none. */
	push(bytes: Uint8Array): Int16Array {
		this.#pending = this.#pending.length === 0 ? bytes : concatBytes([this.#pending, bytes]);
		if (!this.#format && !this.#readStart()) return new Int16Array();
		return this.#takeFrames();
	}

	/** The rest, when no more bytes come. */
	end(): Int16Array {
		if (!this.#format) {
			if (this.#pending.length === 0) throw new UnusableSound('sent no sound');
			throw new UnusableSound('sent something that is too short to be sound');
		}
		return this.#resampler ? toInt16(this.#resampler.flush()) : new Int16Array();
	}

	/** Whether it is known by now what the bytes are. Without a WAV header they are PCM16 at 24 kHz. */
	#readStart(): boolean {
		const bytes = this.#pending;
		if (bytes.length < 12) return false;
		if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'RIFF') {
			refuseCompressed(bytes);
			this.#format = rawPcm;
			return true;
		}
		const header = readHeader(bytes);
		if (!header) return false;
		this.#format = header.format;
		this.#dataBytesLeft = header.dataBytes;
		this.#pending = bytes.subarray(header.dataAt);
		const { rateHz } = header.format;
		if (rateHz !== SPEECH_RATE_HZ) this.#resampler = new Resampler(rateHz, SPEECH_RATE_HZ);
		return true;
	}

	#takeFrames(): Int16Array {
		const { channels, isFloat } = this.#format as SoundFormat;
		const sampleBytes = isFloat ? 4 : 2;
		const bytes = this.#pending.subarray(0, this.#dataBytesLeft);
		const frames = Math.floor(bytes.length / (sampleBytes * channels));
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const mono = new Float32Array(frames);
		for (let frame = 0; frame < frames; frame++) {
			let sum = 0;
			for (let channel = 0; channel < channels; channel++) {
				const at = (frame * channels + channel) * sampleBytes;
				sum += isFloat ? view.getFloat32(at, true) : view.getInt16(at, true) / 32768;
			}
			mono[frame] = sum / channels;
		}
		const taken = frames * sampleBytes * channels;
		this.#dataBytesLeft -= taken;
		this.#pending = this.#pending.slice(taken);
		return toInt16(this.#resampler ? this.#resampler.process(mono) : mono);
	}
}
