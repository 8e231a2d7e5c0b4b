import { describe, expect, it } from 'vitest';
import { createRun, guardEdges, guardSchedule } from '#simulator/sockets/guarded-edges.ts';
import { VirtualClock } from '#simulator/testing/virtual-clock.ts';
import {
	createFakeDetector,
	createFakeHearing,
	createFakeSpeech,
	FakeMcp,
	ScriptedAnswers
} from '#simulator/testing/virtual-edges.ts';

describe('a mistake in a session', () => {
	it('is told once, wherever it happens, and nothing is run afterwards', () => {
		const clock = new VirtualClock();
		const crashes: unknown[] = [];
		let ranAfterwards = 0;
		const run = createRun((error) => crashes.push(error));
		const schedule = guardSchedule(clock.schedule, run);
		schedule(1, () => {
			throw new Error('first');
		});
		schedule(2, () => ranAfterwards++);
		const edges = guardEdges(
			{
				speech: createFakeSpeech(clock),
				detector: createFakeDetector(clock),
				answers: new ScriptedAnswers(clock),
				hearing: createFakeHearing(clock),
				mcp: new FakeMcp(clock)
			},
			run
		);
		edges.mcp.listTools(
			{ server_label: 'a', server_url: 'http://127.0.0.1:1/' },
			{ onTools: () => ranAfterwards++, onError: () => ranAfterwards++ }
		);
		clock.advance(1000);
		expect(crashes).toEqual([new Error('first')]);
		expect(ranAfterwards).toBe(0);
	});

	it('in a listener is caught, too, and until then listeners hear', () => {
		const clock = new VirtualClock();
		const crashes: unknown[] = [];
		const run = createRun((error) => crashes.push(error));
		const { detector } = guardEdges(
			{
				speech: createFakeSpeech(clock),
				detector: createFakeDetector(clock),
				answers: new ScriptedAnswers(clock),
				hearing: createFakeHearing(clock),
				mcp: new FakeMcp(clock)
			},
			run
		);
		const heard: number[] = [];
		const stream = detector.openStream(24000, {
			onProbabilities: (probabilities) => {
				heard.push(probabilities.length);
				if (heard.length === 2) throw new Error('second');
			},
			onError: () => {}
		});
		for (let i = 0; i < 3; i++) stream.push(new Int16Array(768));
		clock.advance(100);
		expect(heard).toEqual([1, 1]);
		expect(crashes).toEqual([new Error('second')]);
	});
});
