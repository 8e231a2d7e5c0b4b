// An hour of a session as a recording file, made up but true to the protocol: 20 ms appends all the time, 20 ms deltas while
// the model speaks. About 4,770 events and 6.6 MB a minute: 63 % appends, 32 % audio deltas, 5 % all the rest.
import { encodeBase64 } from '../../src/core/audio/base64.ts';
import type { From } from '../../src/core/protocol/direction.ts';
import { formatHeader } from '../../src/core/recording/recording-file.ts';
import type { RecordingHeader } from '../../src/core/recording/recorded-event.ts';

/** How long the log is, and which of many it is: the same numbers give the same bytes. */
export interface HourLogOptions {
	readonly minutes: number;
	readonly seed: number;
}

const STEP_MS = 20;
const STEP_BYTES = 960;
const PIECE_BYTES = 1 << 20;
/** One round of the conversation, ms: the caller speaks, is answered, and the model speaks; the rest is a pause. */
const ROUND_MS = 12_000;
const CALLER_END_MS = 4200;
const MODEL_START_MS = 4900;
const MODEL_END_MS = 11_000;
const WORD_MS = 320;
const POSITION_MS = 500;
const WORDS =
	'we are open from nine to six on weekdays and from ten to two on Saturdays — Grüße aus der Bücherei'.split(' ');

/** The header of the log. */
export function hourLogHeader({ minutes, seed }: HourLogOptions): RecordingHeader {
	return {
		earshot: 1,
		id: `hour-${seed}-${minutes}`,
		startedAt: '2026-11-20T09:00:00.000Z',
		title: `${minutes} minutes at the library`,
		endpoint: 'Simulator',
		transport: 'WebSocket',
		model: 'gpt-realtime-2.1',
		redacted: []
	};
}

/** The file in pieces of about 1 MB, each of whole lines. */
export function* hourLog(options: HourLogOptions): Generator<Uint8Array<ArrayBuffer>, void> {
	const encoder = new TextEncoder();
	const session = new ScriptedSession(options.seed);
	let piece = `${formatHeader(hourLogHeader(options))}\n`;
	for (let atMs = 0; atMs < options.minutes * 60_000; atMs += STEP_MS) {
		piece += session.step(atMs);
		if (piece.length < PIECE_BYTES) continue;
		yield encoder.encode(piece);
		piece = '';
	}
	if (piece !== '') yield encoder.encode(piece);
}

/** Writes the lines of a session step by step. */
class ScriptedSession {
	readonly #chance: () => number;
	readonly #voices: { readonly speech: readonly string[]; readonly room: readonly string[] };
	#seq = 0;
	#atMs = 0;
	#eventId = 0;
	#lines = '';

	constructor(seed: number) {
		this.#chance = createChance(seed);
		this.#voices = { speech: chunks(this.#chance, 211, 0.5), room: chunks(this.#chance, 31, 0.004) };
	}

	/** The lines of the 20 ms from `atMs` on. */
	step(atMs: number): string {
		this.#lines = '';
		this.#atMs = Math.max(this.#atMs, atMs);
		if (atMs === 0) this.#begin();
		const round = Math.floor(atMs / ROUND_MS);
		const roundMs = atMs % ROUND_MS;
		const isCallerSpeaking = roundMs >= 600 && roundMs < CALLER_END_MS;
		this.#client({ type: 'input_audio_buffer.append', audio: this.#audio(isCallerSpeaking ? 'speech' : 'room') });
		if (roundMs === 600) this.#callerBegins(round);
		if (roundMs === CALLER_END_MS) this.#callerEnds(round);
		if (roundMs === MODEL_START_MS) this.#modelBegins(round);
		if (roundMs >= MODEL_START_MS && roundMs < MODEL_END_MS) this.#modelSpeaks(round, roundMs - MODEL_START_MS);
		if (roundMs === MODEL_END_MS) this.#modelEnds(round);
		return this.#lines;
	}

	#line(from: From, event: object): void {
		// As a recorder stamps them: to the microsecond.
		const at = Math.round((this.#atMs + this.#chance() * 3) * 1000) / 1000;
		this.#atMs = at;
		this.#lines += `{"seq":${this.#seq++},"at":${at},"from":"${from}","event":${JSON.stringify(event)}}\n`;
	}

	#client(event: object): void {
		this.#line('client', event);
	}

