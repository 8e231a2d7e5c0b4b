import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { openCallerLine, type CallerLineOptions } from './caller-line.ts';
import { joinSamples, noise } from './testing/tap.ts';

// The browser lets audio run on pages that somebody has touched.
beforeAll(() => userEvent.click(document.body));

/** A running line, and what it delivered. */
async function openLine(options: CallerLineOptions = {}) {
	const frames: Int16Array<ArrayBuffer>[] = [];
	const capturedAtMs: number[] = [];
	const waiting = new Set<() => void>();
	const onmicrophoneend = vi.fn<() => void>();
	const opened = await openCallerLine(
		{
			onaudio: (pcm16, atMs) => {
				frames.push(new Int16Array(pcm16.slice().buffer));
				capturedAtMs.push(atMs);
				for (const check of [...waiting]) check();
			},
			onmicrophoneend
		},
		options
	);
	if (!opened.ok) throw new Error(opened.error.message);
	const line = opened.value;
	onTestFinished(() => line.dispose());
	await line.resume();
	/** Resolves when what was captured so far passes. */
	const until = (passes: () => boolean) =>
		new Promise<void>((resolve) => {
			const check = () => {
				if (!passes()) return;
				waiting.delete(check);
				resolve();
			};
			waiting.add(check);
			check();
		});
	return { line, frames, capturedAtMs, onmicrophoneend, until, captured: () => joinSamples(...frames) };
}

function toFloat(samples: Int16Array): Float32Array<ArrayBuffer> {
	return Float32Array.from(samples, (sample) => sample / 32768);
}

/** What is left when leading and trailing silence is cut off. */
function withoutSilence(samples: Int16Array): Int16Array {
	const start = samples.findIndex((sample) => sample !== 0);
	const end = samples.findLastIndex((sample) => sample !== 0) + 1;
	return samples.slice(start, end);
}

/** A microphone of the browser's own making: a context whose output is a track. */
function makeMicrophone(level: number) {
	const context = new AudioContext({ sampleRate: 24_000 });
	onTestFinished(() => context.close());
	const source = new ConstantSourceNode(context, { offset: level });
	const destination = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
	source.connect(destination);
	source.start();
	const [track] = destination.stream.getAudioTracks();
	const getUserMedia = vi.fn<MediaDevices['getUserMedia']>(() => Promise.resolve(destination.stream));
	return { getUserMedia, track: track! };
}

describe('speak', () => {
	it('puts exactly its samples into the line', async () => {
		const { line, captured, frames } = await openLine();
		const samples = noise(10_007);
		await line.setSending(true);
		await line.speak(toFloat(samples)).done;
		await line.setSending(false);
		expect(withoutSilence(captured())).toEqual(samples);
		expect(frames.slice(0, -1).every(({ length }) => length === 960)).toBe(true);
		expect(frames.at(-1)!.length).toBeLessThanOrEqual(960);
	});

	it('mixes what is spoken at once, and clips', async () => {
		const { line, captured } = await openLine({ frameMs: 20 });
		await line.setSending(true);
		// While the context stands still, all three begin with the same sample.
		await line.context.suspend();
		const one = line.speak(new Float32Array(480).fill(0.25));
		const other = line.speak(new Float32Array(480).fill(0.5));
		const loud = line.speak(new Float32Array(240).fill(-3));
		await line.context.resume();
		await Promise.all([one.done, other.done, loud.done]);
		await line.setSending(false);
		const samples = withoutSilence(captured());
		expect(samples).toHaveLength(480);
		expect([samples[0], samples[239], samples[240], samples[479]]).toEqual([-32768, -32768, 24_576, 24_576]);
	});

	it('averages the channels of what is connected to the line', async () => {
		const { line, captured, until } = await openLine();
		const left = new ConstantSourceNode(line.context, { offset: 0.5 });
		const stereo = new ChannelMergerNode(line.context, { numberOfInputs: 2 });
		left.connect(stereo, 0, 1).connect(line.input);
		left.start();
		await line.setSending(true);
		await until(() => captured().at(-1) === 8_192);
	});

	it('ends when it is cancelled', async () => {
		const { line, captured, until } = await openLine();
		await line.setSending(true);
		const samples = noise(240_000);
		const speech = line.speak(toFloat(samples));
		await until(() => captured().some((sample) => sample !== 0));
		speech.cancel();
		await speech.done;
		const countAtCancel = captured().length;
		await until(() => captured().length > countAtCancel + 4_800);
		const heard = withoutSilence(captured());
		expect(heard.length).toBeLessThan(countAtCancel + 2_400);
		expect(heard).toEqual(samples.slice(0, heard.length));
	});
});

