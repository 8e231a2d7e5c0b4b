import type { JsonObject } from '#core/base/json.ts';

interface SessionWish {
	readonly instructions: string;
	readonly voice: string;
	readonly tools?: readonly JsonObject[];
	/** `audio/pcmu` as on a telephone line; 24 kHz PCM otherwise. */
	readonly isTelephone?: boolean;
}

/** The session that a demo's client asks for: turn detection by silence, and a transcript of the caller. */
export function sessionOf({ instructions, voice, tools, isTelephone = false }: SessionWish): JsonObject {
	const format = isTelephone ? { type: 'audio/pcmu' } : { type: 'audio/pcm', rate: 24_000 };
	return {
		type: 'realtime',
		instructions,
		output_modalities: ['audio'],
		audio: {
			input: {
				format,
				transcription: { model: 'gpt-4o-mini-transcribe' },
				turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500 }
			},
			output: { format, voice }
		},
		...(tools && { tools })
	};
}
