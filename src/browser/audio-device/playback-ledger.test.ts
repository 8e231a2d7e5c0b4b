import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaybackLedger, type AudioSource, type PlaybackEvent } from './playback-ledger.ts';
import type { PlaybackReport } from './playback-protocol.ts';

const SOURCES: readonly AudioSource[] = ['a', 'b', 'c'].map((itemId) => ({ itemId, contentIndex: 0 }));

/** A worklet without sound: it plays what the ledger was told of, and reports as the real one does. */
class SilentPlayer {
	readonly events: PlaybackEvent[] = [];
	/** Which source each position holds, for comparison. */
	readonly expected: AudioSource[] = [];
	frame = 0;
	position = 0;
	#isFlowing = false;
	// One frame is one ms here.
	readonly ledger = new PlaybackLedger(
		0,
		(frame) => frame,
		(event) => this.events.push(event)
	);

	add(source: AudioSource, count: number): void {
		this.ledger.add(source, count);
		for (let index = 0; index < count; index++) this.expected.push(source);
	}

	/** Lets so many frames pass. */
	play(frames: number): void {
		const count = Math.min(frames, this.expected.length - this.position);
		if (count > 0 && !this.#isFlowing) this.#report('flowing');
		this.frame += count;
		this.position += count;
		if (count > 0) this.#isFlowing = true;
		if (this.#isFlowing) this.#report(count < frames ? 'dry' : 'playing');
		if (count < frames) this.#isFlowing = false;
		this.frame += frames - count;
	}

	#report(kind: PlaybackReport['kind']): void {
		this.ledger.report({ kind, position: this.position, frame: this.frame, peak: 0, stopCount: 0 });
	}
}

type Step = { add: number; count: number } | { finish: number } | { play: number };

const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({ add: fc.nat(2), count: fc.integer({ min: 0, max: 50 }) }),
	fc.record({ finish: fc.nat(2) }),
	fc.record({ play: fc.integer({ min: 1, max: 80 }) })
);

describe('PlaybackLedger', () => {
	it('attributes every sample, and ends every finished source once, at its last sample', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const player = new SilentPlayer();
				const finished = new Set<AudioSource>();
				for (const step of steps) {
					if ('play' in step) player.play(step.play);
					else if ('finish' in step) {
						finished.add(SOURCES[step.finish]!);
						player.ledger.finish(SOURCES[step.finish]!);
						// What comes after the end of a source would be another stream of the same name.
					} else if (!finished.has(SOURCES[step.add]!)) player.add(SOURCES[step.add]!, step.count);
				}
				player.play(100_000);
				for (const source of SOURCES) {
					const total = player.expected.filter((owner) => owner === source).length;
					const own = player.events.filter(({ itemId }) => itemId === source.itemId);
					const kinds = own.map(({ kind }) => kind).filter((kind) => kind !== 'position');
					expect(kinds.filter((kind) => kind === 'started')).toHaveLength(total > 0 ? 1 : 0);
					expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(total > 0 && finished.has(source) ? 1 : 0);
					if (total > 0) expect(own.at(-1)?.playedSamples).toBe(total);
					const played = own.map(({ playedSamples }) => playedSamples);
					expect(played).toEqual(played.toSorted((a, b) => a - b));
				}
			}),
			{ numRuns: 500 }
		);
	});

	it('finds at any position what lies there, also between reports', () => {
		const player = new SilentPlayer();
		const [a, b] = SOURCES as [AudioSource, AudioSource];
		player.add(a, 10);
		player.add(b, 5);
		player.add(a, 10);
		player.play(4);
		const counts = { a: 0, b: 0 };
		for (let position = 0; position < 25; position++) {
			const owner = player.expected[position]!.itemId as 'a' | 'b';
			if (position >= 4) {
				expect(player.ledger.locate(position)).toMatchObject({ itemId: owner, playedSamples: counts[owner] });
			}
			counts[owner]++;
		}
	});

	it('gives borders between sources the exact frame', () => {
		const player = new SilentPlayer();
		const [a, b] = SOURCES as [AudioSource, AudioSource];
		player.add(a, 100);
		player.add(b, 100);
		player.ledger.finish(a);
		player.play(70);
		player.play(70);
		expect(player.events.map(({ kind, itemId, atMs }) => `${kind} ${itemId} ${atMs}`)).toEqual([
			'started a 0',
			'position a 70',
			'ended a 100',
			'started b 100',
			'position b 140'
		]);
	});

	it('a finish that comes after the last sample was played ends the source where it was drained', () => {
		const player = new SilentPlayer();
		const [a] = SOURCES as [AudioSource];
		player.add(a, 10);
		player.play(30);
		player.ledger.finish(a);
		player.ledger.finish(a);
		expect(player.events.slice(-2)).toMatchObject([
			{ kind: 'stalled', playedSamples: 10, atMs: 10 },
			{ kind: 'ended', playedSamples: 10, atMs: 10 }
		]);
	});

	it('a stop reports what was playing, and everything behind it', () => {
		const player = new SilentPlayer();
		const [a, b, c] = SOURCES as [AudioSource, AudioSource, AudioSource];
		player.add(a, 10);
		player.ledger.finish(a);
		player.add(b, 100);
		player.add(c, 7);
		player.play(30);
		expect(player.ledger.stop(35, 35)).toEqual({
			...b,
			playedSamples: 25,
			queuedSamples: 75,
			atMs: 35,
			behind: [{ ...c, playedSamples: 0, queuedSamples: 7 }]
		});
		expect(player.ledger.stop(35, 35)).toBeNull();
		expect(player.events.map(({ kind, itemId }) => `${kind} ${itemId}`).slice(-2)).toEqual(['stopped b', 'stopped c']);
	});

	it('a stop of a stalled source reports all that it had; of an ended one, nothing', () => {
		const [a] = SOURCES as [AudioSource];
		const stalled = new SilentPlayer();
		stalled.add(a, 10);
		stalled.play(30);
		expect(stalled.ledger.stop(10, 30)).toMatchObject({ playedSamples: 10, queuedSamples: 0 });
		const ended = new SilentPlayer();
		ended.add(a, 10);
		ended.ledger.finish(a);
		ended.play(30);
		expect(ended.ledger.stop(10, 30)).toBeNull();
	});
});
