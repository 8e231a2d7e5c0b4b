/** What a client may say of a session, in session.update, response.create and client secrets. Source: openai 7.55 types. */
import {
	invalidRequest,
	invalidType,
	invalidValue,
	missingParameter,
	notInSimulator
} from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import {
	checkShape,
	custom,
	flag,
	isJsonObject,
	list,
	nullable,
	object,
	oneOf,
	text,
	variant
} from '#simulator/session/shapes.ts';
import type { Shape } from '#simulator/session/shapes.ts';
import { voiceNames } from '#simulator/session/voice-names.ts';

/** Source: the service's wording as users report it; both together are not allowed in GA. */
export const outputModalities: Shape = custom((value, path) => {
	const fault = checkShape(list(oneOf('text', 'audio')), value, path);
	if (fault) return fault;
	const names = value as string[];
	if (names.length === 1) return undefined;
	const shown = `[${names.map((name) => `'${name}'`).join(', ')}]`;
	return invalidRequest(
		'invalid_value',
		`Invalid modalities: ${shown}. Supported combinations are: ['text'] and ['audio'].`,
		path
	);
});

export const maxOutputTokens: Shape = custom((value, path) => {
	if (value === 'inf') return undefined;
	if (typeof value === 'string') return invalidValue(value, ['inf'], path);
	return checkShape({ kind: 'integer', min: 1, max: 4096 }, value, path);
});

/** Stored prompts and custom voices live in an account of the service. */
export const prompt: Shape = nullable({ kind: 'absent', what: 'stored prompts' });

export const voice: Shape = custom((value, path) => {
	if (isJsonObject(value)) return notInSimulator(path, `custom voices ('${path}' must be a voice name)`);
	return checkShape(oneOf(...voiceNames), value, path);
});

export const audioFormat: Shape = variant('type', {
	'audio/pcm': object({ type: text, rate: { kind: 'integer', min: 24000, max: 24000 } }),
	'audio/pcmu': object({ type: text }),
	'audio/pcma': object({ type: text })
});

export const reasoning: Shape = object({ effort: nullable(oneOf('minimal', 'low', 'medium', 'high', 'xhigh')) });

// --- Tools ----------------------------------------------------------------------------------------------------------

const functionTool = object(
	{
		type: text,
		name: { kind: 'string', maxLength: 64 },
		description: nullable(text),
		parameters: nullable(
			custom((value, path) => (isJsonObject(value) ? undefined : invalidType(path, 'an object', value)))
		),
		strict: nullable(flag)
	},
	['name']
);

const toolFilter = object({ tool_names: list(text), read_only: flag });

const anyObject: Shape = custom((value, path) =>
	isJsonObject(value) ? undefined : invalidType(path, 'an object', value)
);

const mcpFields = object(
	{
		type: text,
		server_label: text,
		server_url: text,
		connector_id: oneOf(
			'connector_dropbox',
			'connector_gmail',
			'connector_googlecalendar',
			'connector_googledrive',
			'connector_microsoftteams',
			'connector_outlookcalendar',
			'connector_outlookemail',
			'connector_sharepoint'
		),
		tunnel_id: text,
		server_description: nullable(text),
		authorization: nullable(text),
		headers: nullable(
			custom((value, path) => {
				const fault = checkShape(anyObject, value, path);
				if (fault) return fault;
				const wrong = Object.entries(value as object).find(([, header]) => typeof header !== 'string');
				return wrong ? invalidType(`${path}.${wrong[0]}`, 'a string', wrong[1]) : undefined;
			})
		),
		allowed_tools: nullable(
			custom((value, path) => checkShape(Array.isArray(value) ? list(text) : toolFilter, value, path))
		),
		require_approval: nullable(
			custom((value, path) =>
				typeof value === 'string'
					? checkShape(oneOf('always', 'never'), value, path)
					: checkShape(object({ always: toolFilter, never: toolFilter }), value, path)
			)
		),
		allowed_callers: nullable({ kind: 'any' }),
		defer_loading: nullable(flag)
	},
	['server_label']
);

const mcpTool: Shape = custom((value, path) => {
	const fault = checkShape(mcpFields, value, path);
	if (fault) return fault;
	const tool = value as Record<string, unknown>;
	const hasAddress = ['server_url', 'connector_id', 'tunnel_id'].some((name) => tool[name] !== undefined);
	return hasAddress ? undefined : missingParameter(`${path}.server_url`);
});

export const tools: Shape = nullable(
	custom((value, path) => {
		const fault = checkShape(list(variant('type', { function: functionTool, mcp: mcpTool })), value, path);
		if (fault) return fault;
		// Ours: two servers of one name could not be told apart.
		const labels = (value as Record<string, unknown>[]).map((tool) => tool['server_label']);
		const twice = labels.findIndex((label, index) => label !== undefined && labels.indexOf(label) !== index);
		if (twice < 0) return undefined;
		const param = `${path}[${twice}].server_label`;
		return invalidRequest('invalid_value', `Duplicate server_label: '${String(labels[twice])}'.`, param);
	})
);

/**
 * A bare function name is taken as well: a widely used client sends one. Whether the tool exists is not a question of
 * shape, see `checkToolChoice`.
 */
export const toolChoice: Shape = custom((value, path) => {
	if (typeof value === 'string') return undefined;
	if (!isJsonObject(value)) return invalidType(path, 'a string or an object', value);
	const named = object({ type: text, name: text }, ['name']);
	const ofServer = object({ type: text, server_label: text, name: nullable(text) }, ['server_label']);
	return checkShape(variant('type', { function: named, mcp: ofServer }), value, path);
});

