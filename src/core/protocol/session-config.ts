import { PCM16_BYTES_PER_MS } from '../base/audio-rate.ts';
import { isObject, stringAt, valueAtPath, type JsonObject } from '../base/json.ts';

/** Bytes per millisecond of 8 kHz G.711. */
const G711_BYTES_PER_MS = 8;

/** Samples per second that audio can have; what a hostile session says besides would make lengths endless. */
const LOWEST_RATE = 4000;
const HIGHEST_RATE = 192_000;

/**
 * Bytes per millisecond of a session's caller or model audio. Reads GA sessions (`audio.input.format`) and the retired
 * beta's (`input_audio_format`); 24 kHz PCM16, the default of both, when nothing is said.
 */
export function audioBytesPerMs(config: JsonObject | null, direction: 'input' | 'output'): number {
	const format = valueAtPath(config, ['audio', direction, 'format']);
	if (isObject(format)) {
		const type = stringAt(format, 'type');
		if (type === 'audio/pcmu' || type === 'audio/pcma') return G711_BYTES_PER_MS;
		const rate = format['rate'];
		const isRate = typeof rate === 'number' && rate >= LOWEST_RATE && rate <= HIGHEST_RATE;
		return isRate ? (rate * 2) / 1000 : PCM16_BYTES_PER_MS;
	}
	const beta = stringAt(config, `${direction}_audio_format`);
	return beta === 'g711_ulaw' || beta === 'g711_alaw' ? G711_BYTES_PER_MS : PCM16_BYTES_PER_MS;
}

/**
 * How a session codes its caller or model audio, GA or beta. PCM16, the default of both, when nothing is said.
 */
export function audioWireFormat(
	config: JsonObject | null,
	direction: 'input' | 'output'
): 'pcm16' | 'mu-law' | 'a-law' {
	const type =
		stringAt(valueAtPath(config, ['audio', direction, 'format']), 'type') ??
		stringAt(config, `${direction}_audio_format`);
	if (type === 'audio/pcmu' || type === 'g711_ulaw') return 'mu-law';
	return type === 'audio/pcma' || type === 'g711_alaw' ? 'a-law' : 'pcm16';
}

/** The session's model, or `undefined` when the session does not name one. */
export function sessionModel(config: JsonObject | null): string | undefined {
	return stringAt(config, 'model');
}

/** The session's voice: a name, or the id of a custom voice. */
export function sessionVoice(config: JsonObject | null): string | undefined {
	const voice = valueAtPath(config, ['audio', 'output', 'voice']) ?? (config && config['voice']);
	return typeof voice === 'string' ? voice : stringAt(voice, 'id');
}

/** The session's turn detection, or `null` when the client commits by itself. */
export function sessionTurnDetection(config: JsonObject | null): JsonObject | null {
	const detection = valueAtPath(config, ['audio', 'input', 'turn_detection']) ?? (config && config['turn_detection']);
	return isObject(detection) && stringAt(detection, 'type') ? detection : null;
}
