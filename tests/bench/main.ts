// `npm run bench`: what each part costs against a plain way of doing the same, side by side in one run. Read the ratios;
// the times are those of this machine in this moment. Nothing here passes or fails.
import { encodeBase64, decodeBase64 } from '#core/audio/base64.ts';
import { PeakTrack } from '#core/audio/peaks.ts';
import { Recorder } from '#core/recording/recorder.ts';
import { RecordingLog } from '#core/recording/recording-log.ts';
import { applyEntry } from '#core/session/apply-event.ts';
import { createSession } from '#core/session/session-model.ts';
import { deriveConversation } from '#core/timeline/conversation.ts';
import { deriveModelPlacements } from '#core/timeline/placements.ts';
import { deriveTurns } from '#core/timeline/turns.ts';
import { deriveWindowPeaks } from '#core/timeline/window-peaks.ts';

const ROUNDS = 5;
const MINUTES = 10;

interface Row {
	readonly part: string;
	readonly ms: number;
	readonly against: string;
	readonly plainMs: number;
}

/** The median of some runs, ms. */
function time(work: () => void): number {
	const times = Array.from({ length: ROUNDS }, () => {
		const startedAt = performance.now();
		work();
		return performance.now() - startedAt;
	});
	return times.sort((a, b) => a - b)[ROUNDS >> 1]!;
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

const texts = sessionTexts();
const log = new RecordingLog();
let now = 0;
const record = (target: RecordingLog) => {
	const recorder = new Recorder(
		target,
		() => now,
		() => {}
	);
	for (const { from, text, at } of texts) {
		now = at;
		recorder.record(from, text);
	}
};
record(log);
const session = createSession();
for (let i = 0; i < log.length; i++) applyEntry(session, log.entry(i));
const placements = deriveModelPlacements(session);
const peaks = new PeakTrack();
peaks.append(log.tracks.model.read(0, log.tracks.model.length));
const audio = { bytes: log.tracks.model, peaks };
const base64 = encodeBase64(log.tracks.caller.read(0, 4_800_000));

const parseAll = time(() => texts.forEach(({ text }) => JSON.parse(text)));
const rows: Row[] = [
	{
		part: 'record, audio taken out',
		ms: time(() => record(new RecordingLog())),
		against: 'JSON.parse of all',
		plainMs: parseAll
	},
	{
		part: 'fold of all entries',
		ms: time(() => {
			const folded = createSession();
			for (let i = 0; i < log.length; i++) applyEntry(folded, log.entry(i));
		}),
		against: 'JSON.parse of all',
		plainMs: parseAll
	},
	{
		part: 'what the panes show, once',
		ms: time(() => {
			deriveConversation(session);
			deriveTurns(session);
			deriveModelPlacements(session);
		}),
		against: 'a frame of 60 a second',
		plainMs: 1000 / 60
	},
	{
		part: 'levels of 1,400 px, whole',
		ms: time(() => deriveWindowPeaks(placements, audio, 0, (MINUTES * 60_000) / 1400, 1400)),
		against: 'a frame of 60 a second',
		plainMs: 1000 / 60
	},
	{
		part: 'base64 of 4.8 MB to bytes',
		ms: time(() => decodeBase64(base64)),
		against: 'Buffer.from',
		plainMs: time(() => Buffer.from(base64, 'base64'))
	}
];

console.log(
	`A session of ${MINUTES} minutes: ${texts.length.toLocaleString('en')} messages. Medians of ${ROUNDS} runs.\n`
);
console.table(
	Object.fromEntries(
		rows.map(({ part, ms, against, plainMs }) => [
			part,
			{
				ms: Number(ms.toFixed(2)),
				against,
				'ms of that': Number(plainMs.toFixed(2)),
				ratio: Number((ms / plainMs).toFixed(2))
			}
		])
	)
);
