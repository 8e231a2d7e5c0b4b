import { describe, expect, it } from 'vitest';
import { FaultRig } from '#simulator/faults/testing/fault-rig.ts';

describe('slow_consumer', () => {
	it('stops reading behind the message that it names, and reads all of it afterwards', () => {
		const rig = new FaultRig('slow_consumer:3000@client:response.create');
		rig.receive('session.update');
		rig.receive('response.create');
		expect(rig.injector.isStalled).toBe(true);
		// These had reached the process before.
		rig.receive('input_audio_buffer.append');
		rig.injector.receiveBinary();
		rig.clock.advance(2999);
		expect(rig.received).toEqual(['session.update', 'response.create']);
		rig.clock.advance(1);
		expect(rig.received).toEqual(['session.update', 'response.create', 'input_audio_buffer.append', 'binary']);
		expect(rig.notes).toEqual([
			{ atMs: 0, did: 'pause' },
			{ atMs: 3000, did: 'resume' }
		]);
		expect(rig.injector.isStalled).toBe(false);
	});

	it('still sends', () => {
		const rig = new FaultRig('slow_consumer@0ms');
		rig.clock.advance(0);
		rig.send('session.created');
		expect(rig.did).toEqual(['pause', 'send session.created']);
	});

	it('is one pause when a second begins in it, as long as the longer one', () => {
		const rig = new FaultRig('slow_consumer:1000@100ms,slow_consumer:500@200ms,slow_consumer:2000@300ms');
		rig.clock.advance(10_000);
		expect(rig.notes).toEqual([
			{ atMs: 100, did: 'pause' },
			{ atMs: 2300, did: 'resume' }
		]);
	});

	it('is not made shorter by a second pause', () => {
		const rig = new FaultRig('slow_consumer:1000@100ms,slow_consumer:500@200ms');
		rig.clock.advance(10_000);
		expect(rig.notes.map(({ atMs }) => atMs)).toEqual([100, 1100]);
	});

	it('is over when the connection ends: a close has to be heard', () => {
		const rig = new FaultRig('slow_consumer@100ms,drop@200ms');
		rig.clock.advance(100);
		rig.receive('response.create');
		rig.clock.advance(10_000);
		expect(rig.did).toEqual(['pause', 'resume', 'tear']);
		expect(rig.received).toEqual([]);
		expect(rig.injector.isStalled).toBe(false);
	});

	it('can stop again in the middle of what was left', () => {
		const rig = new FaultRig('slow_consumer:1000@every:client:response.create');
		for (let n = 0; n < 3; n++) rig.receive('response.create');
		const readAfter = [0, 1000, 1000, 1000].map((ms) => {
			rig.clock.advance(ms);
			return rig.received.length;
		});
		expect(readAfter).toEqual([1, 2, 3, 3]);
		expect(rig.did.filter((did) => did === 'resume')).toHaveLength(1);
	});
});

describe('silence', () => {
	it('holds an event and all that follow, a close too, and then sends them at once', () => {
		const rig = new FaultRig('silence:2000@response.output_item.added');
		rig.send('response.created');
		rig.send('response.output_item.added');
		expect(rig.injector.isStalled).toBe(true);
		rig.clock.advance(500);
		rig.send('response.done');
		rig.injector.close(1000, 'bye');
		rig.clock.advance(5000);
		expect(rig.notes).toEqual([
			{ atMs: 0, did: 'send response.created' },
			{ atMs: 2000, did: 'send response.output_item.added' },
			{ atMs: 2000, did: 'send response.done' },
			{ atMs: 2000, did: 'close 1000 bye' }
		]);
		expect(rig.injector.isStalled).toBe(false);
	});

	it('holds what a delay had in hand', () => {
		const rig = new FaultRig('delay:300,silence:1000@100ms');
		rig.send('session.created');
		rig.clock.advance(5000);
		expect(rig.notes).toEqual([{ atMs: 1100, did: 'send session.created' }]);
	});

	it('lasts as long as the longest of several', () => {
		const rig = new FaultRig('silence:3000@100ms,silence:500@200ms');
		rig.clock.advance(300);
		rig.send('session.created');
		rig.clock.advance(5000);
		expect(rig.notes).toEqual([{ atMs: 3100, did: 'send session.created' }]);
	});

	it('comes again and again', () => {
		const rig = new FaultRig('silence:400@every:1000ms');
		for (let step = 0; step < 30; step++) {
			rig.send('response.output_audio.delta', step + 1);
			rig.clock.advance(100);
		}
		const inSilence = rig.notes.filter(({ atMs }) => atMs >= 1000 && atMs % 1000 < 400);
		expect(rig.notes).toHaveLength(30);
		expect(inSilence).toEqual([]);
	});
});

describe('chance', () => {
	it('is drawn on each occasion', () => {
		const rig = new FaultRig('server_error:event@every:any?0.25');
		for (let n = 1; n <= 2000; n++) rig.send('response.output_text.delta', n);
		expect(rig.happened.length / 2000).toBeCloseTo(0.25, 1);
	});

	it('is drawn once without "every"', () => {
		const happened = Array.from({ length: 200 }, (_, seed) => {
			const rig = new FaultRig('server_error:event@response.created/2?0.5', `seed ${seed}`);
			for (let n = 1; n <= 5; n++) rig.send('response.created', n);
			return rig.happened.length;
		});
		expect(new Set(happened)).toEqual(new Set([0, 1]));
	});

	it('decides about a session’s end when it opens', () => {
		const ends = Array.from({ length: 100 }, (_, seed) => new FaultRig('expire@500ms?0.5', `seed ${seed}`).injector);
		const early = ends.filter(({ expireAfterMs }) => expireAfterMs === 500);
		expect(early.length).toBeGreaterThan(30);
		expect(early.length).toBeLessThan(70);
	});

	it('is drawn for each fault by itself', () => {
		const rig = new FaultRig('server_error:event@every:any?0.5,server_error:event@every:any?0.5');
		for (let n = 1; n <= 100; n++) rig.send('response.output_text.delta', n);
		const runs = rig.did.join().match(/(send error,)*send response/g) ?? [];
		expect(new Set(runs.map((run) => run.split(',').length - 1))).toEqual(new Set([0, 1, 2]));
	});

	it('of one fault is not changed by another', () => {
		const places = (faults: string): string[] => {
			const rig = new FaultRig(faults);
			for (let n = 1; n <= 200; n++) rig.send('response.output_text.delta', n);
			return rig.did.filter((did) => did !== 'send error');
		};
		const alone = places('malformed@every:any?0.1');
		expect(places('malformed@every:any?0.1,server_error:event@every:any?0.5')).toEqual(alone);
	});
});
