import { describe, expect, it } from 'vitest';
import { applyFrame, endSpeech, initialTurnState } from '#simulator/session/turn-detection.ts';
import type { TurnChange, TurnDetectionSettings } from '#simulator/session/turn-detection.ts';

const SETTINGS: TurnDetectionSettings = { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 200 };

function run(probabilities: number[], settings: Partial<TurnDetectionSettings> = {}, frameIndex = 0): TurnChange[] {
	const state = initialTurnState(frameIndex);
	return probabilities.flatMap((probability) => applyFrame(state, probability, { ...SETTINGS, ...settings }) ?? []);
}

const repeat = (probability: number, frames: number): number[] => Array.from({ length: frames }, () => probability);

describe('applyFrame', () => {
	it('starts at the first frame at the threshold, padding before it, never before 0', () => {
		expect(run([...repeat(0, 55), 0.5])).toEqual([{ kind: 'started', audioStartMs: 55 * 32 - 300 }]);
		expect(run([0.1, 0.9])).toEqual([{ kind: 'started', audioStartMs: 0 }]);
		expect(run([...repeat(0, 55), 0.49])).toEqual([]);
		expect(run([...repeat(0, 55), 0.5], { prefixPaddingMs: 0 })).toEqual([{ kind: 'started', audioStartMs: 55 * 32 }]);
	});

	it.each([
		[200, 7],
		[500, 16],
		[32, 1],
		[0, 1]
	])('stops after %i ms of silence in whole frames: %i', (silenceDurationMs, frames) => {
		const [, stop] = run([...repeat(0.9, 10), ...repeat(0, 40)], { silenceDurationMs });
		expect(stop).toEqual({ kind: 'stopped', audioEndMs: (10 + frames) * 32 });
	});

	it('begins the count below half of the threshold and ends it at the threshold', () => {
		// In between: the count does not begin, but goes on.
		expect(run([...repeat(0.9, 10), ...repeat(0.3, 40)])).toHaveLength(1);
		expect(run([...repeat(0.9, 10), 0.2, ...repeat(0.3, 6)])[1]).toEqual({ kind: 'stopped', audioEndMs: 17 * 32 });
		expect(run([...repeat(0.9, 10), ...repeat(0.1, 6), 0.5, ...repeat(0.1, 6)])).toHaveLength(1);
	});

	it('scales with the threshold', () => {
		expect(run([...repeat(0.3, 10), ...repeat(0.15, 10)], { threshold: 0.2 })).toHaveLength(1);
		expect(run([...repeat(0.3, 10), ...repeat(0.05, 10)], { threshold: 0.2 })).toHaveLength(2);
	});

	it('counts frames from where it began', () => {
		expect(run([0.9], {}, 100)).toEqual([{ kind: 'started', audioStartMs: 3200 - 300 }]);
	});

	it('can forget speech in progress', () => {
		const state = initialTurnState();
		applyFrame(state, 0.9, SETTINGS);
		endSpeech(state);
		expect(applyFrame(state, 0.9, SETTINGS)).toEqual({ kind: 'started', audioStartMs: 0 });
	});
});
