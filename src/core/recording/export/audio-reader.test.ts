import { expect, test } from 'vitest';
import { ByteTrack, type TrackBytes } from '../byte-track.ts';
import { MemoryLog } from '../recording-log.ts';
import { audioOfTracks } from './audio-reader.ts';

/** A track that is not at hand, and counts how often it is asked. */
class StoredTrack implements TrackBytes {
	readonly length: number;
	readonly loads: [number, number][] = [];

	constructor(length: number) {
		this.length = length;
	}

	peek(): undefined {
		return undefined;
	}

	load(offset: number, length: number): Promise<Uint8Array> {
		this.loads.push([offset, length]);
		return Promise.resolve(Uint8Array.from({ length }, (_, i) => (offset + i) % 251));
	}
}

test('reads a log that is at hand, and fetches nothing then', async () => {
	const log = new MemoryLog();
	log.append({ seq: 0, at: 0, from: 'client', raw: '{"type":"input_audio_buffer.append","audio":"AQIDBA=="}' });
	const { caller, model } = log.tracks;
	const load = () => Promise.reject(new Error('nothing is to be fetched'));
	const audio = audioOfTracks({
		caller: { length: caller.length, peek: (offset, length) => caller.peek(offset, length), load },
		model
	});
	expect([audio.length('caller'), audio.length('model')]).toEqual([4, 0]);
	expect([...(await audio.read('caller', 1, 2))]).toEqual([2, 3]);
});

test('fetches stored audio in blocks, and gives the bytes that were asked for', async () => {
	const caller = new StoredTrack(2_500_000);
	const audio = audioOfTracks({ caller, model: new ByteTrack() });
	for (let start = 0; start < caller.length; start += 1000) {
		const bytes = await audio.read('caller', start, 1000);
		expect([bytes.length, bytes[0], bytes[999]]).toEqual([1000, start % 251, (start + 999) % 251]);
	}
	expect(caller.loads).toEqual([
		[0, 1 << 20],
		[1_048_000, 1 << 20],
		[2_096_000, 404_000]
	]);
	// Back, and more than a block at once.
	expect((await audio.read('caller', 3, 2_000_000))[1_999_999]).toBe((3 + 1_999_999) % 251);
});

test('a range outside of the track is a mistake of ours', async () => {
	const audio = audioOfTracks({ caller: new StoredTrack(10), model: new ByteTrack() });
	await expect(audio.read('caller', 8, 3)).rejects.toThrow('bytes 8 to 11 of a track');
	await expect(audio.read('model', 0, 1)).rejects.toThrow('bytes 0 to 1 of a track');
});
