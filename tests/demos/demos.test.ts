// What `make-demos.ts` wrote is whole, true to the protocol, audible, and shows what its title says.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pcm16ToFloat, SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { WireDecoder } from '#core/audio/wire-format.ts';
import { objectAt, stringAt, type JsonObject } from '#core/base/json.ts';
import { audioWireFormat } from '#core/protocol/session-config.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';
import { parseRecordingFile } from '#core/recording/recording-file.ts';
import { applyEntry, readEntry } from '#core/session/apply-event.ts';
import { createSession, type Session } from '#core/session/session-model.ts';
import { deriveConversation } from '#core/timeline/conversation.ts';
import { deriveInterruptionMarkers } from '#core/timeline/interruption-markers.ts';
import { deriveCounts } from '#core/timeline/summary.ts';
import { deriveTurns } from '#core/timeline/turns.ts';
import { checkServerEvent } from '#simulator/testing/server-event-schema.ts';
import type { DemoListEntry } from './make-demos.ts';

const folder = path.resolve(import.meta.dirname, '../../static/demos');
const list = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as DemoListEntry[];
const MOST_BYTES = 6_000_000;

/** The one place that knows in which format demos are kept. */
function openDemo(file: string) {
	const text = readFileSync(path.join(folder, file), 'utf8');
	const parsed = parseRecordingFile(text);
	if (!parsed.ok) throw new Error(parsed.error.message);
	const header = JSON.parse(text.slice(0, text.indexOf('\n'))) as JsonObject;
	const { log } = parsed.value;
	const session = createSession();
	for (let seq = 0; seq < log.length; seq++) applyEntry(session, log.entry(seq));
	return { ...parsed.value, header, log, session };
}

type OpenDemo = ReturnType<typeof openDemo>;
const demos = new Map(list.map(({ file }) => [file, openDemo(file)]));

function demo(name: string): OpenDemo {
	const found = [...demos].find(([file]) => file.startsWith(`${name}.`));
	if (!found) throw new Error(`There is no demo ${name}.`);
	return found[1];
}

/** Times (ms) and bodies of the events of a type. */
function eventsOf({ log }: OpenDemo, type: string): { at: number; body: JsonObject }[] {
	return Array.from({ length: log.length }, (_, seq) => log.entry(seq)).flatMap((entry) => {
		const body = readEntry(entry)?.body;
		return body?.['type'] === type ? [{ at: entry.at, body }] : [];
	});
}

/** Peak and RMS (dBFS) of a track; RMS of the 20 ms pieces that are not silent. And how long those are together, s. */
function levelsOf({ log, session }: OpenDemo, track: TrackName) {
	const decoder = new WireDecoder(audioWireFormat(session.config, track === 'caller' ? 'input' : 'output'));
	const samples = pcm16ToFloat(decoder.decode(log.tracks[track].read(0, log.tracks[track].length)));
	const step = SAMPLE_RATE / 50;
	let [peak, energy, loudSteps] = [0, 0, 0];
	for (let at = 0; at + step <= samples.length; at += step) {
		const piece = samples.subarray(at, at + step);
		const mean = piece.reduce((sum, sample) => sum + sample ** 2, 0) / step;
		for (const sample of piece) peak = Math.max(peak, Math.abs(sample));
		if (mean < 1e-5) continue;
		energy += mean;
		loudSteps++;
	}
	return { peak, rmsDbfs: 10 * Math.log10(energy / loudSteps), loudSeconds: loudSteps / 50 };
}

const heardOf = (session: Session) => session.utterances.map(({ playback }) => playback.state);

