/** The settings of a translation session: its defaults, what a client may say of them, and how they are shown. */
import { invalidValue } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { checkShape, isJsonObject, nullable, object, oneOf, text } from '#simulator/session/shapes.ts';
import type { JsonObject, Shape } from '#simulator/session/shapes.ts';

export interface NoiseReduction {
	type: 'near_field' | 'far_field';
	strength?: number;
}

/** In the API's own words. Source: openai 7.55 types (RealtimeTranslationSession). */
export interface TranslationConfig {
	type: 'translation';
	model: string;
	audio: {
		input: { noise_reduction: NoiseReduction | null; transcription: { model: string } | null };
		output: { language: string };
	};
}

/**
 * The languages that are spoken, and their names. Source: the service's guide, and a public client that tried all of them;
 * others and regional codes such as `pt-BR` are refused.
 */
const LANGUAGES: Readonly<Record<string, string>> = {
	es: 'Spanish',
	pt: 'Portuguese',
	fr: 'French',
	ja: 'Japanese',
	ru: 'Russian',
	zh: 'Chinese',
	de: 'German',
	ko: 'Korean',
	hi: 'Hindi',
	id: 'Indonesian',
	vi: 'Vietnamese',
	it: 'Italian',
	en: 'English'
};

/** The English name of a language that can be translated into. */
export function nameLanguage(code: string): string {
	return LANGUAGES[code] ?? code;
}

export function isTranslationModel(model: string): boolean {
	return /^gpt-realtime-translate(-|$)/.test(model);
}

/** Source: what a public client of the service saw in session.created; the types say that everything else is off. */
export function defaultTranslationConfig(model: string): TranslationConfig {
	return {
		type: 'translation',
		model,
		audio: { input: { noise_reduction: null, transcription: null }, output: { language: 'es' } }
	};
}

const noiseReduction = object(
	{ type: oneOf('near_field', 'far_field'), strength: { kind: 'decimal', min: 0, max: 1 } },
	['type']
);

const audio: Shape = object({
	input: object({
		noise_reduction: nullable(noiseReduction),
		transcription: nullable(object({ model: text }, ['model']))
	}),
	output: object({ language: oneOf(...Object.keys(LANGUAGES)) })
});

/** `session` of a session.update. Type and model are not in it. Source: openai 7.55 types. */
export const translationUpdateShape: Shape = object({ audio });

/** `session` of a client secret. Source: openai 7.55 types (RealtimeTranslationSessionCreateRequest). */
const createShape: Shape = object({ model: text, audio }, ['model']);

/** Merges what was checked; what is left out stays, null turns off. Source: openai 7.55 types. */
export function mergeTranslationUpdate(config: TranslationConfig, update: JsonObject): TranslationConfig {
	const { input = {}, output = {} } = (update['audio'] ?? {}) as { input?: JsonObject; output?: JsonObject };
	const merged = { ...config.audio.input, ...input };
	const strength = config.audio.input.noise_reduction?.strength;
	// An omitted strength stays what it was.
	if (isJsonObject(input['noise_reduction']) && strength !== undefined) {
		merged.noise_reduction = { strength, ...(input['noise_reduction'] as unknown as NoiseReduction) };
	}
	return { ...config, audio: { input: merged, output: { ...config.audio.output, ...output } } };
}

/** The settings that a client asks for when it makes a client secret: checked, and merged into the defaults. */
export function configureTranslation(
	session: JsonObject | undefined
): { config: TranslationConfig } | { error: ApiError } {
	const asked = session ?? {};
	const fault = checkShape(createShape, asked, 'session');
	if (fault) return { error: fault };
	const model = asked['model'] as string;
	if (!isTranslationModel(model)) return { error: invalidValue(model, ['gpt-realtime-translate'], 'session.model') };
	return { config: mergeTranslationUpdate(defaultTranslationConfig(model), asked) };
}

/** The session as events and client secrets show it. Source: openai 7.55 types, and their example for the order. */
export function describeTranslation(config: TranslationConfig, id: string, expiresAtS: number): JsonObject {
	const { type, model, audio: settings } = config;
	return structuredClone({ id, type, model, expires_at: expiresAtS, audio: settings });
}
