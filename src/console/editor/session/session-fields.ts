import { isObject, stringAt, valueAtPath, type JsonObject } from '#core/base/json.ts';
import type { JsonEdit } from '#core/protocol/session-rewrite.ts';
import { deriveFieldSchema, type FieldSchema } from '#core/protocol/session-schema.ts';

/** One field of a session as a form shows it. */
export interface SessionField {
	/** `audio.output.voice` */
	readonly path: readonly string[];
	readonly label: string;
	readonly control: 'choice' | 'number' | 'text' | 'long-text';
	/** What the session says; `undefined` when it says nothing. */
	readonly value: unknown;
	/** Of a choice: values with their texts. */
	readonly options: readonly { readonly value: unknown; readonly text: string }[];
	/** Of a choice: other texts than the ones named are taken too. Of a number: this word stands for no limit. */
	readonly other: 'text' | 'inf' | null;
	readonly schema: FieldSchema;
	readonly hint: string;
	/** What has to change in the JSON so that the field has this value; `undefined` takes it out. */
	edits(value: unknown): readonly JsonEdit[];
}

export interface SessionFieldGroup {
	readonly title: string;
	readonly fields: readonly SessionField[];
}

interface FieldSpec {
	readonly path: string;
	readonly label: string;
	readonly control: SessionField['control'];
	readonly other?: SessionField['other'];
	readonly hint?: string;
	/** Texts for values that do not say enough by themselves. */
	readonly texts?: Readonly<Record<string, string>>;
	/** `null` is a choice, with this text. */
	readonly none?: string;
	/** The field is the `type` of an object, or the member without which the object means nothing. */
	readonly of?: 'object' | 'format' | 'list';
	/** The field has a meaning only for this kind of turn detection. */
	readonly onlyFor?: string;
}

const YES_NO = { true: 'yes', false: 'no' };
const FORMATS = { 'audio/pcm': 'PCM, 24 kHz', 'audio/pcmu': 'G.711 µ-law, 8 kHz', 'audio/pcma': 'G.711 A-law, 8 kHz' };
const DETECTION = 'audio.input.turn_detection';
const TRANSCRIPTION = 'audio.input.transcription';

/** Source of the hints: types of openai 7.55. */
const GROUPS: readonly { readonly title: string; readonly fields: readonly FieldSpec[] }[] = [
	{
		title: 'Model',
		fields: [
			{ path: 'instructions', label: 'Instructions', control: 'long-text' },
			{
				...{ path: 'model', label: 'Model', control: 'choice', other: 'text' },
				hint: 'Fixed when the session is opened, by the choice beside Connect.'
			},
			{
				...{ path: 'output_modalities', label: 'Answers in', control: 'choice', of: 'list' },
				texts: { audio: 'audio, with transcript', text: 'text' }
			},
			{ path: 'max_output_tokens', label: 'Max output tokens', control: 'number', other: 'inf' }
		]
	},
	{
		title: 'Voice',
		fields: [
			{
				...{ path: 'audio.output.voice', label: 'Voice', control: 'choice', other: 'text' },
				hint: 'Locked once the model has spoken.'
			},
			{ path: 'audio.output.speed', label: 'Speed', control: 'number', hint: 'Can be changed between turns only.' },
			{ path: 'audio.output.format', label: 'Audio out', control: 'choice', of: 'format', texts: FORMATS }
		]
	},
	{
		title: 'Caller',
		fields: [
			{ path: 'audio.input.format', label: 'Audio in', control: 'choice', of: 'format', texts: FORMATS },
			{
				...{ path: 'audio.input.noise_reduction', label: 'Noise reduction', control: 'choice', of: 'object' },
				...{ none: 'off', texts: { near_field: 'near field (headset)', far_field: 'far field (room)' } }
			},
			{
				...{ path: `${TRANSCRIPTION}.model`, label: 'Transcription', control: 'choice', other: 'text' },
				none: 'off'
			},
			{ path: `${TRANSCRIPTION}.language`, label: 'Language', control: 'text', hint: 'ISO 639-1: en, de, ko' },
			{ path: `${TRANSCRIPTION}.prompt`, label: 'Prompt', control: 'text' }
		]
	},
	{
		title: 'Turns',
		fields: [
			{
				...{ path: DETECTION, label: 'Turn detection', control: 'choice', of: 'object', none: 'none: push to talk' },
				texts: { server_vad: 'server_vad: silence', semantic_vad: 'semantic_vad: meaning' }
			},
			...(
				[
					['threshold', 'Threshold', 'server_vad'],
					['prefix_padding_ms', 'Prefix padding, ms', 'server_vad'],
					['silence_duration_ms', 'Silence, ms', 'server_vad'],
					['idle_timeout_ms', 'Idle timeout, ms', 'server_vad']
				] as const
			).map(([key, label, onlyFor]): FieldSpec => ({ path: `${DETECTION}.${key}`, label, control: 'number', onlyFor })),
			{ path: `${DETECTION}.eagerness`, label: 'Eagerness', control: 'choice', onlyFor: 'semantic_vad' },
			{ path: `${DETECTION}.create_response`, label: 'Creates responses', control: 'choice', texts: YES_NO },
			{ path: `${DETECTION}.interrupt_response`, label: 'Interrupts responses', control: 'choice', texts: YES_NO }
		]
	}
];

