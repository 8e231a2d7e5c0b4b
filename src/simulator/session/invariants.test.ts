/** What must hold whatever a client does, and whenever: shown by random sessions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServerEvent } from '#simulator/session/session-context.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { createFakeHearing, FakeMcp, ScriptedAnswers } from '#simulator/testing/virtual-edges.ts';
import type { ScriptStep } from '#simulator/testing/virtual-edges.ts';
import { sessionUpdate, typedMessage, VirtualSession } from '#simulator/testing/virtual-session.ts';

/** What a client does, one after the other; text stands for an action that needs to know the session. */
type Action = JsonObject | 'speak' | 'silence' | 'wait' | 'truncate' | 'delete' | 'output' | 'approve';

const tools = [
	{ type: 'function', name: 'f' },
	{ type: 'mcp', server_label: 'a', server_url: 'http://127.0.0.1:1/', require_approval: 'never' },
	{ type: 'mcp', server_label: 'b', server_url: 'http://127.0.0.1:2/' }
];

const action: fc.Arbitrary<Action> = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom<Action>('wait', 'speak', 'silence') },
	{ weight: 4, arbitrary: fc.constant<Action>({ type: 'response.create' }) },
	fc.constantFrom<Action>('truncate', 'delete', 'output', 'approve'),
	fc.constantFrom<Action>(
		typedMessage('Hello there.'),
		{ type: 'response.cancel' },
		{ type: 'response.create', response: { conversation: 'none', input: [], output_modalities: ['text'] } },
		{ type: 'response.create', response: { max_output_tokens: 4 } },
		{
			type: 'response.create',
			response: { tool_choice: 'none', audio: { output: { format: { type: 'audio/pcmu' } } } }
		},
		{ type: 'input_audio_buffer.commit' },
		{ type: 'input_audio_buffer.clear' },
		sessionUpdate({ tools }),
		sessionUpdate({ output_modalities: ['text'] }),
		sessionUpdate({ audio: { input: { turn_detection: null } } }),
		sessionUpdate({ audio: { input: { turn_detection: { type: 'semantic_vad', eagerness: 'high' } } } }),
		sessionUpdate({ audio: { input: { turn_detection: { type: 'server_vad', idle_timeout_ms: 5000 } } } }),
		sessionUpdate({ audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } } }),
		sessionUpdate({ bogus: 1 }),
		{ type: 'nope' }
	)
);

const step: fc.Arbitrary<ScriptStep> = fc.oneof(
	fc.constantFrom<ScriptStep>(
		{ text: 'One sentence here. ' },
		{ text: 'And another' },
		{ messageEnd: true },
		{ waitMs: 700 },
		{ call: { name: 'f', arguments: '{"a":[1,2,3]}' } },
		{ call: { name: 'tool', arguments: '{}', serverLabel: 'a' } },
		{ call: { name: 'tool', arguments: '{}', serverLabel: 'b' } },
		{ end: { kind: 'filtered' } },
		{ end: { kind: 'failed', error: { type: 'server_error', code: 'x', message: 'y' } } }
	)
);

const session = fc.record({
	actions: fc.array(fc.tuple(action, fc.integer({ min: 0, max: 900 })), { maxLength: 25 }),
	scripts: fc.array(fc.array(step, { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
	model: fc.constantFrom('gpt-realtime', 'gpt-realtime-2.1'),
	latencyMs: fc.constantFrom(0, 50)
});

type Plan = typeof session extends fc.Arbitrary<infer T> ? T : never;

function act(world: VirtualSession, what: Action, ms: number): void {
	const lastItem = world.events.findLast((event) => event.type === 'conversation.item.done')?.['item'] as JsonObject;
	const find = (type: string): JsonObject | undefined =>
		world.events.map((event) => event['item'] as JsonObject | undefined).findLast((item) => item?.['type'] === type);
	if (what === 'speak') world.speak(ms);
	else if (what === 'silence') world.speak(ms, 0);
	else if (what === 'truncate') {
		const item_id = lastItem?.['id'] ?? 'x';
		world.send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: ms });
	} else if (what === 'delete') world.send({ type: 'conversation.item.delete', item_id: lastItem?.['id'] ?? 'x' });
	else if (what === 'output') {
		const call_id = find('function_call')?.['call_id'] ?? 'x';
		world.send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id, output: '1' } });
	} else if (what === 'approve') {
		const approval_request_id = find('mcp_approval_request')?.['id'] ?? 'x';
		const item = { type: 'mcp_approval_response', approval_request_id, approve: true };
		world.send({ type: 'conversation.item.create', item });
	} else if (what !== 'wait') world.send(what);
	world.advance(ms);
}

