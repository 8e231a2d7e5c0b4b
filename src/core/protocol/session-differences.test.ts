import { describe, expect, test } from 'vitest';
import { deriveJsonDifferences, formatKeys, isSameJson } from './session-compare.ts';
import { deriveSessionChanges, deriveSessionDifferences } from './session-differences.ts';

const IN_FORCE = {
	type: 'realtime',
	object: 'realtime.session',
	id: 'sess_1',
	model: 'gpt-realtime',
	expires_at: 1785460927,
	output_modalities: ['audio'],
	instructions: 'Be brief.',
	tools: [],
	prompt: null,
	audio: {
		input: {
			format: { type: 'audio/pcm', rate: 24000 },
			transcription: null,
			turn_detection: { type: 'server_vad', threshold: 0.5, silence_duration_ms: 200, idle_timeout_ms: null }
		},
		output: { format: { type: 'audio/pcm', rate: 24000 }, voice: 'marin', speed: 1 }
	}
};

describe('requested against effective', () => {
	test('what took is not told; what the server filled in is, without the fields that are its own', () => {
		const requested = {
			type: 'realtime',
			prompt: null,
			tracing: null,
			audio: { input: { turn_detection: { silence_duration_ms: 200, type: 'server_vad' } } }
		};
		const differences = deriveSessionDifferences(requested, IN_FORCE);
		expect(new Set(differences.map(({ kind }) => kind))).toEqual(new Set(['filled']));
		expect(differences.map(({ path }) => path).sort()).toEqual(
			[
				...['audio.input.format', 'audio.input.transcription', 'audio.input.turn_detection.idle_timeout_ms'],
				...['audio.input.turn_detection.threshold', 'audio.output'],
				...['instructions', 'model', 'output_modalities', 'tools']
			].sort()
		);
	});

	test('what did not take is told first, with the reason that the protocol gives', () => {
		const requested = {
			type: 'realtime',
			model: 'gpt-realtime-2.1',
			reasoning: { effort: 'low' },
			instructions: 'Be long.',
			audio: { output: { voice: 'cedar' } }
		};
		expect(deriveSessionDifferences(requested, IN_FORCE).filter(({ kind }) => kind !== 'filled')).toEqual([
			{
				...{ path: 'model', kind: 'changed', requested: 'gpt-realtime-2.1', effective: 'gpt-realtime' },
				reason: expect.stringMatching(/fixed when the session is opened/) as string
			},
			{
				...{ path: 'reasoning', kind: 'missing', requested: { effort: 'low' }, effective: undefined },
				reason: null
			},
			{ path: 'instructions', kind: 'changed', requested: 'Be long.', effective: 'Be brief.', reason: null },
			{
				...{ path: 'audio.output.voice', kind: 'changed', requested: 'cedar', effective: 'marin' },
				reason: expect.stringMatching(/locked once the model has spoken/) as string
			}
		]);
	});

	test('tools are compared one by one, so that a filled-in description is not the whole list', () => {
		const tool = { type: 'function', name: 'book', parameters: {} };
		const effective = { type: 'realtime', tools: [{ ...tool, description: null }] };
		expect(deriveSessionDifferences({ type: 'realtime', tools: [tool] }, effective)).toEqual([
			{ path: 'tools[0].description', kind: 'filled', requested: undefined, effective: null, reason: null }
		]);
	});
});