/**
 * The fields of a session, with what it says in each and the bounds of the schema. Only those that the session's kind has,
 * and of turn detection and transcription only those that mean something.
 *
 * @param schema the session's JSON Schema
 */
export function deriveSessionFields(session: JsonObject, schema: JsonObject): readonly SessionFieldGroup[] {
	const isTranscription = stringAt(session, 'type') === 'transcription';
	const root = isTranscription ? 'RealtimeTranscriptionSessionCreateRequest' : 'RealtimeSessionCreateRequest';
	return GROUPS.map(({ title, fields }) => ({
		title,
		fields: fields
			.filter((spec) => isMeant(session, spec))
			.map((spec) => deriveField(session, schema, root, spec))
			.filter((field) => field !== null)
	})).filter(({ fields }) => fields.length > 0);
}

/** A part of something that is off, or of the other kind, has no field. */
function isMeant(session: JsonObject, { path, onlyFor }: FieldSpec): boolean {
	const owner = [DETECTION, TRANSCRIPTION].find(
		(name) => path.startsWith(`${name}.`) && path !== `${TRANSCRIPTION}.model`
	);
	if (owner === undefined) return true;
	const value = valueAtPath(session, owner.split('.'));
	if (!isObject(value)) return false;
	return onlyFor === undefined || (stringAt(value, 'type') ?? 'server_vad') === onlyFor;
}

function deriveField(session: JsonObject, schema: JsonObject, root: string, spec: FieldSpec): SessionField | null {
	const path = spec.path.split('.');
	const valuePath = spec.of === 'object' || spec.of === 'format' ? [...path, 'type'] : path;
	const fieldSchema = deriveFieldSchema(schema, root, valuePath);
	if (!fieldSchema) return null;
	const said = valueAtPath(session, path);
	return {
		...{ path, label: spec.label, control: spec.control, other: spec.other ?? null, schema: fieldSchema },
		hint: spec.hint ?? '',
		value: shown(session, spec, said),
		options: optionsOf(spec, fieldSchema),
		edits: (value) => editsOf(session, schema, root, spec, value)
	};
}

function shown(session: JsonObject, spec: FieldSpec, said: unknown): unknown {
	if (spec.of === 'list') return Array.isArray(said) && said.length === 1 ? (said[0] as unknown) : said;
	if (spec.of !== undefined) return isObject(said) && stringAt(said, 'type') !== undefined ? said['type'] : said;
	const owner = valueAtPath(session, spec.path.split('.').slice(0, -1));
	return spec.none !== undefined && owner === null ? null : said;
}

function optionsOf({ texts = {}, none }: FieldSpec, schema: FieldSchema): SessionField['options'] {
	const isYesNo = texts === YES_NO;
	const values: readonly unknown[] = isYesNo ? [true, false] : schema.values;
	const named = values.map((value) => ({ value, text: texts[String(value)] ?? String(value) }));
	return none === undefined ? named : [{ value: null, text: none }, ...named];
}

function editsOf(
	session: JsonObject,
	schema: JsonObject,
	root: string,
	spec: FieldSpec,
	value: unknown
): readonly JsonEdit[] {
	const path = spec.path.split('.');
	if (spec.of === 'list') return [{ path, value: value === undefined ? undefined : [value] }];
	if (spec.of === 'object' || spec.of === 'format') {
		if (value === undefined || value === null) return [{ path, value }];
		const rate =
			spec.of === 'format' ? { path: [...path, 'rate'], value: value === 'audio/pcm' ? 24000 : undefined } : null;
		return [
			{ path: [...path, 'type'], value },
			...(rate ? [rate] : foreignParts(session, schema, root, spec.path, value))
		];
	}
	const isOwner = spec.none !== undefined && (value === null || value === undefined);
	return [{ path: isOwner ? path.slice(0, -1) : path, value }];
}

/** Another kind of turn detection does not know the parts of the one before: what nobody's kind knows stays. */
function foreignParts(
	session: JsonObject,
	schema: JsonObject,
	root: string,
	ownerPath: string,
	kind: unknown
): readonly JsonEdit[] {
	if (ownerPath !== DETECTION) return [];
	const owner = valueAtPath(session, ownerPath.split('.'));
	const foreign = GROUPS.flatMap(({ fields }) => fields).filter(
		({ path, onlyFor }) => onlyFor !== undefined && onlyFor !== kind && deriveFieldSchema(schema, root, path.split('.'))
	);
	const keys = foreign.map(({ path }) => path.slice(DETECTION.length + 1));
	return keys
		.filter((key) => isObject(owner) && Object.hasOwn(owner, key))
		.map((key) => ({ path: [...ownerPath.split('.'), key], value: undefined }));
}
