import { isObject, objectAt, stringAt, valueAtPath, type JsonObject } from '../base/json.ts';

/** A change of one member of a JSON object: `undefined` removes it. */
export interface JsonEdit {
	readonly path: readonly string[];
	readonly value: unknown;
}

/** One thing that a rewrite changes, in words for the page, and how. */
export interface SessionChange {
	/** The member as it was pasted. */
	readonly from: string;
	/** Where it goes, or `null` when it is dropped. */
	readonly to: string | null;
	readonly reason: string;
	readonly edits: readonly JsonEdit[];
}

/** How something that was pasted becomes a GA session to ask for. */
export interface SessionRewrite {
	/** The type of the event in whose `session` it stands, or `null` when it is a session itself. */
	readonly eventType: string | null;
	/** It has fields of the retired beta. */
	readonly isBeta: boolean;
	readonly changes: readonly SessionChange[];
}

type Kind = 'realtime' | 'transcription';

/** Where the beta's fields went. Source: types of the beta and of GA in openai 7.55, and the API's migration guide. */
const MOVED: Readonly<Record<string, readonly string[]>> = {
	modalities: ['output_modalities'],
	voice: ['audio', 'output', 'voice'],
	speed: ['audio', 'output', 'speed'],
	input_audio_format: ['audio', 'input', 'format'],
	output_audio_format: ['audio', 'output', 'format'],
	input_audio_transcription: ['audio', 'input', 'transcription'],
	input_audio_noise_reduction: ['audio', 'input', 'noise_reduction'],
	turn_detection: ['audio', 'input', 'turn_detection'],
	max_response_output_tokens: ['max_output_tokens']
};

const FORMATS: Readonly<Record<string, object>> = {
	pcm16: { type: 'audio/pcm', rate: 24000 },
	g711_ulaw: { type: 'audio/pcmu' },
	g711_alaw: { type: 'audio/pcma' }
};

/** What the server tells and does not take. Source: a recorded beta `session.created`, recorded GA sessions. */
const SERVER_FIELDS: readonly string[] = ['object', 'id', 'expires_at', 'client_secret', 'custom_voice_id'];

/**
 * How a JSON object that was pasted as a session is made one that GA takes: a session of the retired beta, or a session as
 * the server told it, alone or inside its event. What it does not know stays as it is.
 *
 * @returns `null` when there is nothing to change
 */
export function deriveSessionRewrite(pasted: JsonObject): SessionRewrite | null {
	const type = stringAt(pasted, 'type');
	const inner = objectAt(pasted, 'session');
	const eventType = inner && type && /^(transcription_)?session\.\w+$/.test(type) ? type : null;
	const session = eventType === null ? pasted : (inner ?? pasted);
	const isBeta = [...Object.keys(MOVED), 'temperature'].some((key) => Object.hasOwn(session, key));
	const kind = kindOf(session, eventType);
	const changes = isBeta ? [...betaChanges(session, kind), ...serverFields(session)] : serverFields(session);
	return changes.length > 0 || eventType !== null ? { eventType, isBeta, changes } : null;
}

function kindOf(session: JsonObject, eventType: string | null): Kind {
	if (stringAt(session, 'type') === 'transcription' || eventType?.startsWith('transcription_')) return 'transcription';
	return stringAt(session, 'object') === 'realtime.transcription_session' ? 'transcription' : 'realtime';
}

function betaChanges(session: JsonObject, kind: Kind): SessionChange[] {
	const changes: SessionChange[] = [];
	if (!Object.hasOwn(session, 'type')) {
		const edits = [{ path: ['type'], value: kind }];
		changes.push({ from: '', to: 'type', reason: `GA asks for the kind of session: ${kind}.`, edits });
	}
	for (const key of Object.keys(session)) {
		const target = Object.hasOwn(MOVED, key) ? MOVED[key] : undefined;
		if (target) changes.push(move(session, key, target, kind));
	}
	if (Object.hasOwn(session, 'temperature')) {
		changes.push(drop('temperature', 'GA has no temperature: it was removed.'));
	}
	if (Object.hasOwn(session, 'model')) {
		changes.push(drop('model', 'The model is fixed when the session is opened: choose it beside Connect.'));
	}
	return changes;
}

function serverFields(session: JsonObject): SessionChange[] {
	const present = SERVER_FIELDS.filter((key) => Object.hasOwn(session, key));
	return present.map((key) => drop(key, 'The server tells it and does not take it.'));
}

function move(session: JsonObject, key: string, target: readonly string[], kind: Kind): SessionChange {
	if (kind === 'transcription' && !(target[0] === 'audio' && target[1] === 'input')) {
		return drop(key, 'A transcription session does not answer.');
	}
	if (valueAtPath(session, target) !== undefined) {
		return drop(key, `${target.join('.')} is there already, and stays.`);
	}
	const translated = translate(key, session[key]);
	if ('problem' in translated) return drop(key, translated.problem);
	const { value, reason } = translated;
	const edits = [
		{ path: [key], value: undefined },
		{ path: target, value }
	];
	return { from: key, to: target.join('.'), reason, edits };
}

type Translation = { readonly value: unknown; readonly reason: string } | { readonly problem: string };

function translate(key: string, value: unknown): Translation {
	if (key === 'modalities') return translateModalities(value);
	if (!key.endsWith('_audio_format')) return { value, reason: 'It has a new place.' };
	const name = typeof value === 'string' ? value : JSON.stringify(value);
	const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
	if (!format) return { problem: `GA has no format ${name}; it knows audio/pcm, audio/pcmu and audio/pcma.` };
	return { value: format, reason: `${name} is ${stringAt(format, 'type') ?? ''} now.` };
}

function translateModalities(value: unknown): Translation {
	const wanted: readonly unknown[] = Array.isArray(value) ? value : [];
	if (wanted.includes('audio')) {
		const both = wanted.includes('text') ? 'Audio brings its transcript; both together are not taken.' : '';
		return { value: ['audio'], reason: both || 'It has a new name.' };
	}
	if (wanted.includes('text')) return { value: ['text'], reason: 'It has a new name.' };
	return { problem: 'It names neither audio nor text.' };
}

function drop(key: string, reason: string): SessionChange {
	return { from: key, to: null, reason, edits: [{ path: [key], value: undefined }] };
}

/** The session that a rewrite is of: the object itself, or the one inside its event. */
export function sessionToRewrite(pasted: JsonObject, rewrite: SessionRewrite): JsonObject {
	const inner = rewrite.eventType === null ? pasted : pasted['session'];
	return isObject(inner) ? inner : pasted;
}
