import { expect, test } from 'vitest';
import { foldLog } from '../../../tests/fixtures/session-script.ts';
import type { From } from '../recording/recorded-event.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { deriveCallerPlacements, deriveModelPlacements, type Placement } from '../timeline/placements.ts';

type Piece = [at: number, track: string, ms: number, from?: From];

/** The placements of audio that was recorded without messages. */
function laid(...pieces: Piece[]) {
	const log = new MemoryLog();
	for (const [at, track, ms, from = 'console'] of pieces) {
		const audio = Buffer.alloc(ms * 48).toString('base64');
		log.append({ seq: 0, at, from, raw: JSON.stringify({ type: 'earshot.audio', track, audio }) });
	}
	const session = foldLog(log);
	const tell = (placements: readonly Placement[]) =>
		placements.map((p) => `${p.startMs}-${p.endMs} ${p.estimated ? 'about ' : ''}${p.state} ${p.offset / 48}`);
	return { caller: tell(deriveCallerPlacements(session)), model: tell(deriveModelPlacements(session)), session };
}

test('the caller’s audio lies where its events stand', () => {
	expect(laid([0, 'caller', 1000], [1000, 'caller', 1000], [5000, 'caller', 300]).caller).toEqual([
		'0-2000 heard 0',
		'5000-5300 heard 2000'
	]);
});

test('the model’s is one utterance, heard as a whole', () => {
	const { model, session } = laid(
		[0, 'model', 1000],
		[1000, 'model', 1000],
		[2000, 'model', 250],
		[9000, 'model', 500]
	);
	expect(model).toEqual(['0-2250 heard 0', '9000-9500 heard 2250']);
	expect(session.utterances).toMatchObject([
		{ itemId: 'earshot-audio', playback: { state: 'ended', estimated: false } }
	]);
	expect(session.interruptions).toEqual([]);
});

test('both tracks lie beside each other', () => {
	const { caller, model } = laid(
		[0, 'caller', 1000],
		[0, 'model', 1000],
		[1000, 'caller', 1000],
		[1000, 'model', 1000]
	);
	expect([caller, model]).toEqual([['0-2000 heard 0'], ['0-2000 heard 0']]);
});

test('nobody but Earshot can tell of it, and of no other track', () => {
	const { caller, model } = laid([0, 'caller', 100, 'server'], [0, 'model', 100, 'client'], [0, 'other', 100]);
	expect([caller, model]).toEqual([[], []]);
});
