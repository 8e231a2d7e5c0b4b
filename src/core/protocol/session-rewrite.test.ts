import { describe, expect, test } from 'vitest';
import { deriveSessionRewrite } from './session-rewrite.ts';

/** What a rewrite does, as `from > to`. */
function moves(pasted: Record<string, unknown>): string[] {
	return (deriveSessionRewrite(pasted)?.changes ?? []).map(({ from, to }) => `${from} > ${to ?? '-'}`);
}

function valueFor(pasted: Record<string, unknown>, from: string): unknown {
	return deriveSessionRewrite(pasted)
		?.changes.find((change) => change.from === from)
		?.edits.at(-1)?.value;
}

const BETA = {
	id: 'sess_1',
	object: 'realtime.session',
	model: 'gpt-4o-realtime-preview',
	expires_at: 1,
	modalities: ['audio', 'text'],
	instructions: 'Be brief.',
	voice: 'alloy',
	turn_detection: { type: 'server_vad', threshold: 0.5 },
	input_audio_format: 'pcm16',
	output_audio_format: 'g711_ulaw',
	input_audio_transcription: { model: 'whisper-1' },
	tool_choice: 'auto',
	temperature: 0.8,
	max_response_output_tokens: 'inf',
	client_secret: null,
	tools: []
};

test('a session of the beta is found, and each field has its place or its reason', () => {
	expect(deriveSessionRewrite(BETA)).toMatchObject({ eventType: null, isBeta: true });
	expect(moves(BETA)).toEqual([
		' > type',
		'modalities > output_modalities',
		'voice > audio.output.voice',
		'turn_detection > audio.input.turn_detection',
		'input_audio_format > audio.input.format',
		'output_audio_format > audio.output.format',
		'input_audio_transcription > audio.input.transcription',
		'max_response_output_tokens > max_output_tokens',
		'temperature > -',
		'model > -',
		'object > -',
		'id > -',
		'expires_at > -',
		'client_secret > -'
	]);
	expect(valueFor(BETA, 'modalities')).toEqual(['audio']);
	expect(valueFor(BETA, 'input_audio_format')).toEqual({ type: 'audio/pcm', rate: 24000 });
	expect(valueFor(BETA, 'output_audio_format')).toEqual({ type: 'audio/pcmu' });
	expect(deriveSessionRewrite(BETA)?.changes.find(({ from }) => from === 'temperature')?.reason).toMatch(/removed/);
});

describe('what cannot be kept is dropped with a reason', () => {
	test('a field whose GA place is taken already', () => {
		const both = { type: 'realtime', voice: 'alloy', audio: { output: { voice: 'marin' } } };
		expect(deriveSessionRewrite(both)?.changes).toEqual([
			{
				...{ from: 'voice', to: null, reason: 'audio.output.voice is there already, and stays.' },
				edits: [{ path: ['voice'], value: undefined }]
			}
		]);
	});

	test('a format and modalities that GA does not have', () => {
		expect(moves({ type: 'realtime', input_audio_format: 'opus', modalities: [] })).toEqual([
			'input_audio_format > -',
			'modalities > -'
		]);
		expect(moves({ type: 'realtime', input_audio_format: 'constructor' })).toEqual(['input_audio_format > -']);
	});

	test('what a transcription session has no use for', () => {
		const event = {
			type: 'transcription_session.update',
			session: { input_audio_format: 'g711_alaw', modalities: ['text'], input_audio_transcription: null }
		};
		expect(deriveSessionRewrite(event)).toMatchObject({ eventType: 'transcription_session.update', isBeta: true });
		expect(moves(event)).toEqual([
			' > type',
			'input_audio_format > audio.input.format',
			'modalities > -',
			'input_audio_transcription > audio.input.transcription'
		]);
		expect(valueFor(event, '')).toBe('transcription');
	});
});

test('a GA session is left alone; one that the server told loses what only the server tells', () => {
	const session = { type: 'realtime', model: 'gpt-realtime', audio: { output: { voice: 'marin' } } };
	expect(deriveSessionRewrite(session)).toBeNull();
	expect(moves({ ...session, id: 'sess_1', object: 'realtime.session', expires_at: 5 })).toEqual([
		...['object > -', 'id > -', 'expires_at > -']
	]);
	expect(deriveSessionRewrite({ type: 'session.update', session })).toEqual({
		...{ eventType: 'session.update', isBeta: false, changes: [] }
	});
	expect(deriveSessionRewrite({ type: 'realtime', session: { voice: 'x' } })).toBeNull();
});
