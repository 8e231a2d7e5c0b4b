import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { ByteTrack } from './byte-track.ts';
import { Recorder } from './recorder.ts';
import { MemoryLog, type AppendedEntry } from './recording-log.ts';

const append = (audio: string) => `{"type":"input_audio_buffer.append","audio":"${audio}"}`;

describe('a log', () => {
	test('gives every message back, byte for byte, in whatever order they came', () => {
		fc.assert(
			fc.property(fc.array(anyMessage(), { maxLength: 30 }), (messages) => {
				const log = new MemoryLog();
				const events = messages.map((message, seq) => ({ ...message, seq }));
				for (const event of events) log.append(event);
				expect(events.map((_, index) => log.recorded(index))).toEqual(events);
				expect(events.map((_, index) => log.raw(index))).toEqual(events.map((event) => event.raw));
			}),
			{ numRuns: 300 }
		);
	});

	test('keeps each speaker’s audio once, in the order in which it crossed the wire', () => {
		const log = new MemoryLog();
		const raws = [append('AAAA'), '{"type":"response.output_audio.delta","delta":"CCCC"}', append('BBBBBBBB')];
		raws.forEach((raw, seq) => log.append({ seq, at: seq, from: seq === 1 ? 'server' : 'client', raw }));
		expect(Buffer.from(log.tracks.caller.read(0, 9)).toString('base64')).toBe('AAAABBBBBBBB');
		expect(Buffer.from(log.tracks.model.read(0, 3)).toString('base64')).toBe('CCCC');
		expect(log.entry(2).audio).toEqual({ track: 'caller', index: 45, offset: 3, length: 6 });
	});

	test('is the same after its entries and tracks were stored and restored', () => {
		fc.assert(
			fc.property(fc.array(anyMessage(), { maxLength: 12 }), (messages) => {
				const log = new MemoryLog();
				const restored = new MemoryLog();
				messages.forEach((message, seq) => {
					const { entry, audio } = log.append({ ...message, seq });
					restored.restore(structuredClone(entry));
					if (entry.audio && audio) restored.tracks[entry.audio.track].append(audio);
				});
				messages.forEach((_, index) => expect(restored.raw(index)).toBe(log.raw(index)));
			})
		);
	});

	test('numbers what it restores by its place, and lets no time run backwards', () => {
		const log = new MemoryLog();
		const stored = [5, 3, NaN, Infinity, 8].map((at, n) => ({
			seq: 9 + 2 * n,
			at,
			from: 'client' as const,
			text: '1'
		}));
		for (const entry of stored) log.restore(entry);
		expect(stored.map((_, index) => [log.entry(index).seq, log.entry(index).at])).toEqual([
			[0, 5],
			[1, 5],
			[2, 5],
			[3, 5],
			[4, 8]
		]);
		expect(log.lengthMs).toBe(8);
	});

	test('counts the entries up to a time', () => {
		const log = new MemoryLog();
		[0, 0, 5, 5, 9.5].forEach((at, seq) => log.append({ seq, at, from: 'client', raw: '' }));
		expect([-1, 0, 4.9, 5, 9.4, 9.5, 100].map((ms) => log.countUpTo(ms))).toEqual([0, 2, 2, 4, 4, 5, 5]);
		expect(log.lengthMs).toBe(9.5);
	});

	test('has no entry outside itself', () => {
		expect(() => new MemoryLog().raw(0)).toThrow('entry 0');
	});
});

describe('a recorder', () => {
	function record(times: number[]) {
		const appended: AppendedEntry[] = [];
		const recorder = new Recorder(
			new MemoryLog(),
			() => times.shift() ?? 0,
			(entry) => appended.push(entry)
		);
		return { recorder, appended };
	}

	test('numbers and stamps, and tells of each append at once', () => {
		const { recorder, appended } = record([1.25, 2.5, 3]);
		recorder.record('client', '{"type":"a"}');
		expect(appended).toHaveLength(1);
		recorder.record('server', append('AAAA'));
		recorder.recordBinary('server', 'AAEC');
		expect(appended.map(({ entry }) => [entry.seq, entry.at, entry.from, entry.binary])).toEqual([
			[0, 1.25, 'client', undefined],
			[1, 2.5, 'server', undefined],
			[2, 3, 'server', true]
		]);
		expect(recorder.log.raw(2)).toBe('AAEC');
	});

	test('lets no time run backwards', () => {
		const { recorder } = record([5, 3, 8]);
		recorder.record('client', '1');
		recorder.record('client', '2');
		recorder.record('client', '3', 4);
		recorder.record('client', '4');
		expect([0, 1, 2, 3].map((index) => recorder.log.entry(index).at)).toEqual([5, 5, 5, 8]);
	});
});

test('a byte track grows, and refuses what was never written', () => {
	const track = new ByteTrack();
	const big = new Uint8Array(200_000).map((_, i) => i);
	expect(track.append(new Uint8Array([1, 2]))).toBe(0);
	expect(track.append(big)).toBe(2);
	expect(track.append(new Uint8Array(0))).toBe(200_002);
	expect(track.read(0, 4)).toEqual(new Uint8Array([1, 2, 0, 1]));
	expect(track.read(2, 200_000)).toEqual(big);
	expect(() => track.read(200_000, 3)).toThrow('bytes 200000 to 200003');
});
