import { expect, it, onTestFinished } from 'vitest';
import { fail, succeed } from '#core/base/result.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import { openMemoryStore } from './recording-store.ts';
import type { WriterOptions } from './recording-writer.ts';
import { storeProblem, type StoreProblem } from './store-problem.ts';
import { countingBytes } from './testing/live-recording.ts';
import { expectValue, makeHeader } from './testing/store-fixtures.ts';
import { connectWriters, serveWriters } from './writer-port.ts';

function openChannel(): MessageChannel {
	const channel = new MessageChannel();
	onTestFinished(() => channel.port1.close());
	return channel;
}

it('leaves the audio that is appended to whoever made it', async () => {
	const { port1, port2 } = openChannel();
	const store = openMemoryStore();
	serveWriters(port2, store);
	const header = makeHeader();
	const writer = connectWriters(port1).openWriter(header);
	const bytes = countingBytes(1_000);
	const audio = { track: 'model' as const, index: 0, offset: 0, length: 10 };
	const entry: LogEntry = { seq: 0, at: 0, from: 'server', text: '', audio };
	writer.append(entry, bytes.subarray(500, 510));
	expect(writer.pendingEntries).toBe(1);
	expectValue(await writer.close());
	expect(writer.pendingEntries).toBe(0);
	expect(bytes).toEqual(countingBytes(1_000));
	expect(await store.readAudio(header.id, 'model', 0, 10)).toEqual(countingBytes(1_000).slice(500, 510));
});

it('tells the page of problems at the other end, and when they are over', async () => {
	const { port1, port2 } = openChannel();
	// A store that is full at first: memory has no such end, and the real one is full only when the disk is.
	let problem: StoreProblem | undefined = storeProblem('full');
	let options: WriterOptions = {};
	const store = openMemoryStore();
	serveWriters(port2, {
		openWriter(header, given = {}) {
			options = given;
			const writer = store.openWriter(header);
			return {
				...writer,
				id: writer.id,
				pendingEntries: 0,
				flush: () => Promise.resolve(problem ? fail(problem) : succeed(undefined))
			};
		}
	});
	const heard: string[] = [];
	const writer = connectWriters(port1).openWriter(makeHeader(), {
		onproblem: ({ kind }) => heard.push(kind),
		onrecovery: () => heard.push('recovered'),
		onidle: () => heard.push('idle')
	});
	await writer.flush();
	options.onproblem?.(problem);
	expect(await writer.flush()).toEqual({ ok: false, error: problem });
	problem = undefined;
	options.onrecovery?.();
	expectValue(await writer.flush());
	expect(heard).toContain('full');
	expect(heard.indexOf('recovered')).toBeGreaterThan(heard.indexOf('full'));
});
