import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { PlaybackEvent } from './playback-ledger.ts';
import { openSpeaker, type Speaker, type SpeakerOptions } from './speaker.ts';
import { attachTap, bytesOf, frameOf, joinSamples, noise, toInt16 } from './testing/tap.ts';

const FIRST = { itemId: 'item_1', contentIndex: 0 };
const SECOND = { itemId: 'item_2', contentIndex: 0 };

/** Shared memory needs a cross-origin isolated page. */
const canShare = globalThis.crossOriginIsolated;

/** A running speaker, its events, and a tap behind it. */
async function openTapped(options: SpeakerOptions) {
	const events: PlaybackEvent[] = [];
	const waiting = new Set<() => void>();
	const opened = await openSpeaker(
		{
			onplayback: (event) => {
				events.push(event);
				for (const check of [...waiting]) check();
			}
		},
		options
	);
	if (!opened.ok) throw new Error(opened.error.message);
	const speaker = opened.value;
	onTestFinished(() => speaker.dispose());
	await speaker.resume();
	const tap = await attachTap(speaker.context, speaker.output);
	/** Resolves when so many events of this kind have come. */
	const until = (kind: PlaybackEvent['kind'], count = 1) =>
		new Promise<void>((resolve) => {
			const check = () => {
				if (events.filter((event) => event.kind === kind).length < count) return;
				waiting.delete(check);
				resolve();
			};
			waiting.add(check);
			check();
		});
	return { speaker, events, tap, until };
}

/** Enqueues bytes in pieces of these lengths, over and over. */
function enqueueInPieces(speaker: Speaker, bytes: Uint8Array, lengths: readonly number[]): void {
	let offset = 0;
	for (let index = 0; offset < bytes.length; index++) {
		const length = lengths[index % lengths.length]!;
		speaker.enqueue(FIRST, bytes.subarray(offset, offset + length));
		offset += length;
	}
}

const kindsOf = (events: readonly PlaybackEvent[]) =>
	events.filter(({ kind }) => kind !== 'position').map(({ kind, itemId }) => `${kind} ${itemId}`);

// The browser lets audio run on pages that somebody has touched.
beforeAll(() => userEvent.click(document.body));