describe('the line', () => {
	it('sends silence as zeros, and nothing while it does not send', async () => {
		const { line, frames, captured, capturedAtMs, until } = await openLine();
		await line.speak(new Float32Array(4_800).fill(0.5)).done;
		expect(frames).toHaveLength(0);
		const openedAtMs = performance.now();
		await line.setSending(true);
		await until(() => frames.length >= 5);
		await line.setSending(false);
		const count = frames.length;
		await line.speak(new Float32Array(2_400).fill(0.5)).done;
		expect(frames).toHaveLength(count);
		expect(captured().every((sample) => sample === 0)).toBe(true);
		expect(capturedAtMs.toSorted((a, b) => a - b)).toEqual(capturedAtMs);
		expect(capturedAtMs.at(-1)).toBeLessThan(performance.now());
		expect(capturedAtMs.at(-1)).toBeGreaterThan(openedAtMs);
	});

	it('flushes the partial frame once, and starts a new one', async () => {
		const { line, frames } = await openLine({ frameMs: 1000 });
		for (let round = 0; round < 3; round++) {
			await line.setSending(true);
			await line.speak(new Float32Array(1_000 + round).fill(0.5)).done;
			await line.setSending(false);
			await line.setSending(false);
		}
		expect(frames.map((frame) => withoutSilence(frame).length)).toEqual([1_000, 1_001, 1_002]);
	});

	it('measures how loud it is', async () => {
		const { line } = await openLine();
		expect(line.level).toBe(-Infinity);
		await line.speak(new Float32Array(9_600).fill(0.5)).done;
		expect(line.level).toBeCloseTo(-6.02, 1);
	});
});

describe('the microphone', () => {
	it('flows into the line beside what is spoken, until it is closed', async () => {
		const { getUserMedia, track } = makeMicrophone(0.25);
		const { line, frames, until, onmicrophoneend } = await openLine({ mediaDevices: { getUserMedia } });
		expect(await line.openMicrophone({ autoGainControl: false })).toMatchObject({ ok: true });
		expect(getUserMedia.mock.calls[0]?.[0]?.audio).toEqual({
			echoCancellation: true,
			noiseSuppression: true,
			autoGainControl: false,
			channelCount: 1
		});
		await line.setSending(true);
		const speech = line.speak(new Float32Array(240_000).fill(0.5));
		await until(() => (frames.at(-1)?.[0] ?? 0) > 24_000);
		speech.cancel();
		line.closeMicrophone();
		expect(track.readyState).toBe('ended');
		expect(line.hasMicrophone).toBe(false);
		await until(() => frames.at(-1)?.every((sample) => sample === 0) ?? false);
		expect(onmicrophoneend).not.toHaveBeenCalled();
	});

	it('tells when it is unplugged', async () => {
		const { getUserMedia, track } = makeMicrophone(0.25);
		const { line, onmicrophoneend } = await openLine({ mediaDevices: { getUserMedia } });
		await line.openMicrophone();
		expect(line.hasMicrophone).toBe(true);
		track.dispatchEvent(new Event('ended'));
		expect(onmicrophoneend).toHaveBeenCalledTimes(1);
		expect(line.hasMicrophone).toBe(false);
		expect(track.readyState).toBe('ended');
	});

	it('is let go when the line is disposed of, also when it is only being opened', async () => {
		const first = makeMicrophone(0.1);
		const { line } = await openLine({ mediaDevices: first });
		await line.openMicrophone();
		line.dispose();
		line.dispose();
		expect(first.track.readyState).toBe('ended');
		expect(line.state).toBe('closed');

		const second = makeMicrophone(0.1);
		const other = await openLine({ mediaDevices: second });
		const opening = other.line.openMicrophone();
		other.line.dispose();
		await opening;
		expect(second.track.readyState).toBe('ended');
	});

	it.each([
		['NotAllowedError', 'microphone-denied'],
		['NotFoundError', 'microphone-absent'],
		['OverconstrainedError', 'microphone-absent'],
		['NotReadableError', 'microphone-busy'],
		['TypeError', 'failed']
	])('names what %s means', async (name, kind) => {
		const getUserMedia = () => Promise.reject(new DOMException('no', name));
		const { line } = await openLine({ mediaDevices: { getUserMedia } });
		expect(await line.openMicrophone()).toMatchObject({ ok: false, error: { kind } });
	});

	it('says that it needs a secure page, and that there is none here', async () => {
		const insecure = await openLine({ mediaDevices: undefined });
		const refused = await insecure.line.openMicrophone();
		expect(refused).toMatchObject({ ok: false, error: { kind: 'microphone-denied' } });
		expect(refused.ok ? '' : refused.error.message).toContain('https');
		const { line } = await openLine();
		expect(await line.openMicrophone()).toMatchObject({
			ok: false,
			error: { kind: expect.stringMatching(/^microphone-(absent|denied)$/) as string }
		});
	});
});
