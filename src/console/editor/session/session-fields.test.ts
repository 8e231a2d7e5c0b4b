import { expect, test } from 'vitest';
import schema from '#core/protocol/schemas/session.schema.json' with { type: 'json' };
import { editJsonAll } from './edit-json.ts';
import { deriveSessionFields, type SessionField } from './session-fields.ts';

const DRAFT = {
	type: 'realtime',
	output_modalities: ['audio'],
	x_vendor: { keep: true },
	audio: {
		input: {
			format: { type: 'audio/pcm', rate: 24000 },
			turn_detection: { type: 'server_vad', threshold: 0.5, silence_duration_ms: 500, x_own: 1, create_response: false }
		},
		output: { voice: { id: 'voice_1' } }
	}
};

function fields(session: Record<string, unknown>): Map<string, SessionField> {
	return new Map(
		deriveSessionFields(session, schema).flatMap((group) => group.fields.map((field) => [field.path.join('.'), field]))
	);
}

/** The session after a field was given a value. */
function after(session: Record<string, unknown>, path: string, value: unknown): unknown {
	const field = fields(session).get(path);
	expect(field, path).toBeDefined();
	return JSON.parse(editJsonAll(JSON.stringify(session, null, 2), field!.edits(value)));
}

test('a field shows what the session says, with the bounds of the schema', () => {
	const all = fields(DRAFT);
	expect(all.get('output_modalities')?.value).toBe('audio');
	expect(all.get('audio.input.format')?.value).toBe('audio/pcm');
	expect(all.get('audio.input.turn_detection')?.value).toBe('server_vad');
	expect(all.get('audio.input.turn_detection.create_response')?.value).toBe(false);
	expect(all.get('audio.input.turn_detection.threshold')).toMatchObject({
		value: 0.5,
		schema: { minimum: 0, maximum: 1 }
	});
	expect(all.get('audio.output.speed')).toMatchObject({ value: undefined, schema: { minimum: 0.25, maximum: 1.5 } });
	expect(all.get('max_output_tokens')).toMatchObject({ other: 'inf', schema: { minimum: 1, maximum: 4096 } });
	expect(all.get('audio.output.voice')?.value, 'what a choice cannot show is said as it is').toEqual({ id: 'voice_1' });
});

test('only what the session’s kind has, and what means something, has a field', () => {
	expect(fields(DRAFT).has('audio.input.turn_detection.eagerness')).toBe(false);
	expect(fields(DRAFT).has('audio.input.transcription.language')).toBe(false);
	const transcription = fields({ type: 'transcription', audio: { input: { transcription: { model: 'whisper-1' } } } });
	expect(transcription.has('audio.output.voice')).toBe(false);
	expect(transcription.has('instructions')).toBe(false);
	expect(transcription.get('audio.input.transcription.model')?.value).toBe('whisper-1');
	expect(transcription.has('audio.input.transcription.prompt')).toBe(true);
});

test('another kind of turn detection loses the parts that it does not know, and nothing else', () => {
	expect(after(DRAFT, 'audio.input.turn_detection', 'semantic_vad')).toEqual({
		...DRAFT,
		audio: {
			...DRAFT.audio,
			input: {
				...DRAFT.audio.input,
				turn_detection: { type: 'semantic_vad', x_own: 1, create_response: false }
			}
		}
	});
	expect(after(DRAFT, 'audio.input.turn_detection', null)).toMatchObject({
		audio: { input: { turn_detection: null } }
	});
	expect(after({ type: 'realtime' }, 'audio.input.turn_detection', 'server_vad')).toEqual({
		...{ type: 'realtime', audio: { input: { turn_detection: { type: 'server_vad' } } } }
	});
});

test('a format has its rate, a list its brackets, and off is null', () => {
	expect(after(DRAFT, 'audio.input.format', 'audio/pcmu')).toMatchObject({
		audio: { input: { format: { type: 'audio/pcmu' } } }
	});
	expect(JSON.stringify(after(DRAFT, 'audio.input.format', 'audio/pcmu'))).not.toContain('rate');
	expect(after({ type: 'realtime' }, 'audio.output.format', 'audio/pcm')).toMatchObject({
		audio: { output: { format: { type: 'audio/pcm', rate: 24000 } } }
	});
	expect(after(DRAFT, 'output_modalities', 'text')).toMatchObject({ output_modalities: ['text'] });
	const heard = after(DRAFT, 'audio.input.transcription.model', 'whisper-1') as Record<string, unknown>;
	expect(heard).toMatchObject({ audio: { input: { transcription: { model: 'whisper-1' } } } });
	expect(after(heard, 'audio.input.transcription.model', null)).toMatchObject({
		audio: { input: { transcription: null } }
	});
	expect(after(DRAFT, 'audio.input.noise_reduction', 'near_field')).toMatchObject({
		audio: { input: { noise_reduction: { type: 'near_field' } } }
	});
});

test('not set takes the member out', () => {
	expect(after(DRAFT, 'output_modalities', undefined)).not.toHaveProperty('output_modalities');
	expect(after(DRAFT, 'audio.input.turn_detection', undefined)).not.toHaveProperty('audio.input.turn_detection');
	expect(after(DRAFT, 'audio.input.turn_detection.threshold', undefined)).not.toHaveProperty(
		'audio.input.turn_detection.threshold'
	);
});