function play({ actions, scripts, model, latencyMs }: Plan): VirtualSession {
	const tool = { name: 'tool', description: '', input_schema: {}, annotations: null };
	const world = new VirtualSession({
		model,
		latencyMs,
		answers: (clock) => new ScriptedAnswers(clock, ({ turn }) => scripts[turn % scripts.length] ?? []),
		hearing: (clock) => createFakeHearing(clock, ['Hello.', undefined, 'And then']),
		mcp: (clock) => new FakeMcp(clock, { tools: [tool], call: () => 'fine' })
	});
	for (const [what, ms] of actions) act(world, what, ms);
	// Nobody is left to say anything: what still comes ends by itself, idle turns apart.
	world.exchange([sessionUpdate({ audio: { input: { turn_detection: null } } })], 120_000);
	return world;
}

const idOf = (event: ServerEvent): string =>
	String(event['response_id'] ?? (event['response'] as JsonObject | undefined)?.['id']);

function checkResponses(events: readonly ServerEvent[]): void {
	const open = new Set<string>();
	const done = new Set<string>();
	for (const event of events) {
		if (event.type === 'response.created') {
			expect(open.has(idOf(event)) || done.has(idOf(event))).toBe(false);
			open.add(idOf(event));
		} else if (event.type === 'response.done') {
			expect(open.delete(idOf(event))).toBe(true);
			done.add(idOf(event));
		} else if (event['response_id'] !== undefined) expect(open.has(idOf(event))).toBe(true);
	}
	expect([...open]).toEqual([]);
}

/** Every output that was announced is closed once, before its response; what its deltas said is what it ends as. */
function checkOutputs(events: readonly ServerEvent[]): void {
	const open = new Map<string, string>();
	for (const event of events) {
		const item = event['item'] as JsonObject | undefined;
		if (event.type === 'response.output_item.added') open.set(String(item?.['id']), '');
		if (event.type === 'response.output_item.done') {
			const said = open.get(String(item?.['id']));
			expect(open.delete(String(item?.['id']))).toBe(true);
			if (item?.['type'] === 'function_call') expect(item['arguments']).toBe(said);
		}
		const words = event.type.endsWith('.delta') && event.type !== 'response.output_audio.delta';
		const id = String(event['item_id']);
		if (words && open.has(id)) open.set(id, `${open.get(id)}${String(event['delta'])}`);
		if (event.type === 'response.output_text.done') expect(event['text']).toBe(open.get(id));
		if (event.type === 'response.output_audio_transcript.done') expect(event['transcript']).toBe(open.get(id));
	}
	expect([...open.keys()]).toEqual([]);
}

/** Every item that was added is done once, after it was added. */
function checkItems(events: readonly ServerEvent[]): void {
	const waiting = new Map<string, number>();
	for (const { type, item } of events as (ServerEvent & { item?: { id: string } })[]) {
		if (!item) continue;
		const count = waiting.get(item.id) ?? 0;
		if (type === 'conversation.item.added') waiting.set(item.id, count + 1);
		if (type === 'conversation.item.done') {
			expect(count).toBeGreaterThan(0);
			waiting.set(item.id, count - 1);
		}
	}
	expect([...waiting.values()].every((count) => count === 0)).toBe(true);
}

describe('whatever a client does', () => {
	it(
		'each response is done once, nothing of it comes afterwards, and every item is closed',
		{ timeout: 60_000 },
		() => {
			fc.assert(
				fc.property(session, (plan) => {
					const { events } = play(plan);
					checkResponses(events);
					checkOutputs(events);
					checkItems(events);
				}),
				{ numRuns: 150 }
			);
		}
	);

	it('the same session is the same again, to the last id', { timeout: 60_000 }, () => {
		fc.assert(
			fc.property(session, (plan) => {
				expect(play(plan).events).toEqual(play(plan).events);
			}),
			{ numRuns: 20 }
		);
	});

	it('nothing comes after the end, and no timer is left', () => {
		fc.assert(
			fc.property(session, (plan) => {
				const world = play({ ...plan, actions: plan.actions.slice(0, 8) });
				world.send({ type: 'response.create' });
				world.advance(300);
				world.session.dispose();
				const before = world.events.length;
				world.advance(200_000);
				expect(world.events.length).toBe(before);
				expect(world.clock.pendingCount).toBe(0);
			}),
			{ numRuns: 20 }
		);
	});
});