describe('a refused update', () => {
	const requested = { type: 'realtime', instructions: 'New.', audio: { output: { voice: 'cedar', speed: 9 } } };
	const speed = { code: 'decimal_above_max_value', message: 'Too fast.', param: 'session.audio.output.speed' };

	test('is not in force at all; the field at fault comes first and has the server’s words', () => {
		const [first, ...rest] = deriveSessionDifferences(requested, IN_FORCE, speed);
		expect(first).toMatchObject({ path: 'audio.output.speed', kind: 'refused', requested: 9, effective: 1 });
		expect(first!.reason).toBe('Too fast.');
		expect(rest.map(({ path, reason }) => [path, reason])).toEqual([
			['instructions', expect.stringMatching(/as a whole|whole or not at all/)],
			['audio.output.voice', expect.stringMatching(/whole or not at all/)]
		]);
	});

	test('a locked voice is found, though the error names no field', () => {
		const refusal = { code: 'cannot_update_voice', message: 'Cannot update a conversation’s voice.', param: null };
		const [first] = deriveSessionDifferences(requested, IN_FORCE, refusal);
		expect(first).toMatchObject({ path: 'audio.output.voice', effective: 'marin' });
		expect(first!.reason).toMatch(/^Cannot update.* Start a new session/);
	});

	test('a field that is missing in the request is named too', () => {
		const refusal = { code: 'missing_required_parameter', message: 'Missing.', param: 'session.type' };
		expect(deriveSessionDifferences({ instructions: 'New.' }, IN_FORCE, refusal)[0]).toEqual({
			...{ path: 'type', kind: 'refused', requested: undefined, effective: undefined, reason: 'Missing.' }
		});
	});

	test('where the error names nothing, every field has its words', () => {
		const refusal = { code: null, message: 'No.', param: null };
		const reasons = deriveSessionDifferences(requested, IN_FORCE, refusal).map(({ reason }) => reason);
		expect(reasons).toEqual(['No.', 'No.', 'No.']);
	});
});

describe('only what changed', () => {
	test('is the pieces that differ, whole, with the type', () => {
		const requested = {
			type: 'realtime',
			instructions: 'Be brief.',
			output_modalities: ['text'],
			audio: {
				input: {
					format: { type: 'audio/pcm', rate: 24000 },
					turn_detection: { type: 'server_vad', threshold: 0.5, silence_duration_ms: 900 }
				},
				output: { voice: 'marin' }
			}
		};
		expect(deriveSessionChanges(requested, IN_FORCE)).toEqual({
			type: 'realtime',
			output_modalities: ['text'],
			audio: {
				input: { turn_detection: { type: 'server_vad', threshold: 0.5, silence_duration_ms: 900 } }
			}
		});
	});

	test('is nothing when all is in force, though the server tells more', () => {
		expect(deriveSessionChanges({ type: 'realtime', audio: { output: { voice: 'marin' } } }, IN_FORCE)).toBeNull();
		expect(deriveSessionChanges({ type: 'realtime', audio: { output: { voice: 'cedar' } } }, IN_FORCE)).toEqual({
			...{ type: 'realtime', audio: { output: { voice: 'cedar' } } }
		});
	});

	test('is all of it for another kind of session', () => {
		const requested = { type: 'transcription', audio: { input: { transcription: { model: 'whisper-1' } } } };
		expect(deriveSessionChanges(requested, IN_FORCE)).toEqual(requested);
	});

	test('keeps apart a member whose name holds a dot', () => {
		expect(
			deriveSessionChanges({ type: 'realtime', 'a.b': 1, a: { b: 2 } }, { type: 'realtime', a: { b: 2 } })
		).toEqual({ type: 'realtime', 'a.b': 1 });
	});
});

describe('comparing JSON', () => {
	test('ends, however much and however deep it differs', () => {
		const deep = (value: unknown) =>
			JSON.parse('{"a":'.repeat(5000) + JSON.stringify(value) + '}'.repeat(5000)) as unknown;
		expect(isSameJson(deep(1), deep(1))).toBe(true);
		expect(deriveJsonDifferences(deep(1), deep(2))).toHaveLength(1);
		const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index]));
		expect(deriveJsonDifferences({}, wide)).toHaveLength(500);
	});

	test('inherited names are no members', () => {
		expect(deriveJsonDifferences({ constructor: 1 }, {})).toEqual([
			{ keys: ['constructor'], before: 1, after: undefined }
		]);
		expect(deriveJsonDifferences(JSON.parse('{"__proto__":1}'), {})).toHaveLength(1);
	});

	test('paths are spelled as the API spells them', () => {
		expect(formatKeys(['tools', 0, 'parameters', 'x y'])).toBe('tools[0].parameters["x y"]');
	});
});
