/**
 * G.711: 8 bits for each sample in mu-law or A-law, as telephones send it at 8 kHz. Rounding is that of the reference
 * code in ITU-T G.191 (`ulaw_compress`, `alaw_compress`), which holds the decision values of G.711 tables 1a to 2b.
 */

/** What is added to a mu-law magnitude of 14 bits so that its segments begin at powers of two. Source: ITU-T G.191. */
const MU_LAW_BIAS = 33;
const LARGEST_MU_LAW_SUM = 0x1fff;
/** A-law flips every other bit, so that silence is not a row of zeros on the line. Source: ITU-T G.711. */
const A_LAW_FLIPS = 0x55;

/** Magnitude bits of a sample: one's complement, so that both signs have as many values. */
const magnitudeOf = (sample: number): number => (sample < 0 ? ~sample : sample);

/** Number of the highest bit that is set, from 0. */
const highestBit = (value: number): number => 31 - Math.clz32(value);

function compressMuLaw(sample: number): number {
	const sum = Math.min((magnitudeOf(sample) >> 2) + MU_LAW_BIAS, LARGEST_MU_LAW_SUM);
	const segment = highestBit(sum) - 5;
	const code = (segment << 4) | ((sum >> (segment + 1)) & 0xf);
	// Sent inverted; the sign bit is 1 for what is not negative.
	return (sample < 0 ? 0x7f : 0xff) ^ code;
}

function expandMuLaw(code: number): number {
	const bits = ~code & 0xff;
	const segment = (bits >> 4) & 7;
	const sum = ((2 * (bits & 0xf) + MU_LAW_BIAS) << segment) - MU_LAW_BIAS;
	return (bits & 0x80) === 0 ? sum << 2 : -(sum << 2);
}

function compressALaw(sample: number): number {
	const magnitude = magnitudeOf(sample) >> 4;
	// The first two segments have the same steps.
	const segment = magnitude < 16 ? 0 : highestBit(magnitude) - 3;
	const code = segment === 0 ? magnitude : (segment << 4) | ((magnitude >> (segment - 1)) & 0xf);
	return (sample < 0 ? code : code | 0x80) ^ A_LAW_FLIPS;
}

function expandALaw(code: number): number {
	const bits = code ^ A_LAW_FLIPS;
	const segment = (bits >> 4) & 7;
	const step = 2 * (bits & 0xf) + 1;
	const magnitude = segment === 0 ? step : (step + 32) << (segment - 1);
	return (bits & 0x80) === 0 ? -(magnitude << 3) : magnitude << 3;
}

/** One code for each of the 65,536 samples; negative samples lie above the others. */
function codeTable(compress: (sample: number) => number): Uint8Array {
	return Uint8Array.from({ length: 0x10000 }, (_, i) => compress((i << 16) >> 16));
}

function sampleTable(expand: (code: number) => number): Int16Array {
	return Int16Array.from({ length: 0x100 }, (_, code) => expand(code));
}

const muLawCodes = codeTable(compressMuLaw);
const muLawSamples = sampleTable(expandMuLaw);
const aLawCodes = codeTable(compressALaw);
const aLawSamples = sampleTable(expandALaw);

function encode(samples: Int16Array, codes: Uint8Array): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(samples.length);
	for (let i = 0; i < samples.length; i++) bytes[i] = codes[(samples[i] as number) & 0xffff] as number;
	return bytes;
}

function decode(bytes: Uint8Array, samplesOf: Int16Array): Int16Array<ArrayBuffer> {
	const samples = new Int16Array(bytes.length);
	for (let i = 0; i < bytes.length; i++) samples[i] = samplesOf[bytes[i] as number] as number;
	return samples;
}

/** 16-bit samples to mu-law, one byte each. Samples beyond 32,635 become the loudest code. */
export function encodeMuLaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
	return encode(samples, muLawCodes);
}

/** Mu-law to 16-bit samples of -32,124 to 32,124; both of its zeros become 0. */
export function decodeMuLaw(bytes: Uint8Array): Int16Array<ArrayBuffer> {
	return decode(bytes, muLawSamples);
}

/** 16-bit samples to A-law, one byte each. */
export function encodeALaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
	return encode(samples, aLawCodes);
}

/** A-law to 16-bit samples of -32,256 to 32,256; it has no zero, silence is 8 or -8. */
export function decodeALaw(bytes: Uint8Array): Int16Array<ArrayBuffer> {
	return decode(bytes, aLawSamples);
}