describe.each(['shared', 'messages'] as const)('openSpeaker, %s', (mode) => {
	beforeEach(({ skip }) => skip(mode === 'shared' && !canShare, 'the page is not cross-origin isolated'));

	it('plays every sample once, whatever the pieces', async () => {
		const { speaker, events, tap, until } = await openTapped({ mode });
		const samples = noise(12_345);
		enqueueInPieces(speaker, bytesOf(samples), [1, 960, 3, 127, 128, 255, 1_921, 2]);
		speaker.finish(FIRST);
		await until('ended');
		const heard = toInt16((await tap.read()).samples).filter((sample) => sample !== 0);
		expect(heard).toEqual(samples);
		expect(kindsOf(events)).toEqual(['started item_1', 'ended item_1']);
		expect(events.at(-1)?.playedSamples).toBe(samples.length);
		expect(speaker.position()).toBeNull();
		expect(speaker.queuedSamples).toBe(0);
	});

	it('loses nothing when audio comes late, and counts what it waited for', async () => {
		const { speaker, events, tap, until } = await openTapped({ mode });
		const samples = noise(9_000, 2);
		const cuts = [0, 100, 101, 1_300, 4_000, 9_000];
		for (let index = 1; index < cuts.length; index++) {
			speaker.enqueue(FIRST, bytesOf(samples.slice(cuts[index - 1], cuts[index])));
			await until('stalled', index);
			expect(events.at(-1)).toMatchObject({ kind: 'stalled', playedSamples: cuts[index] });
		}
		speaker.finish(FIRST);
		await until('ended');
		expect(toInt16((await tap.read()).samples).filter((sample) => sample !== 0)).toEqual(samples);
		const kinds = events.filter(({ kind }) => kind !== 'position').map(({ kind }) => kind);
		expect(kinds.slice(0, 4)).toEqual(['started', 'stalled', 'resumed', 'stalled']);
		expect(kinds.slice(-2)).toEqual(['stalled', 'ended']);
		expect(kinds.filter((kind) => kind === 'resumed')).toHaveLength(4);
	});

	it('takes an answer that is longer than its ring', async () => {
		const { speaker, tap, until, events } = await openTapped({ mode, ringSeconds: 0.15 });
		const samples = noise(20_000, 3);
		enqueueInPieces(speaker, bytesOf(samples), [4_800]);
		speaker.finish(FIRST);
		expect(speaker.queuedSamples).toBeGreaterThan(3_600);
		await until('ended');
		expect(toInt16((await tap.read()).samples).filter((sample) => sample !== 0)).toEqual(samples);
		expect(kindsOf(events).filter((kind) => kind.startsWith('ended'))).toHaveLength(1);
	});

	it('is silent within a quantum of a stop, and says exactly what was played', async () => {
		const { speaker, events, tap, until } = await openTapped({ mode });
		const samples = noise(48_000, 4);
		speaker.enqueue(FIRST, bytesOf(samples.slice(0, 30_000)));
		speaker.enqueue(SECOND, bytesOf(samples.slice(30_000)));
		await until('position', 2);
		// Where memory is shared its flag must do: no message, which may be late.
		if (mode === 'shared') vi.spyOn((speaker.output as AudioWorkletNode).port, 'postMessage').mockReturnValue();
		const stopping = speaker.stop();
		const frameAtStop = tap.lastFrame();
		const stopped = await stopping;
		const tapped = await tap.read();
		const heard = toInt16(tapped.samples);
		const start = heard.findIndex((sample) => sample !== 0);
		const end = heard.findLastIndex((sample) => sample !== 0) + 1;
		expect(heard.slice(start, end)).toEqual(samples.slice(0, end - start));
		expect(stopped).toMatchObject({ ...FIRST, playedSamples: end - start, queuedSamples: 30_000 - (end - start) });
		expect(stopped?.behind).toEqual([{ ...SECOND, playedSamples: 0, queuedSamples: 18_000 }]);
		if (mode === 'shared') {
			// The quantum after the one last seen may have been under way when the flag was set; no later one.
			expect(frameOf(tapped, end - 1)).toBeLessThan(frameAtStop + 256);
		}
		expect(kindsOf(events)).toEqual(['started item_1', 'stopped item_1', 'stopped item_2']);
		expect(speaker.queuedSamples).toBe(0);
	});

	it('plays what is enqueued after a stop, from its first sample', async () => {
		const { speaker, events, tap, until } = await openTapped({ mode });
		const before = noise(24_000, 5);
		const after = noise(3_000, 6);
		speaker.enqueue(FIRST, bytesOf(before));
		await until('position');
		const first = speaker.stop();
		speaker.enqueue(FIRST, bytesOf(noise(500, 7)));
		const second = speaker.stop();
		speaker.enqueue(SECOND, bytesOf(after));
		speaker.finish(SECOND);
		expect(await second).toMatchObject({ ...FIRST, playedSamples: 0, queuedSamples: 500 });
		const { playedSamples = 0 } = (await first) ?? {};
		await until('ended');
		const heard = toInt16((await tap.read()).samples).filter((sample) => sample !== 0);
		expect(heard).toEqual(joinSamples(before.slice(0, playedSamples), after));
		expect(events.at(-1)).toMatchObject({ kind: 'ended', ...SECOND, playedSamples: 3_000 });
		expect(await speaker.stop()).toBeNull();
	});

	it('tells two items apart that follow each other, at the right sample and time', async () => {
		const { speaker, events, tap, until } = await openTapped({ mode });
		speaker.enqueue(FIRST, bytesOf(noise(5_001, 8)));
		speaker.enqueue(SECOND, bytesOf(noise(4_999, 9)));
		speaker.finish(FIRST);
		speaker.finish(SECOND);
		await until('ended', 2);
		expect(kindsOf(events)).toEqual(['started item_1', 'ended item_1', 'started item_2', 'ended item_2']);
		const at = (kind: string, itemId: string) =>
			events.find((event) => event.kind === kind && event.itemId === itemId)!.atMs;
		// Times follow from frames; the clock may correct itself between reports, but hardly within one.
		expect(at('started', 'item_2') - at('ended', 'item_1')).toBeCloseTo(0, 5);
		let lastMs = 0;
		for (const { atMs } of events) {
			expect(atMs).toBeGreaterThanOrEqual(lastMs);
			lastMs = atMs;
		}
		const played = events.filter(({ itemId }) => itemId === 'item_1').map(({ playedSamples }) => playedSamples);
		expect(played).toEqual(played.toSorted((a, b) => a - b));
		expect(toInt16((await tap.read()).samples).filter((sample) => sample !== 0)).toHaveLength(10_000);
	});

	it('gathers before it starts, when it was asked to', async () => {
		const { speaker, events, until } = await openTapped({ mode, prebufferMs: 50 });
		speaker.enqueue(FIRST, bytesOf(noise(1_199)));
		expect(await speaker.stop()).toMatchObject({ playedSamples: 0, queuedSamples: 1_199 });
		speaker.enqueue(FIRST, bytesOf(noise(1_199)));
		speaker.enqueue(FIRST, bytesOf(noise(1)));
		await until('stalled');
		speaker.enqueue(FIRST, bytesOf(noise(10)));
		speaker.finish(FIRST);
		await until('ended');
		expect(events.at(-1)?.playedSamples).toBe(1_210);
	});

	it('stops while it is suspended, too', async () => {
		const { speaker, events, tap, until } = await openTapped({ mode });
		const samples = noise(24_000, 10);
		speaker.enqueue(FIRST, bytesOf(samples));
		await until('position');
		await speaker.context.suspend();
		const stopped = await speaker.stop();
		expect(stopped?.playedSamples).toBeGreaterThanOrEqual(2_400);
		await speaker.resume();
		speaker.enqueue(SECOND, bytesOf(samples.slice(0, 100)));
		speaker.finish(SECOND);
		await until('ended');
		const heard = toInt16((await tap.read()).samples).filter((sample) => sample !== 0);
		expect(heard).toEqual(joinSamples(samples.slice(0, stopped!.playedSamples), samples.slice(0, 100)));
		expect(events.at(-1)).toMatchObject({ kind: 'ended', itemId: 'item_2' });
	});

	it('tells nothing more after it was disposed of', async () => {
		const { speaker, events, until } = await openTapped({ mode });
		speaker.enqueue(FIRST, bytesOf(noise(24_000)));
		await until('started');
		const count = events.length;
		const stopping = speaker.stop();
		speaker.dispose();
		speaker.dispose();
		expect(await stopping).toBeNull();
		expect(speaker.state).toBe('closed');
		expect(events).toHaveLength(count);
	});
});
