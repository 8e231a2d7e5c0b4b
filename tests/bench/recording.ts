// What recording a session, folding it and showing it costs, each against a plain way of doing the same.
import { encodeBase64, decodeBase64 } from '#core/audio/base64.ts';
import { PeakTrack } from '#core/audio/peaks.ts';
import { Recorder } from '#core/recording/recorder.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import { applyEntry } from '#core/session/apply-event.ts';
import { createSession } from '#core/session/session-model.ts';
import { deriveConversation } from '#core/timeline/conversation.ts';
import { deriveModelPlacements } from '#core/timeline/placements.ts';
import { deriveTurns } from '#core/timeline/turns.ts';
import { deriveWindowPeaks } from '#core/timeline/window-peaks.ts';
import { median, printTable } from './table.ts';

const ROUNDS = 5;
const MINUTES = 10;

/** The median of some runs, ms. */
function time(work: () => void): number {
	return median(
		Array.from({ length: ROUNDS }, () => {
			const startedAt = performance.now();
			work();
			return performance.now() - startedAt;
		})
	);
}

/** The messages of a session with 20 ms appends all the time, and an answer of 4 s every 10 s. */
function sessionTexts(): { from: 'client' | 'server'; text: string; at: number }[] {
	const chunk = encodeBase64(new Uint8Array(960).map((_, i) => (i * 37) & 255));
	const delta = encodeBase64(new Uint8Array(12_000).map((_, i) => (i * 11) & 255));
	const texts: { from: 'client' | 'server'; text: string; at: number }[] = [];
	const server = (at: number, event: object) => texts.push({ from: 'server', text: JSON.stringify(event), at });
	for (let at = 0; at < MINUTES * 60_000; at += 20) {
		texts.push({ from: 'client', text: `{"type":"input_audio_buffer.append","audio":"${chunk}"}`, at });
		if (at % 10_000 !== 5000) continue;
		const ids = { response_id: `resp_${at}`, item_id: `item_${at}`, output_index: 0, content_index: 0 };
		server(at, { type: 'response.created', response: { id: ids.response_id, status: 'in_progress' } });
		const item = { id: ids.item_id, type: 'message', role: 'assistant', status: 'in_progress', content: [] };
		server(at, { type: 'conversation.item.added', previous_item_id: null, item });
		for (let i = 0; i < 16; i++) {
			server(at, { type: 'response.output_audio_transcript.delta', ...ids, delta: ' and so on' });
			server(at, { type: 'response.output_audio.delta', ...ids, delta });
		}
		server(at, { type: 'response.done', response: { id: ids.response_id, status: 'completed', output: [] } });
	}
	return texts;
}

type Texts = ReturnType<typeof sessionTexts>;

/** Records all of it. */
function record(texts: Texts, target: MemoryLog): void {
	let now = 0;
	const recorder = new Recorder(
		target,
		() => now,
		() => {}
	);
	for (const { from, text, at } of texts) {
		now = at;
		recorder.record(from, text);
	}
}

function fold(log: MemoryLog): ReturnType<typeof createSession> {
	const session = createSession();
	for (let i = 0; i < log.length; i++) applyEntry(session, log.entry(i));
	return session;
}

export function benchRecording(): void {
	const texts = sessionTexts();
	const log = new MemoryLog();
	record(texts, log);
	const session = fold(log);
	const placements = deriveModelPlacements(session);
	const peaks = new PeakTrack();
	peaks.append(log.tracks.model.read(0, log.tracks.model.length));
	const audio = { bytes: log.tracks.model, peaks };
	const base64 = encodeBase64(log.tracks.caller.read(0, 4_800_000));

	const parseAll = time(() => texts.forEach(({ text }) => JSON.parse(text)));
	const row = (part: string, ms: number, against: string, plainMs: number): Record<string, string | number> => ({
		part,
		ms,
		against,
		'ms of that': plainMs,
		ratio: ms / plainMs
	});
	const rows = [
		row(
			'record, audio taken out',
			time(() => record(texts, new MemoryLog())),
			'JSON.parse of all',
			parseAll
		),
		row(
			'fold of all entries',
			time(() => fold(log)),
			'JSON.parse of all',
			parseAll
		),
		row(
			'what the panes show, once',
			time(() => {
				deriveConversation(session);
				deriveTurns(session);
				deriveModelPlacements(session);
			}),
			'a frame of 60 a second',
			1000 / 60
		),
		row(
			'levels of 1,400 px, whole',
			time(() => deriveWindowPeaks(placements, audio, 0, (MINUTES * 60_000) / 1400, 1400)),
			'a frame of 60 a second',
			1000 / 60
		),
		row(
			'base64 of 4.8 MB to bytes',
			time(() => decodeBase64(base64)),
			'Buffer.from',
			time(() => Buffer.from(base64, 'base64'))
		)
	];

	printTable(
		`A session of ${MINUTES} minutes: ${texts.length.toLocaleString('en')} messages. Medians of ${ROUNDS} runs.`,
		rows
	);
}