/** Whether the tool that is demanded is among those offered. The wording is the service's for its other API; not seen here. */
export function checkToolChoice(choice: unknown, offered: readonly unknown[], path: string): ApiError | undefined {
	const modes = ['none', 'auto', 'required'];
	if (typeof choice === 'string' && modes.includes(choice)) return undefined;
	const isOffered = (field: string, name: unknown): boolean =>
		offered.some((tool) => isJsonObject(tool) && tool[field] === name);
	if (typeof choice === 'string') return isOffered('name', choice) ? undefined : invalidValue(choice, modes, path);
	const { type, name, server_label: label } = choice as Record<string, unknown>;
	const found = type === 'mcp' ? isOffered('server_label', label) : isOffered('name', name);
	const shown = String(type === 'mcp' ? label : name);
	return found
		? undefined
		: invalidRequest('invalid_value', `Tool choice '${shown}' not found in 'tools' parameter.`, path);
}

// --- Audio in -------------------------------------------------------------------------------------------------------

/** Ranges of the two durations are ours: the types give none. */
const turnDetection: Shape = variant('type', {
	server_vad: object({
		type: text,
		threshold: { kind: 'decimal', min: 0, max: 1 },
		prefix_padding_ms: { kind: 'integer', min: 0, max: 60000 },
		silence_duration_ms: { kind: 'integer', min: 0, max: 60000 },
		idle_timeout_ms: nullable({ kind: 'integer', min: 5000, max: 30000 }),
		create_response: flag,
		interrupt_response: flag
	}),
	semantic_vad: object({
		type: text,
		eagerness: oneOf('low', 'medium', 'high', 'auto'),
		create_response: flag,
		interrupt_response: flag
	})
});

/** Models of other makers are refused, models of later days are not. */
const transcriptionModel: Shape = custom((value, path) => {
	if (typeof value !== 'string') return invalidType(path, 'a string', value);
	const known = ['whisper-1', 'gpt-4o-mini-transcribe', 'gpt-4o-transcribe', 'gpt-4o-transcribe-diarize'];
	const all = [...known, 'gpt-transcribe', 'gpt-live-transcribe', 'gpt-realtime-whisper'];
	return /^(whisper|gpt)-/.test(value) ? undefined : invalidValue(value, all, path);
});

const transcriptionFields = object({
	model: transcriptionModel,
	language: nullable(text),
	languages: nullable(list(text)),
	prompt: nullable(text),
	keywords: nullable(list(text)),
	delay: nullable(oneOf('minimal', 'low', 'medium', 'high', 'xhigh'))
});

/** Which settings go with which models. Source: openai 7.55 types; the wording of the errors is ours. */
const transcription: Shape = custom((value, path) => {
	const fault = checkShape(transcriptionFields, value, path);
	if (fault) return fault;
	const settings = value as Record<string, unknown>;
	const model = settings['model'];
	if (typeof model !== 'string') return undefined;
	const only = (name: string, models: string[]): ApiError | undefined =>
		(settings[name] ?? null) === null || models.includes(model)
			? undefined
			: invalidRequest(
					'invalid_value',
					`Invalid '${path}.${name}': not supported with the model '${model}'. Supported with: ${models.join(', ')}.`,
					`${path}.${name}`
				);
	const later = ['gpt-transcribe', 'gpt-live-transcribe'];
	const wrong = only('delay', ['gpt-realtime-whisper']) ?? only('keywords', later) ?? only('languages', later);
	if (wrong) return wrong;
	return model === 'gpt-realtime-whisper' && (settings['prompt'] ?? null) !== null
		? invalidRequest(
				'invalid_value',
				`Invalid '${path}.prompt': not supported with the model '${model}'.`,
				`${path}.prompt`
			)
		: undefined;
});

const noiseReduction: Shape = object(
	{ type: oneOf('near_field', 'far_field'), strength: { kind: 'decimal', min: 0, max: 1 } },
	['type']
);

const audioInput: Shape = object({
	format: audioFormat,
	transcription: nullable(transcription),
	noise_reduction: nullable(noiseReduction),
	turn_detection: nullable(turnDetection)
});

// --- The session ----------------------------------------------------------------------------------------------------

const truncation: Shape = custom((value, path) => {
	if (typeof value === 'string') return checkShape(oneOf('auto', 'disabled'), value, path);
	const ratio: Shape = { kind: 'decimal', min: 0, max: 1 };
	const limits = nullable(object({ post_instructions: { kind: 'integer', min: 0 } }));
	const shape = object({ type: text, retention_ratio: ratio, token_limits: limits }, ['retention_ratio']);
	return checkShape(variant('type', { retention_ratio: shape }), value, path);
});

const tracing: Shape = nullable(
	custom((value, path) => {
		if (typeof value === 'string') return checkShape(oneOf('auto'), value, path);
		return checkShape(object({ workflow_name: text, group_id: text, metadata: { kind: 'any' } }), value, path);
	})
);

const include = nullable(list(oneOf('item.input_audio_transcription.logprobs')));

/** `session` of a session.update. */
export const sessionShape: Shape = variant('type', {
	realtime: object({
		type: text,
		model: text,
		output_modalities: outputModalities,
		instructions: text,
		tools,
		tool_choice: toolChoice,
		parallel_tool_calls: flag,
		max_output_tokens: maxOutputTokens,
		reasoning: nullable(reasoning),
		tracing,
		truncation,
		prompt,
		audio: object({
			input: audioInput,
			output: object({ format: audioFormat, voice, speed: { kind: 'decimal', min: 0.25, max: 1.5 } })
		}),
		include
	}),
	transcription: object({ type: text, audio: object({ input: audioInput }), include })
});
