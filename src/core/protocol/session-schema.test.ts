import { expect, test } from 'vitest';
import schema from './schemas/session.schema.json' with { type: 'json' };
import { deriveFieldSchema } from './session-schema.ts';

function field(...path: string[]) {
	return deriveFieldSchema(schema, 'RealtimeSessionCreateRequest', path);
}

test('bounds and values come from wherever the schema has them', () => {
	expect(field('audio', 'output', 'speed')).toMatchObject({ minimum: 0.25, maximum: 1.5, isInteger: false });
	expect(field('max_output_tokens')).toMatchObject({ minimum: 1, maximum: 4096, isInteger: true, values: ['inf'] });
	expect(field('audio', 'output', 'voice')?.values).toContain('cedar');
	expect(field('model')?.values).toContain('gpt-realtime');
	expect(field('audio', 'input', 'turn_detection', 'type')?.values).toEqual(['server_vad', 'semantic_vad']);
	expect(field('audio', 'input', 'turn_detection', 'threshold')).toMatchObject({ minimum: 0, maximum: 1 });
	expect(field('audio', 'input', 'turn_detection', 'idle_timeout_ms')).toMatchObject({ minimum: 5000, maximum: 30000 });
	expect(field('audio', 'input', 'turn_detection', 'eagerness')?.values).toContain('low');
	expect(field('audio', 'input', 'transcription', 'model')?.values).toContain('whisper-1');
	expect(field('audio', 'output', 'format', 'type')?.values).toEqual(['audio/pcm', 'audio/pcmu', 'audio/pcma']);
	expect(field('audio', 'output', 'speed')?.description).toMatch(/speed/i);
});

test('a field that a kind of session does not have is none', () => {
	expect(field('no_such_field')).toBeNull();
	const of = (path: string[]) => deriveFieldSchema(schema, 'RealtimeTranscriptionSessionCreateRequest', path);
	expect(of(['audio', 'output', 'voice'])).toBeNull();
	expect(of(['audio', 'input', 'noise_reduction', 'type'])?.values).toEqual(['near_field', 'far_field']);
});