describe('the list', () => {
	it('offers five demos, of which the last has two recordings', () => {
		expect(list.map(({ file }) => file.split('.')[0])).toEqual([
			'clean-turn',
			'barge-in',
			'late-tool',
			'false-start',
			'lost-connection-1',
			'lost-connection-2'
		]);
		expect(list.flatMap(({ file, follows }) => (follows === undefined ? [] : [[file, follows]]))).toEqual([
			[list[5]?.file, list[4]?.file]
		]);
	});

	it.each(list)('is right about $file', ({ file, title, about, lengthMs, bytes }) => {
		const { header, log } = demo(file.split('.')[0] ?? '');
		expect(bytes).toBe(statSync(path.join(folder, file)).size);
		expect(lengthMs).toBe(Math.round(log.lengthMs));
		expect(title).toBe(header['title']);
		expect(about).toMatch(/^[A-Z].*\.$/);
	});

	it('asks for little', () => {
		expect(list.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(MOST_BYTES);
	});
});

describe.each([...demos.keys()])('%s', (file) => {
	const opened = demo(file.split('.')[0] ?? '');
	const { header, log, session, skipped, notes } = opened;

	it('is read without a loss', () => {
		expect(skipped).toEqual([]);
		expect(notes).toEqual([]);
		expect(header).toMatchObject({ earshot: 1, endpoint: 'Simulator', transport: 'WebSocket', redacted: [] });
		expect(header['tags']).toContain('demo');
		expect(header['note']).toMatch(/\d:\d\d\.\d/);
		expect(header['startedAt']).toMatch(/^2026-11-20T10:/);
		expect(log.lengthMs).toBeGreaterThan(8_000);
		expect(log.lengthMs).toBeLessThan(25_000);
	});

	it('holds only what the service could send', () => {
		const faults: string[] = [];
		let count = 0;
		for (let seq = 0; seq < log.length; seq++) {
			if (log.entry(seq).from !== 'server') continue;
			count++;
			faults.push(...checkServerEvent(JSON.parse(log.raw(seq))));
		}
		expect(faults).toEqual([]);
		expect(count).toBeGreaterThan(50);
	});

	it.each(['caller', 'model'] as const)('can be heard: the %s', (track) => {
		const { peak, rmsDbfs, loudSeconds } = levelsOf(opened, track);
		expect(peak).toBeGreaterThan(0.2);
		expect(peak).toBeLessThan(0.999); // not clipped
		expect(rmsDbfs).toBeGreaterThan(-26);
		expect(rmsDbfs).toBeLessThan(-12);
		expect(loudSeconds).toBeGreaterThan(1);
	});

	it('knows what every speaker said', () => {
		const said = deriveConversation(session);
		expect(said.length).toBeGreaterThan(1);
		for (const { text } of said) expect(text).not.toBe('');
		for (const { playback } of session.utterances) expect(playback.runs.length).toBeGreaterThan(0);
	});
});

describe('what the demos show', () => {
	it('clean-turn: two turns, each answered within a second and heard to its end', () => {
		const { session } = demo('clean-turn');
		expect(deriveCounts(session)).toEqual({ turns: 2, interruptions: 0, errors: 0 });
		expect(heardOf(session)).toEqual(['ended', 'ended']);
		for (const { answerDelayMs } of deriveTurns(session)) {
			expect(answerDelayMs).toBeGreaterThan(0);
			expect(answerDelayMs).toBeLessThan(1000);
		}
		expect(session.connection).toMatchObject({ state: 'closed', code: 1000 });
	});

	it('barge-in: an answer that had arrived is truncated to what was heard, by the caller’s speech', () => {
		const opened = demo('barge-in');
		const { session } = opened;
		expect(deriveCounts(session)).toEqual({ turns: 2, interruptions: 1, errors: 0 });
		expect([...session.responses.values()].map(({ status }) => status)).toEqual(['completed', 'completed']);
		const [marker] = deriveInterruptionMarkers(session);
		const { cause, claimedMs } = session.interruptions[0] ?? {};
		expect(cause).toBe('speech');
		expect(claimedMs).toBe(Math.floor(marker?.playedMs ?? 0));
		expect(marker).toMatchObject({ estimated: false, keptMs: claimedMs });
		expect(marker?.playedMs).toBeGreaterThan(3000);
		expect(marker?.receivedMs).toBeGreaterThan((marker?.playedMs ?? 0) + 3000);
		expect(marker?.silentAfterMs).toBeLessThan(200);
		expect(eventsOf(opened, 'conversation.item.truncate')).toHaveLength(1);
	});

	it('late-tool: the result comes after three seconds or more, and the model speaks in between', () => {
		const opened = demo('late-tool');
		const { session } = opened;
		expect(deriveCounts(session)).toEqual({ turns: 1, interruptions: 0, errors: 0 });
		const [called] = eventsOf(opened, 'response.function_call_arguments.done');
		const [output] = eventsOf(opened, 'conversation.item.create');
		expect((output?.at ?? 0) - (called?.at ?? 0)).toBeGreaterThanOrEqual(3000);
		const call = [...session.items.values()].find(({ type }) => type === 'function_call');
		expect(stringAt(objectAt(output?.body, 'item'), 'call_id')).toBe(call?.callId);
		const [, filler, answer] = session.utterances;
		expect(filler?.playback.runs[0]?.at).toBeGreaterThan(called?.at ?? Infinity);
		expect(filler?.playback.runs[0]?.at).toBeLessThan(output?.at ?? 0);
		expect(answer?.playback.runs[0]?.at).toBeGreaterThan(output?.at ?? Infinity);
		expect(heardOf(session)).toEqual(['ended', 'ended', 'ended']);
	});

	it('false-start: a short sound in the answer becomes a turn of its own and cancels the answer', () => {
		const opened = demo('false-start');
		const { session } = opened;
		expect(deriveCounts(session)).toEqual({ turns: 3, interruptions: 1, errors: 0 });
		const [cut] = session.responses.values();
		expect(cut).toMatchObject({ status: 'cancelled', reason: 'turn_detected' });
		const [, cough] = session.speech;
		expect((cough?.audioEndMs ?? Infinity) - (cough?.audioStartMs ?? 0)).toBeLessThan(1800);
		expect(session.items.get(cough?.itemId ?? '')?.text).toBe('Hmm.');
		expect(session.interruptions[0]?.noticedAt).toBe(cough?.startedAt);
		expect(audioFormat(session)).toBe('mu-law');
	});

	it('lost-connection: an error, a connection that ends in the answer, and a second session that knows what was heard', () => {
		const lost = demo('lost-connection-1');
		expect(lost.session.problems.map(({ code }) => code)).toEqual(['server_error']);
		expect(eventsOf(lost, 'error')).toHaveLength(1);
		expect(lost.session.connection).toMatchObject({ state: 'closed', code: 1011 });
		expect([...lost.session.responses.values()].map(({ status }) => status)).toEqual(['in_progress']);
		const [answer] = lost.session.utterances;
		expect(answer?.playback.state).toBe('stopped');
		expect(answer?.complete).toBe(false);

		const again = demo('lost-connection-2');
		expect(deriveCounts(again.session)).toMatchObject({ interruptions: 0, errors: 0 });
		const sessionIds = [lost, again].map((one) => {
			const [created] = eventsOf(one, 'session.created');
			return stringAt(objectAt(created?.body, 'session'), 'id');
		});
		expect(new Set(sessionIds).size).toBe(2);
		expect(Date.parse(String(again.header['startedAt']))).toBeGreaterThan(
			Date.parse(String(lost.header['startedAt'])) + lost.log.lengthMs
		);
		const [question, heard] = deriveConversation(lost.session);
		const restored = deriveConversation(again.session).map(({ text }) => text);
		expect(restored.slice(0, 2)).toEqual([question?.text, heard?.heardText?.heard]);
		expect(again.session.connection).toMatchObject({ state: 'closed', code: 1000 });
	});
});

const audioFormat = (session: Session) => audioWireFormat(session.config, 'input');
