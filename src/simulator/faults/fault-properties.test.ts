import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFault } from '#simulator/faults/testing/any-fault.ts';
import { FaultRig } from '#simulator/faults/testing/fault-rig.ts';

type Step = { send: string } | { receive: string } | { waitMs: number } | { response: true } | { end: true };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc
			.constantFrom('response.created', 'response.output_audio.delta', 'response.done')
			.map((send) => ({ send }))
	},
	{
		weight: 3,
		arbitrary: fc.constantFrom('input_audio_buffer.append', 'response.create').map((receive) => ({ receive }))
	},
	{ weight: 4, arbitrary: fc.integer({ min: 1, max: 800 }).map((waitMs) => ({ waitMs })) },
	{ weight: 1, arbitrary: fc.constant({ response: true as const }) },
	{ weight: 1, arbitrary: fc.constant({ end: true as const }) }
);

function play(faults: readonly object[], steps: readonly Step[], seed: string): { rig: FaultRig; failures: unknown[] } {
	const rig = new FaultRig(JSON.stringify(faults), seed);
	const failures: unknown[] = [];
	let responses = 0;
	rig.send('session.created');
	steps.forEach((step, index) => {
		if ('send' in step) rig.send(step.send, index + 1);
		else if ('receive' in step) rig.receive(step.receive);
		else if ('waitMs' in step) rig.clock.advance(step.waitMs);
		else if ('response' in step) failures.push(rig.injector.responseFaults.nextResponse(++responses));
		else rig.injector.close(1000, 'bye');
	});
	rig.clock.advance(20_000);
	return { rig, failures };
}

const plays = [fc.array(anyFault(), { maxLength: 5 }), fc.array(anyStep, { maxLength: 60 }), fc.string()] as const;

describe('with any faults', () => {
	it('the same seed and the same events give the same faults at the same places', () => {
		fc.assert(
			fc.property(...plays, (faults, steps, seed) => {
				const [first, second] = [play(faults, steps, seed), play(faults, steps, seed)];
				expect(second.rig.notes).toEqual(first.rig.notes);
				expect(second.rig.sent).toEqual(first.rig.sent);
				expect(second.rig.received).toEqual(first.rig.received);
				expect(second.rig.happened).toEqual(first.rig.happened);
				expect(second.failures).toEqual(first.failures);
			})
		);
	});

	it('events keep their order, none is doubled, and nothing follows the end', () => {
		fc.assert(
			fc.property(...plays, (faults, steps, seed) => {
				fc.pre(faults.length > 0);
				const { rig } = play(faults, steps, seed);
				const numbers = rig.did.flatMap((did) => /^send \S+ (\d+)$/.exec(did)?.[1] ?? []).map(Number);
				expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
				const end = rig.did.findIndex((did) => /^(close|tear)/.test(did));
				expect(end === -1 ? [] : rig.did.slice(end + 1)).toEqual([]);
			})
		);
	});

	it('every event and every message arrives in the end, where no fault takes it away', () => {
		const gentle = anyFault().filter(
			({ fault, as }) => ['delay', 'slow_consumer', 'silence'].includes(fault as string) || as === 'event'
		);
		const lasting = gentle.map((fault) => {
			const when = fault['when'] as object | undefined;
			return when ? { ...fault, when: { ...when, every: false } } : fault;
		});
		const withoutEnd = fc.array(
			anyStep.filter((step) => !('end' in step)),
			{ maxLength: 60 }
		);
		fc.assert(
			fc.property(fc.array(lasting, { minLength: 1, maxLength: 4 }), withoutEnd, fc.string(), (faults, steps, seed) => {
				const { rig } = play(faults, steps, seed);
				rig.clock.advance(60_000);
				const sent = steps.flatMap((step, index) => ('send' in step ? `send ${step.send} ${index + 1}` : []));
				const expected = ['send session.created', ...sent];
				expect(rig.did.filter((did) => did.startsWith('send ') && did !== 'send error')).toEqual(expected);
				expect(rig.received).toEqual(steps.flatMap((step) => ('receive' in step ? step.receive : [])));
				expect(rig.injector.isStalled).toBe(false);
				expect(rig.did.filter((did) => did === 'pause')).toHaveLength(rig.did.filter((did) => did === 'resume').length);
			})
		);
	});

	it('nothing happens after it was disposed of', () => {
		fc.assert(
			fc.property(...plays, (faults, steps, seed) => {
				const rig = new FaultRig(JSON.stringify(faults), seed);
				fc.pre(faults.length > 0);
				rig.send('session.created');
				rig.receive('response.create');
				rig.injector.dispose();
				const before = rig.did.length;
				rig.send('response.created');
				rig.receive('response.create');
				rig.clock.advance(60_000);
				expect(rig.did.slice(before)).toEqual([]);
				expect(rig.clock.pendingCount).toBe(0);
			})
		);
	});
});
