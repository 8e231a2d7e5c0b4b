/** The small parts: ids, deltas, the input buffer, usage, shapes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIdMaker, createRandom } from '#simulator/session/ids.ts';
import { InputBuffer } from '#simulator/session/input-buffer.ts';
import { splitDeltas } from '#simulator/session/deltas.ts';
import { paceForLatency } from '#simulator/session/pace.ts';
import { checkShape, metadata } from '#simulator/session/shapes.ts';
import { countCached, countInput, describeUsage } from '#simulator/session/usage.ts';

describe('ids', () => {
	it.each([
		[1_785_214_048, 'E6U0u'],
		[1_785_214_058, 'E6U14']
	])('have the recorded time prefix at %i', (seconds, prefix) => {
		expect(createIdMaker(createRandom('x'), () => seconds * 1000)('event')).toMatch(
			new RegExp(`^event_${prefix}\\w{16}$`)
		);
	});

	it('follow from the seed', () => {
		const some = (seed: string): number[] => Array.from({ length: 5 }, createRandom(seed));
		expect(some('a')).toEqual(some('a'));
		expect(some('a')).not.toEqual(some('b'));
		for (const value of some('c')) expect(value >= 0 && value < 1).toBe(true);
	});
});

describe('splitDeltas', () => {
	it('cuts as recorded', () => {
		expect(splitDeltas('Hello, Marcelo! Great')).toEqual(['Hello', ',', ' Marcelo', '!', ' Great']);
	});

	it('loses nothing, and no delta reaches 16 characters', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
				const deltas = splitDeltas(text);
				expect(deltas.join('')).toBe(text);
				for (const delta of deltas) expect(delta.length).toBeLessThan(16);
			})
		);
	});
});

describe('InputBuffer', () => {
	it('gives back any stretch, however it was filled', () => {
		fc.assert(
			fc.property(
				fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }),
				fc.nat(900),
				fc.nat(900),
				(sizes, a, b) => {
					const buffer = new InputBuffer(24000);
					const all: number[] = [];
					for (const size of sizes) {
						const chunk = Int16Array.from({ length: size }, (_, i) => all.length + i);
						all.push(...chunk);
						buffer.append(chunk);
					}
					expect([...buffer.slice(Math.min(a, b), Math.max(a, b))]).toEqual(all.slice(Math.min(a, b), Math.max(a, b)));
					expect(buffer.endSamples).toBe(all.length);
				}
			)
		);
	});

	it('keeps what a turn may still reach back to, and no more', () => {
		const buffer = new InputBuffer(24000);
		for (let i = 0; i < 10; i++) buffer.append(new Int16Array(100).fill(i));
		buffer.markCommitted(600, 200);
		expect(buffer.startSamples).toBe(600);
		expect(buffer.slice(0, 1000).length).toBe(600);
		buffer.clear();
		expect(buffer.startSamples).toBe(1000);
		expect(buffer.slice(0, 1000).length).toBe(0);
		expect(buffer.endSamples).toBe(1000);
	});

	it('forgets all but five minutes of a silent session', () => {
		const buffer = new InputBuffer(24000);
		for (let i = 0; i < 400; i++) buffer.append(new Int16Array(24_000));
		buffer.trimIdle();
		expect((buffer.endSamples - buffer.startSamples) / 24_000).toBe(300);
	});
});

describe('usage', () => {
	const tokens = (text: number, audio: number) => ({ text, audio, image: 0 });

	it('has the recorded form and adds up', () => {
		const usage = describeUsage(tokens(401, 27), tokens(384, 0), tokens(15, 136));
		expect(JSON.stringify(usage)).toBe(
			'{"total_tokens":579,"input_tokens":428,"output_tokens":151,"input_token_details":{"text_tokens":401,"audio_tokens":27,' +
				'"image_tokens":0,"cached_tokens":384,"cached_tokens_details":{"text_tokens":384,"audio_tokens":0,"image_tokens":0}},' +
				'"output_token_details":{"text_tokens":15,"audio_tokens":136}}'
		);
	});

	it('counts 100 ms of the caller and 50 ms of the model as a token, rounded down', () => {
		const audio = (ms: number): Int16Array[] => [new Int16Array(ms * 24)];
		const count = countInput('', [
			{
				kind: 'message',
				id: 'u',
				status: 'completed',
				role: 'user',
				content: [{ type: 'input_audio', transcript: null, audio: audio(2796), rateHz: 24000 }]
			},
			{
				kind: 'message',
				id: 'a',
				status: 'completed',
				role: 'assistant',
				content: [{ type: 'output_audio', transcript: '', audio: audio(2149), isTruncated: false }]
			}
		]);
		expect(count.audio).toBe(27 + 42);
	});

	it('caches in steps of 64', () => {
		expect(countCached(tokens(200, 130), tokens(150, 63))).toEqual(tokens(128, 0));
		expect(countCached(tokens(200, 130), undefined)).toEqual(tokens(0, 0));
	});
});

describe('pace', () => {
	it('scales the waits, not the speed of an answer', () => {
		expect(paceForLatency()).toMatchObject({ answerMs: 50, firstItemMs: 200, firstAudioMs: 350, audioDeltaMs: 50 });
		expect(paceForLatency(0)).toMatchObject({ answerMs: 0, firstItemMs: 0, firstAudioMs: 0, audioDeltaMs: 50 });
		expect(paceForLatency(100)).toMatchObject({ firstItemMs: 400, audioDeltaMs: 50 });
	});
});

describe('metadata', () => {
	it('takes 16 keys of 64 with texts of 512', () => {
		const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
		expect(checkShape(metadata, many(16), 'response.metadata')).toBeUndefined();
		expect(checkShape(metadata, many(17), 'response.metadata')).toMatchObject({ param: 'response.metadata' });
		expect(checkShape(metadata, { k: 'v'.repeat(513) }, 'm')).toMatchObject({
			code: 'string_above_max_length',
			param: 'm.k'
		});
		expect(checkShape(metadata, { k: 5 }, 'm')).toMatchObject({ code: 'invalid_type', param: 'm.k' });
	});
});
