// Files that were damaged on their way, and files that were made to do harm, for the readers of JSON-shaped files.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_JSON_FORMAT } from './event-json.ts';
import { CHROME_HAR_FORMAT, PLAYWRIGHT_HAR_FORMAT, PLAYWRIGHT_MESSAGES_FORMAT } from './har.ts';
import { readWhole, type ReadResult } from './testing/read-whole.ts';

const EVENTS = [
	'{"type":"session.created","event_id":"event_1","session":{"type":"realtime","model":"gpt-realtime","tools":[{"type":"x"}]}}',
	'{"type":"session.update","session":{"instructions":"say \\"{hi}\\" é€😀"}}',
	'{"type":"input_audio_buffer.append","audio":"AAAA//8="}',
	'{"event_id":"event_2","type":"response.output_audio.delta","delta":"AAAA"}',
	'{"type":"conversation.item.create","item":{"type":"message","content":[{"type":"input_text","text":"}"}]}}',
	'{"__proto__":{"polluted":1},"type":"response.done","response":{"output":[{"type":"message"}]}}'
];
const harOf = (creator: string, indent: string) =>
	JSON.stringify(
		{
			log: {
				creator: { name: creator },
				entries: [
					{ request: { url: 'https://x/' }, _resourceType: 'document' },
					{
						request: { url: 'wss://api.openai.com/v1/realtime?model=m' },
						_resourceType: 'websocket',
						startedDateTime: '2026-11-20T11:14:47Z',
						_webSocketMessages: EVENTS.map((data, n) => ({
							type: n % 2 ? 'send' : 'receive',
							time: 1.7e9 + n,
							opcode: 1,
							data
						}))
					}
				]
			}
		},
		null,
		indent
	);
const SAMPLES = [
	{ format: CHROME_HAR_FORMAT, text: harOf('WebInspector', '  ') },
	{ format: PLAYWRIGHT_HAR_FORMAT, text: harOf('Playwright', '') },
	{
		format: PLAYWRIGHT_MESSAGES_FORMAT,
		text: EVENTS.map((data, n) => JSON.stringify({ type: 'send', time: 1.7e12 + n, opcode: 1, data })).join('\n')
	},
	{ format: EVENT_JSON_FORMAT, text: EVENTS.join('\n') },
	{ format: EVENT_JSON_FORMAT, text: `[${EVENTS.join(',\n')}]` },
	{
		format: EVENT_JSON_FORMAT,
		text: JSON.stringify({ id: 1, events: EVENTS.map((event) => JSON.parse(event) as unknown) }, null, 2)
	},
	{
		format: EVENT_JSON_FORMAT,
		text: EVENTS.map((payload, ts) => JSON.stringify({ payload, source: 'client', ts })).join('\n')
	},
	{ format: EVENT_JSON_FORMAT, text: EVENTS.map((event) => `11:14:47 INFO {x} "> ${event}"`).join('\r\n') }
].map(({ format, text }) => ({ format, bytes: new TextEncoder().encode(text) }));

type Mutation = readonly ['flip' | 'set' | 'cut' | 'drop' | 'double' | 'swap', number, number];

function mutate(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
	let result = [...bytes];
	for (const [kind, where, what] of mutations) {
		const at = where % Math.max(1, result.length);
		const length = what % 40;
		if (kind === 'flip') result[at] = (result[at] ?? 0) ^ (1 << (what % 8));
		if (kind === 'set') result[at] = '{}[]":,\\\n\0e'.charCodeAt(what % 11);
		if (kind === 'cut') result = result.slice(0, at);
		if (kind === 'drop') result.splice(at, length);
		if (kind === 'double') result.splice(at, 0, ...result.slice(Math.max(0, at - length), at));
		if (kind === 'swap') result = [...result.slice(at), ...result.slice(0, at)];
	}
	return Uint8Array.from(result);
}