	#server(type: string, fields: object): void {
		this.#line('server', { type, event_id: `event_${(this.#eventId++ * 2_654_435_761).toString(36)}`, ...fields });
	}

	#console(type: string, fields: object = {}): void {
		this.#line('console', { type: `earshot.${type}`, ...fields });
	}

	#audio(voice: 'speech' | 'room'): string {
		const pool = this.#voices[voice];
		return pool[Math.floor(this.#chance() * pool.length)]!;
	}

	#begin(): void {
		this.#console('connection.opening', { url: 'ws://127.0.0.1:4600/v1/realtime', endpoint: 'Simulator' });
		this.#console('connection.opened');
		const format = { type: 'audio/pcm', rate: 24000 };
		this.#server('session.created', {
			session: {
				type: 'realtime',
				id: 'sess_hour',
				model: 'gpt-realtime-2.1',
				output_modalities: ['audio'],
				instructions: 'You are the front desk of a small library. '.repeat(20),
				audio: { input: { format, turn_detection: { type: 'server_vad' } }, output: { format, voice: 'marin' } }
			}
		});
		this.#console('microphone.opened');
	}

	#callerBegins(round: number): void {
		const audio_start_ms = Math.round(this.#atMs);
		this.#server('input_audio_buffer.speech_started', { audio_start_ms, item_id: `item_caller_${round}` });
	}

	#callerEnds(round: number): void {
		const item_id = `item_caller_${round}`;
		const item = message(item_id, 'user', 'completed', [{ type: 'input_audio', transcript: null }]);
		this.#server('input_audio_buffer.speech_stopped', { audio_end_ms: Math.round(this.#atMs), item_id });
		const previous_item_id = round === 0 ? null : ids(round - 1).item_id;
		this.#server('input_audio_buffer.committed', { previous_item_id, item_id });
		this.#server('conversation.item.added', { previous_item_id, item });
		this.#server('conversation.item.done', { previous_item_id, item });
	}

	#modelBegins(round: number): void {
		const of = ids(round);
		const item_id = `item_caller_${round}`;
		for (const word of WORDS.slice(0, 8)) {
			const delta = `${word} `;
			this.#server('conversation.item.input_audio_transcription.delta', { item_id, content_index: 0, delta });
		}
		const transcript = WORDS.slice(0, 8).join(' ');
		this.#server('conversation.item.input_audio_transcription.completed', { item_id, content_index: 0, transcript });
		this.#server('response.created', { response: { id: of.response_id, status: 'in_progress', output: [] } });
		const item = message(of.item_id, 'assistant', 'in_progress', []);
		this.#server('response.output_item.added', { response_id: of.response_id, output_index: 0, item });
		this.#server('conversation.item.added', { previous_item_id: item_id, item });
		this.#server('response.content_part.added', { ...of, part: { type: 'audio', transcript: '' } });
	}

	#modelSpeaks(round: number, spokenMs: number): void {
		const of = ids(round);
		this.#server('response.output_audio.delta', { ...of, delta: this.#audio('speech') });
		if (spokenMs === 0) {
			this.#console('playback.started', { item_id: of.item_id, content_index: 0, played_samples: 0 });
		}
		if (spokenMs % WORD_MS === 0) {
			const word = WORDS[(spokenMs / WORD_MS) % WORDS.length]!;
			this.#server('response.output_audio_transcript.delta', { ...of, delta: `${word} ` });
		}
		if (spokenMs % POSITION_MS === 0 && spokenMs > 0) {
			const played_samples = spokenMs * 24;
			this.#console('playback.position', { item_id: of.item_id, content_index: 0, played_samples });
		}
	}

	#modelEnds(round: number): void {
		const of = ids(round);
		const transcript = WORDS.join(' ');
		const item = message(of.item_id, 'assistant', 'completed', [{ type: 'output_audio', transcript }]);
		this.#server('response.output_audio.done', of);
		this.#server('response.output_audio_transcript.done', { ...of, transcript });
		this.#server('response.content_part.done', { ...of, part: { type: 'audio', transcript } });
		this.#server('conversation.item.done', { previous_item_id: `item_caller_${round}`, item });
		this.#server('response.output_item.done', { response_id: of.response_id, output_index: 0, item });
		const usage = { total_tokens: 640, input_tokens: 480, output_tokens: 160 };
		this.#server('response.done', { response: { id: of.response_id, status: 'completed', output: [item], usage } });
		this.#server('rate_limits.updated', {
			rate_limits: [{ name: 'tokens', limit: 40000, remaining: 39360, reset_seconds: 0.96 }]
		});
		const played_samples = (MODEL_END_MS - MODEL_START_MS) * 24;
		this.#console('playback.ended', { item_id: of.item_id, content_index: 0, played_samples });
	}
}

function ids(round: number): Record<'response_id' | 'item_id', string> & Record<string, unknown> {
	return { response_id: `resp_${round}`, item_id: `item_model_${round}`, output_index: 0, content_index: 0 };
}

function message(id: string, role: string, status: string, content: readonly object[]): object {
	return { id, object: 'realtime.item', type: 'message', status, role, content };
}

/** The base64 of 20 ms of noise each, whose level wanders. */
function chunks(chance: () => number, count: number, level: number): string[] {
	return Array.from({ length: count }, () => {
		const loudness = level * (0.2 + 0.8 * chance());
		const samples = new Int16Array(STEP_BYTES / 2);
		for (let i = 0; i < samples.length; i++) samples[i] = Math.round((chance() * 2 - 1) * loudness * 32767);
		return encodeBase64(new Uint8Array(samples.buffer));
	});
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function createChance(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}
