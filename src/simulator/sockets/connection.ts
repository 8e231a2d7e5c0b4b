/** What a connection becomes: which kind of session, with which settings; or why it becomes none. */
import type { IncomingMessage } from 'node:http';
import type { ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { CLOSE_UNAUTHORIZED, checkCredentials, readKey } from '#simulator/auth/credentials.ts';
import { connectionErrors, invalidRequest } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import {
	defaultSessionConfig,
	defaultTranscriptionConfig,
	isRealtimeModel
} from '#simulator/session/session-config.ts';
import type { SessionConfig } from '#simulator/session/session-config.ts';
import { defaultTranslationConfig, isTranslationModel } from '#simulator/translation/translation-config.ts';
import type { TranslationConfig } from '#simulator/translation/translation-config.ts';

export type AnyConfig = SessionConfig | TranslationConfig;

/** Source: live probe: a connection that cannot become a session is closed with this. */
const CLOSE_BAD_REQUEST = 4000;

export type Decision = { config: AnyConfig } | { error: ApiError; closeCode: number };

export interface ConnectionOptions {
	secrets: ClientSecrets<AnyConfig>;
	requiredKey: string | undefined;
	nowMs: number;
}

function offeredProtocols(request: IncomingMessage): string[] {
	const header = request.headers['sec-websocket-protocol'] ?? '';
	return header.split(',').map((name) => name.trim());
}

const refuse = (error: ApiError, closeCode = CLOSE_BAD_REQUEST): Decision => ({ error, closeCode });

/** Ours: there are no calls to join. */
function noCall(id: string): ApiError {
	const message = `Call with id '${id}' not found. The simulator takes no WebRTC or SIP calls, so there is none to join.`;
	return invalidRequest('call_not_found', message, 'call_id');
}

/** A secret is for the address that it was made for. The wording is ours. */
function wrongAddress(config: AnyConfig): ApiError {
	const message = `This client secret is for a ${config.type} session. Connect to the address of that kind of session.`;
	return invalidRequest('invalid_value', message);
}

/** Judges a connection by its headers and its address. Source of the order: a live probe saw each of the failures alone. */
export function decideConnection(request: IncomingMessage, url: URL, options: ConnectionOptions): Decision {
	const beta = String(request.headers['openai-beta'] ?? '');
	if (beta.includes('realtime=v1') || offeredProtocols(request).includes('openai-beta.realtime-v1')) {
		return refuse(connectionErrors.betaShape());
	}
	const credentials = checkCredentials({ key: readKey(request), ...options });
	if (!credentials.isGood) return refuse(credentials.error, CLOSE_UNAUTHORIZED);
	const isTranslation = url.pathname === '/v1/realtime/translations';
	const secret = credentials.secret?.config;
	if (secret) {
		if ((secret.type === 'translation') !== isTranslation) return refuse(wrongAddress(secret));
		return { config: structuredClone(secret) };
	}
	const callId = url.searchParams.get('call_id');
	if (callId !== null) return refuse(noCall(callId));
	if (url.searchParams.get('intent') === 'transcription') return { config: defaultTranscriptionConfig() };
	const model = url.searchParams.get('model');
	if (!model) return refuse(connectionErrors.missingModel());
	const isKnown = isTranslation ? isTranslationModel(model) : isRealtimeModel(model);
	if (!isKnown) return refuse(connectionErrors.invalidModel(model));
	return { config: isTranslation ? defaultTranslationConfig(model) : defaultSessionConfig(model) };
}
