/** The comparison, compared: a recording is equal to itself, and whatever is changed in a copy is found. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { compareEvents, isTranscription } from '#simulator/testing/log-comparison.ts';
import type { WireEvent } from '#simulator/testing/log-comparison.ts';
import { createFakeHearing, ScriptedAnswers } from '#simulator/testing/virtual-edges.ts';
import { sessionUpdate, typedMessage, VirtualSession } from '#simulator/testing/virtual-session.ts';

/** A session with all that the recorded ones have: a spoken turn and its words, a typed one, a call. */
function record(seed: string): WireEvent[] {
	const tool = { type: 'function', name: 'get_weather', parameters: { type: 'object' } };
	const world = new VirtualSession({
		seed,
		hearing: (clock) => createFakeHearing(clock, ['Hello, it is me.']),
		answers: (clock) =>
			new ScriptedAnswers(clock, ({ turn }) =>
				turn === 2
					? [{ call: { name: 'get_weather', arguments: '{"city":"Rome"}' } }]
					: [{ text: `This is answer ${turn}.` }]
			)
	});
	const input = { transcription: { model: 'gpt-realtime-whisper' } };
	world.exchange([sessionUpdate({ audio: { input }, tools: [tool] })]);
	world.speak(600, 0);
	world.speak(900);
	world.speak(600, 0);
	world.advance(10_000);
	for (const text of ['What is the weather?', 'Thank you.']) {
		world.exchange([typedMessage(text), { type: 'response.create' }], 10_000);
	}
	return world.events;
}

const recorded = record('one');
/** As a message of a failed test: what was done, and to which event. */
type Mutation = [what: string, events: WireEvent[]];

function* removals(): Generator<Mutation> {
	for (const [index, { type }] of recorded.entries()) {
		// How much sound there is depends on the words.
		if (type === 'response.output_audio.delta') continue;
		yield [`${type} ${index} is left out`, recorded.toSpliced(index, 1)];
	}
}

function* additions(): Generator<Mutation> {
	for (const [index, event] of recorded.entries()) {
		if (event.type === 'response.output_audio.delta') continue;
		yield [`${event.type} ${index} is sent twice`, recorded.toSpliced(index, 0, structuredClone(event))];
	}
}

function* swaps(): Generator<Mutation> {
	for (const [index, a] of recorded.entries()) {
		const b = recorded[index + 1];
		const isFree = (type: string): boolean => type.endsWith('.delta') || isTranscription(type);
		if (!b || a.type === b.type || isFree(a.type) || isFree(b.type)) continue;
		yield [`${a.type} ${index} comes after ${b.type}`, recorded.toSpliced(index, 2, b, a)];
	}
}

/** Each field changed, one after the other, in the last event of each type: of a run of deltas not the first. */
function* changes(name: string, change: (owner: JsonObject, field: string) => void): Generator<Mutation> {
	for (const [index, event] of recorded.entries()) {
		if (recorded.slice(index + 1).some(({ type }) => type === event.type)) continue;
		for (const path of pathsIn(event).filter((fields) => fields.join() !== 'type')) {
			const copy = structuredClone(event);
			const owner = path.slice(0, -1).reduce<JsonObject>((object, key) => object[key] as JsonObject, copy);
			change(owner, path.at(-1) as string);
			yield [`${path.join('.')} of ${event.type} ${index} ${name}`, recorded.with(index, copy)];
		}
	}
}

function pathsIn(value: unknown): string[][] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => [
		...(Array.isArray(value) ? [] : [[key]]),
		...pathsIn(inner).map((path) => [key, ...path])
	]);
}

function renameField(owner: JsonObject, field: string): void {
	owner[`${field}_`] = owner[field];
	delete owner[field];
}

function moveToTheEnd(owner: JsonObject, field: string): void {
	const value = owner[field];
	delete owner[field];
	owner[field] = value;
}

/** What the comparison leaves out: the sound itself, and how much of the rate limits is left. */
const ofItsOwn =
	/^(delta of response\.output_audio\.delta|rate_limits\.0\.(limit|remaining|reset_seconds) of) .* value$/;

function otherValue(value: unknown): unknown {
	if (typeof value === 'number') return value + 1000;
	if (typeof value === 'boolean') return !value;
	if (typeof value === 'string') return `${value} and more`;
	return 'something else';
}

describe('a recording', () => {
	it('is equal to itself, and to one that differs by chance alone', () => {
		expect(recorded.length).toBeGreaterThan(60);
		expect(compareEvents(recorded, structuredClone(recorded))).toEqual([]);
		const other = record('two');
		expect(other[0]?.['event_id']).not.toBe(recorded[0]?.['event_id']);
		expect(compareEvents(recorded, other)).toEqual([]);
	});

	const kinds: [string, () => Generator<Mutation>][] = [
		['an event less', removals],
		['an event more', additions],
		['two events in the other order', swaps],
		['a field less', () => changes('is gone', (owner, field) => void delete owner[field])],
		['a field by another name', () => changes('is renamed', renameField)],
		['another value', () => changes('has another value', (owner, field) => (owner[field] = otherValue(owner[field])))],
		['a null', () => changes('is null', (owner, field) => (owner[field] = owner[field] === null ? 'x' : null))]
	];
	it.each(kinds)('is not equal to itself with %s', (_name, mutate) => {
		const mutations = [...mutate()];
		expect(mutations.length).toBeGreaterThan(10);
		const unseen = mutations.filter(([, events]) => compareEvents(recorded, events).length === 0);
		expect(unseen.map(([what]) => what).filter((what) => !ofItsOwn.test(what))).toEqual([]);
	});

	it('is not equal to itself with a field in another place', () => {
		const moved = [...changes('is last', moveToTheEnd)].filter(
			([, events]) => JSON.stringify(events) !== JSON.stringify(recorded)
		);
		const unseen = moved.filter(([, events]) => compareEvents(recorded, events).length === 0);
		expect(unseen.map(([what]) => what)).toEqual([]);
	});
});

describe('a difference', () => {
	const at = (type: string): number => recorded.findIndex((event) => event.type === type);

	it('names the event, its number and what is the matter', () => {
		const index = at('response.done');
		const done = structuredClone(recorded[index]) as WireEvent & { response: JsonObject };
		done.response['status'] = 'failed';
		delete done.response['metadata'];
		expect(compareEvents(recorded, recorded.with(index, done))).toEqual([
			{ event: 'response.done 1', what: 'field response.metadata is recorded, not simulated' },
			{ event: 'response.done 1', what: 'response.status is "completed", simulated: "failed"' }
		]);
	});

	it('says where an event is missing or too many, and what an error said', () => {
		const index = at('response.done');
		const error: WireEvent = { type: 'error', event_id: 'event_1', error: { message: 'No such item.' } };
		expect(compareEvents(recorded, recorded.toSpliced(index, 1, error))).toEqual([
			{ event: 'response.done 1', what: 'recorded, not simulated, after response.output_item.done 1' },
			{ event: 'error 1', what: 'simulated, not recorded, after response.output_item.done 1: No such item.' }
		]);
	});

	it('is none when the recorder hung up before the rate limits came', () => {
		const index = recorded.findLastIndex(({ type }) => type === 'response.done');
		const cut = recorded.slice(0, index + 1);
		expect(compareEvents(cut, recorded.slice(0, index + 2))).toEqual([]);
		expect(compareEvents(recorded.slice(0, index + 2), cut)).toHaveLength(1);
	});
});
