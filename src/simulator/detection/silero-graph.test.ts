/** The graph that the simulator makes against the published one that it is made from. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildBatchedModel } from '#simulator/detection/silero-graph.ts';
import { initialStreamState, readPublishedModel, SileroModel } from '#simulator/detection/silero-model.ts';
import { cutFrames, judgeWithPublished, spokenAudio } from '#simulator/detection/testing/published-model.ts';

const SLOW = { timeout: 60_000 };

/** Runs one stream, `others` more beside it that are elsewhere in the same frames. */
async function judgeTogether(model: SileroModel, frames: Float32Array[], others: number): Promise<number[]> {
	const states = Array.from({ length: others + 1 }, initialStreamState);
	const place = Math.floor(others / 2);
	const found: number[] = [];
	for (const index of frames.keys()) {
		for (const [i, state] of states.entries()) {
			model.add(frames[(index + 7 * Math.abs(i - place)) % frames.length] as Float32Array, state);
		}
		found.push((await model.run())[place] ?? -1);
	}
	return found;
}

describe('the batched Silero model', SLOW, () => {
	let model: SileroModel;
	let frames: Float32Array[];
	beforeAll(async () => {
		model = await SileroModel.load(32);
		frames = cutFrames(spokenAudio());
	}, 60_000);

	it('finds what the published graph finds, to 0.00001', async () => {
		const published = await judgeWithPublished(frames);
		expect(Math.max(...published)).toBeGreaterThan(0.9);
		expect(Math.min(...published)).toBeLessThan(0.1);
		const found = await judgeTogether(model, frames, 0);
		const differences = found.map((probability, i) => Math.abs(probability - (published[i] ?? -1)));
		expect(Math.max(...differences)).toBeLessThan(1e-5);
	});

	it('finds exactly the same however many streams are with it', async () => {
		const alone = await judgeTogether(model, frames, 0);
		for (const others of [1, 2, 6, 31]) expect(await judgeTogether(model, frames, others)).toEqual(alone);
	});

	it('refuses another file', () => {
		expect(() => buildBatchedModel(new Uint8Array(0))).toThrow('not the Silero v6 model');
		expect(() => buildBatchedModel(readPublishedModel().subarray(0, 100_000))).toThrow('ends in the middle');
	});
});