/** What must hold of any file, however damaged. */
function expectSound({ connections, skipped, notes }: ReadResult): void {
	for (const { messages, start } of connections) {
		expect(messages.length).toBeGreaterThan(0);
		expect(start.startedAt === null || !Number.isNaN(Date.parse(start.startedAt))).toBe(true);
		expect(messages.filter(({ at }, index) => !(at >= (messages[index - 1]?.at ?? 0)))).toEqual([]);
		expect(messages.filter(({ raw }) => typeof raw !== 'string')).toEqual([]);
	}
	const isSentence = (text: string) => /^["A-Z0-9][^]*\.$|error of the connection/.test(text);
	expect(skipped.filter(({ place, reason }) => place === '' || !isSentence(reason))).toEqual([]);
	expect(connections.length + skipped.length).toBeGreaterThan(0);
	expect(new Set(notes).size).toBe(notes.length);
	expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}

describe('a damaged file', () => {
	const kind = fc.constantFrom('flip', 'set', 'cut', 'drop', 'double', 'swap');
	const mutations = fc.array(fc.tuple(kind, fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 }) as fc.Arbitrary<
		Mutation[]
	>;

	test('stops nothing, and reads the same in pieces as in one', { timeout: 60_000 }, () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...SAMPLES),
				mutations,
				fc.integer({ min: 1, max: 64 }),
				({ format, bytes }, how, size) => {
					const damaged = mutate(bytes, how);
					const whole = readWhole(format, damaged);
					expectSound(whole);
					expect(readWhole(format, damaged, size)).toEqual(whole);
				}
			),
			{ numRuns: 2000 }
		);
	});

	test('read as what it is not stops nothing', { timeout: 60_000 }, () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...SAMPLES),
				fc.constantFrom(...SAMPLES),
				fc.uint8Array(),
				({ format }, { bytes }, noise) => {
					expectSound(readWhole(format, bytes));
					expectSound(readWhole(format, noise));
				}
			)
		);
	});

	test('of lines loses the damaged one only', { timeout: 60_000 }, () => {
		const wrap = (event: string) => `{"direction":"client","event":${event},"time":1795173287}`;
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...EVENTS.slice(1)), { minLength: 2, maxLength: 8 }),
				...([fc.nat(), fc.nat(), fc.boolean()] as const),
				(events, which, where, isWrapped) => {
					const lines = isWrapped ? events.map(wrap) : [...events];
					const damaged = which % lines.length;
					lines[damaged] = lines[damaged]!.slice(0, where % lines[damaged]!.length);
					const { connections } = readWhole(EVENT_JSON_FORMAT, lines.join('\n'));
					const read = connections.flatMap(({ messages }) => messages.map(({ raw }) => raw));
					const others = events.filter((_, index) => index !== damaged);
					expect([others, others.toSpliced(damaged, 0, events[damaged]!)]).toContainEqual(read);
				}
			),
			{ numRuns: 1000 }
		);
	});
});

describe('a file that was made to do harm', () => {
	const deep = (text: string, times = 100_000) => text.repeat(times);
	const HOSTILE: [string, string][] = [
		['nested messages', `{"log":{"entries":[{"_webSocketMessages":[${deep('[')}${deep(']')}]}]}}`],
		['nested entries', `{"log":{"entries":[${deep('{"_webSocketMessages":[')}`],
		['a nested event', `{"type":"session.created","a":${deep('{"a":')}1${deep('}')}}`],
		['nested wrappers', `${deep('{"event":')}1${deep('}')}`],
		[
			'wrappers in strings',
			Array.from({ length: 12 }).reduce<string>((text) => JSON.stringify({ data: text }), EVENTS[0]!)
		],
		['many empty entries', `{"log":{"entries":[${deep('{"_webSocketMessages":[]},')}{}]}}`],
		['many keys', `{"log":{"entries":[{${deep('"_webSocketMessages":[{}],')}"x":1}]}}`],
		['strings without end', deep('{"log":"\\"')],
		['escapes', `{"type":"${deep('\\u0000')}"}`]
	];

	test.each(HOSTILE)('%s comes to its end', { timeout: 60_000 }, (_name, text) => {
		for (const format of [CHROME_HAR_FORMAT, EVENT_JSON_FORMAT, PLAYWRIGHT_MESSAGES_FORMAT]) {
			expectSound(readWhole(format, text, 65_536));
		}
	});

	test('a message of 70 MiB is named, and those beside it are read', { timeout: 60_000 }, () => {
		const huge = 'A'.repeat(70 * 2 ** 20);
		const message = (data: string) => `{"type":"send","time":1795173287,"opcode":1,"data":${JSON.stringify(data)}}`;
		const har = `{"log":{"entries":[{"_webSocketMessages":[${[EVENTS[1]!, huge, EVENTS[2]!].map(message).join(',')}]}]}}`;
		const jsonl = [EVENTS[1], `{"type":"input_audio_buffer.append","audio":"${huge}"}`, EVENTS[2]].join('\n');
		for (const [format, text] of [
			[CHROME_HAR_FORMAT, har],
			[EVENT_JSON_FORMAT, jsonl]
		] as const) {
			const { connections, skipped } = readWhole(format, text, 2 ** 20);
			expect(connections[0]!.messages.map(({ raw }) => raw)).toEqual([EVENTS[1], EVENTS[2]]);
			expect(skipped).toEqual([
				{ place: expect.stringMatching(/message 2|line 2/), reason: expect.stringMatching(/too large/) }
			]);
		}
	});
});
