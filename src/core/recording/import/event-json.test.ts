import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_JSON_FORMAT } from './event-json.ts';
import { PIECE_SIZES, readWhole, spoken, type ReadResult } from './testing/read-whole.ts';

const CREATED =
	'{"type": "session.created","event_id":"event_1", "session":{"type":"realtime","model":"gpt-realtime-2.1"}}';
const UPDATE = '{"session":{"x":1.0,"x":[ 1 ]},"type":"session.update","event_id":"mine é€😀"}';
const DONE = '{"type":"response.done","event_id":"event_2","response":{"status":"completed"}}';

/** Reads it whole and in pieces of every size, which must give the same. */
function read(text: string | Uint8Array): ReadResult {
	const whole = readWhole(EVENT_JSON_FORMAT, text);
	for (const size of PIECE_SIZES) expect(readWhole(EVENT_JSON_FORMAT, text, size)).toEqual(whole);
	return whole;
}

/** The messages of a file that holds one session and nothing that is skipped. */
function readMessages(text: string): string[] {
	const { connections, skipped, notes } = read(text);
	expect({ skipped, notes, count: connections.length }).toEqual({ skipped: [], notes: [], count: 1 });
	return spoken(connections[0]!);
}

const IN_ORDER = [`0 server ${CREATED}`, `1 client ${UPDATE}`, `2 server ${DONE}`];
const indented = (json: string) => JSON.stringify(JSON.parse(json), null, 2);

describe('events without a wrapper', () => {
	test.each([
		['JSONL', `${CREATED}\n${UPDATE}\n${DONE}\n`],
		['JSONL with CRLF, blank lines and a byte order mark', `\uFEFF${CREATED}\r\n\r\n${UPDATE}\r\n${DONE}`],
		['a list', `[${CREATED},\n ${UPDATE},${DONE}]`],
		['an object with a list', `{"id":"{\\"","session":{"type":"realtime"},"events":[${CREATED},\n${UPDATE},${DONE}]}`],
		['one line', `${CREATED}${UPDATE} ${DONE}`],
		['a log', `INFO received: ${CREATED}\nDEBUG sending {x} ${UPDATE} [it's "sent"]\nINFO {} "${DONE}"`]
	])('in %s are read as they are spelled, who sent them by their type', (_name, text) => {
		expect(readMessages(text)).toEqual(IN_ORDER);
	});

	test('over several lines are read as they are spelled', () => {
		expect(readMessages(`got ${indented(CREATED)}\nand ${indented(DONE)}`)).toEqual([
			`0 server ${indented(CREATED)}`,
			`1 server ${indented(DONE)}`
		]);
	});

	test('have no times: an order', () => {
		expect(read(DONE).connections[0]!.start).toEqual({
			...{ endpoint: '', transport: '', model: '', startedAt: null, clock: 'order' }
		});
	});

	test('have the times of their lines', () => {
		const text =
			`[2026-11-20T11:14:47.629123Z] ${CREATED}\n2026-11-20 12:14:48,000+01:00 x.py INFO ${indented(DONE)}\n` +
			`no time ${DONE}\n2026-11-20T11:14:50 ${UPDATE}`;
		const [connection] = read(text).connections;
		expect(connection!.start).toMatchObject({ startedAt: '2026-11-20T11:14:47.629Z', clock: 'wall' });
		const ats = connection!.messages.map(({ at }) => Number(at.toFixed(3)));
		expect(ats).toEqual([0, 370.877, 370.877, 2370.877]);
	});

	test('have the arrows of wscat', () => {
		const { connections, notes } = read(`Connected (press CTRL+C to quit)\n< ${CREATED}\n> ${UPDATE}\n< ${UPDATE}\n`);
		expect(connections.map(spoken)).toEqual([[...IN_ORDER.slice(0, 2), `2 server ${UPDATE}`]]);
		expect(notes).toEqual(['Passed over: 1 line without a JSON object, line 1.']);
	});

	test('have times of their own when the first has', () => {
		const own = (n: number) => `{"type":"response.create","timestamp":${1795173287630 + n}}`;
		expect(readMessages(`${own(0)}\n${own(7.5)}`)).toEqual([`0 client ${own(0)}`, `7.5 client ${own(7.5)}`]);
		expect(readMessages(`${DONE}\n${own(0)}\n${own(7)}`).map((line) => line[0])).toEqual(['0', '1', '2']);
	});
});

describe('lines without JSON', () => {
	test('are counted, and the first is named', () => {
		const talk = 'INFO heartbeat {ok} [it\u2019s fine]\n';
		const text = `${CREATED}\n\n-----\n${talk.repeat(2000)}got ${UPDATE} and that\u2019s it\nif (x) {\n\ty();\n}\n${DONE}\nbye`;
		const { connections, skipped, notes } = readWhole(EVENT_JSON_FORMAT, text);
		expect(readWhole(EVENT_JSON_FORMAT, text, 7).notes).toEqual(notes);
		expect(connections.map(spoken)).toEqual([IN_ORDER]);
		expect(skipped).toEqual([]);
		expect(notes).toEqual(['Passed over: 2,003 lines without a JSON object, the first is line 4.']);
	});

	test.each([
		['a list one item a line', `[\n${CREATED},\n${UPDATE}\n,\n${DONE}\n]`],
		[
			'an indented list in an object',
			JSON.stringify({ id: 'x', events: [CREATED, DONE].map((e) => JSON.parse(e) as object) }, null, 2)
		],
		['words before, between and behind on the lines of events', `a ${indented(CREATED)} b {} ${DONE} c\n> ${UPDATE} d`]
	])('are not %s', (_name, text) => {
		expect(read(text).notes).toEqual([]);
	});

	test.each([
		['broken', `broken {"type":"x",\n${DONE}`],
		['broken in a wrapper', `broken ${UPDATE.slice(0, 30)}\n${DONE}`],
		['cut off', `cut ${DONE.slice(0, 40)}`]
	])('are not those of an object that is named as %s', (_name, text) => {
		const { skipped, notes } = read(`${CREATED}\n${text}`);
		expect(skipped.map(({ place }) => place)).toEqual(['line 2']);
		expect(notes).toEqual([]);
	});

	test('alone are no events, and that is all that is said', () => {
		const { skipped, notes } = read('a\nb\n');
		expect(skipped.map(({ place }) => place)).toEqual(['the file']);
		expect(notes).toEqual([]);
	});
});

describe('events in a wrapper', () => {
	const at = (n: number) => new Date(1795173287630 + n).toISOString();

	test.each<[string, (from: string, event: string, n: number) => string]>([
		['the old console’s', (from, event, n) => `{"time":"${at(n)}","source":"${from}","event":${event}}`],
		['its, the event first', (from, event, n) => `{ "event" : ${event} , "source":"${from}","time":"${at(n)}" }`],
		['Hoppscotch’s', (from, event, n) => JSON.stringify({ payload: event, source: from, ts: 1795173287630 + n })],
		['seconds', (from, event, n) => `{"ts":${1795173287.63 + n / 1000},"direction":"${from}","event":${event}}`],
		['microseconds', (from, event, n) => `{"t":${(1795173287630 + n) * 1000},"from":"${from}","data":${event}}`],
		[
			'strings in strings',
			(from, event, n) =>
				JSON.stringify({ msg: JSON.stringify({ message: event, dir: from === 'client' ? 'out' : 'in' }), time: at(n) })
		],
		[
			'a log’s line',
			(from, event, n) =>
				`${at(n)} INFO ws {"level":30,"msg":"frame","direction":"${from === 'client' ? 'sent' : 'received'}","event":${event}}`
		],
		[
			'a type of its own',
			(from, event, n) =>
				`{"type":"${from === 'client' ? 'send' : 'receive'}","unix_timestamp_ms":${1795173287630 + n},"body":${event}}`
		]
	])('%s are read with what it says', (_name, wrap) => {
		const text = [wrap('server', CREATED, 0), wrap('client', DONE, 250), wrap('server', UPDATE, 125)].join('\n');
		const { connections, skipped, notes } = read(text);
		expect({ skipped, notes }).toEqual({ skipped: [], notes: [] });
		expect(connections[0]!.start).toMatchObject({
			...{ clock: 'wall', startedAt: at(0), model: 'gpt-realtime-2.1' }
		});
		const said = connections[0]!.messages.map((message) => ({ ...message, at: Math.round(message.at) }));
		expect(said).toEqual([
			{ from: 'server', at: 0, raw: CREATED },
			{ from: 'client', at: 250, raw: DONE },
			{ from: 'server', at: 250, raw: UPDATE } // never before the one before it
		]);
	});

	test('of the agents demo’s pane are read, past midnight too; what is no event is named', () => {
		const row = (n: number, timestamp: string, eventData: string) =>
			`{"id":${n},"direction":"server","eventName":"x","eventData":${eventData},"timestamp":"${timestamp}","expanded":false}`;
		const text = [
			row(1, '11:59:58 PM', CREATED),
			row(2, '11:59:59\u202fPM', '{"text":"hi"}'),
			row(3, '12:00:01 AM', DONE)
		].join(',');
		const { connections, skipped } = read(`[${text}]`);
		expect(spoken(connections[0]!)).toEqual([`0 server ${CREATED}`, `3000 server ${DONE}`]);
		expect(connections[0]!.start).toMatchObject({ clock: 'wall', startedAt: null });
		expect(skipped).toEqual([{ place: 'line 1, object 2', reason: expect.stringMatching(/^There is no Realtime/) }]);
	});

	test('relative times are milliseconds; words for who sent it are the client’s view', () => {
		const words = ['in', 'recv', 'SENT', 'outgoing', '<-', 'upstream', 'nobody'];
		const text = words.map((word, n) => `{"at":${n * 1.5},"dir":"${word}","event":${DONE}}`).join('\n');
		const { connections } = read(text);
		expect(connections[0]!.messages.map(({ from, at }) => `${at} ${from}`)).toEqual([
			...['0 server', '1.5 server', '3 client', '4.5 client', '6 server', '7.5 client', '9 server']
		]);
	});

	test('that begin without times have them from the first on', () => {
		const { connections } = read(
			`${CREATED}\n${DONE}\n{"time":"${at(0)}","event":${DONE}}\n${DONE}\n{"time":"${at(9)}","event":${DONE}}`
		);
		expect(connections[0]!.messages.map((message) => message.at)).toEqual([0, 1, 2, 2, 11]);
		expect(connections[0]!.start).toMatchObject({ clock: 'wall', startedAt: at(-2) });
	});

	test('that hold several objects with a type give the one that the catalog knows', () => {
		expect(readMessages(`{"event":{"type":"x"},"data":{"n":1},"message":${UPDATE},"source":"server"}`)).toEqual([
			`0 server ${UPDATE}`
		]);
		const vendors = '{"type":"vendor.said","event_id":"e","data":{"type":"x"}}';
		expect(readMessages(`${CREATED}\n{"direction":"server","event":${vendors}}`)[1]).toBe(`1 server ${vendors}`);
	});

	test('with a message that is no event keep it', () => {
		const text = `{"direction":"server","event":${CREATED}}\n{"direction":"server","raw":"<html>\\n502"}`;
		expect(readMessages(text)).toEqual([`0 server ${CREATED}`, '1 server <html>\n502']);
	});
});

describe('a log of several sessions', () => {
	test('becomes a recording each', () => {
		const { connections } = read([UPDATE, CREATED, DONE, CREATED, UPDATE, DONE, CREATED].join('\n'));
		expect(connections.map((connection) => spoken(connection).map((line) => line.slice(0, 8)))).toEqual([
			['0 client', '1 server', '2 server'],
			['0 server', '1 client', '2 server'],
			['0 server']
		]);
		expect(connections[2]!.start.model).toBe('gpt-realtime-2.1');
	});
});

describe('types that the catalog does not know', () => {
	test('are taken, with a guess who sent them, said once', () => {
		const { connections, skipped, notes } = read(
			`{"type":"ping","event_id":"e"}\n${CREATED}\n{"type":"vendor.thing","session":{"type":"realtime"}}\n` +
				'{"type":"vendor.said","event_id":"e2"}\n{"direction":"server","event":{"type":"vendor.wrapped"}}'
		);
		expect(connections[0]!.messages.map(({ from }) => from)).toEqual([
			'server',
			'server',
			'client',
			'server',
			'server'
		]);
		expect(skipped).toEqual([]);
		expect(notes).toEqual([expect.stringMatching(/^3 events are of a type .*"ping", "vendor.thing", "vendor.said"/)]);
	});

	test('beta names stay as they are', () => {
		const beta = '{"type":"response.audio_transcript.delta","delta":"a"}';
		expect(readMessages(beta)).toEqual([`0 server ${beta}`]);
	});

	test('alone are no Realtime session', () => {
		const { connections, skipped } = read('{"type":"module"}\n{"type":"error"}\n{"name":"x","of":[{"a":1}]}');
		expect(connections).toEqual([]);
		expect(skipped.map(({ place }) => place)).toEqual(['line 3', 'line 1', 'line 2', 'the file']);
		expect(skipped.at(-1)!.reason).toMatch(/no Realtime events in this file/);
	});

	test('of which there are many before the first event are let go, by name', () => {
		const { connections, skipped } = readWhole(EVENT_JSON_FORMAT, '{"type":"x"}\n'.repeat(1000) + CREATED);
		expect(connections[0]!.messages).toHaveLength(257);
		expect(skipped).toHaveLength(744);
		expect(skipped[0]).toEqual({ place: 'line 1', reason: '"x" is no type of a Realtime event.' });
	});
});

describe('what cannot be read', () => {
	test.each(['', ' \n', 'plain text', '[]', '{}', '\0\0\0', '{"a":', '"'])('%j holds no Realtime events', (text) => {
		const { connections, skipped } = read(text);
		expect(connections).toEqual([]);
		expect(skipped.at(-1)).toEqual({ place: 'the file', reason: expect.stringMatching(/no Realtime events/) });
	});

	test('is named with its line, and the rest is read', () => {
		const cut = UPDATE.slice(0, 30);
		const { connections, skipped } = read(`${CREATED}\n${cut}\n{"level":30}\n${DONE} {"x":2}\n${cut}`);
		expect(connections[0]!.messages.map(({ raw }) => raw)).toEqual([CREATED, DONE]);
		expect(skipped.map(({ place }) => place)).toEqual(['line 2', 'line 3', 'line 4, object 2', 'line 5']);
		expect(skipped.at(-1)!.reason).toMatch(/^The file ends in the middle/);
	});

	test('keys that mean mischief do none', () => {
		const event = '{"__proto__":{"polluted":1},"constructor":{"prototype":{}},"type":"response.create"}';
		const text = `{"__proto__":{"type":"session.created"},"direction":"client","event":${event}}\n{"__proto__":${event}}`;
		const { connections } = read(text);
		expect(connections[0]!.messages.map(({ from, raw }) => from + raw)).toEqual([`client${event}`, `client${event}`]);
		expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
	});
});

test('audio that was left out is counted', () => {
	const text = ['"..."', '"AAAA...(truncated)"', '"[audio]"', '"AAAA"', '""'].map(
		(audio) => `{"type":"input_audio_buffer.append","audio":${audio}}`
	);
	const delta =
		'{"type":"response.output_audio.delta","delta":"…"}\n{"type":"response.output_text.delta","delta":"..."}';
	const { connections, notes } = read(`${text.join('\n')}\n${delta}`);
	expect(connections[0]!.messages.map(({ raw }) => raw)).toEqual([...text, ...delta.split('\n')]);
	expect(notes).toEqual(['Audio is missing from 4 events: the tool that wrote this file left it out.']);
});

describe('property: what was said is what is read', () => {
	const type = fc.constantFrom('session.update', 'response.create', 'response.done', 'error', 'response.audio.delta');
	const event = fc
		.tuple(type, fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean())
		.map(([name, rest, isLast]) => (isLast ? { ...rest, type: name } : { type: name, ...rest }));
	const message = fc.record({ from: fc.constantFrom('client', 'server'), event, at: fc.nat(1000) });

	test.each<[string, (from: string, json: string, at: number) => string]>([
		['an object', (from, json, at) => `{"seq":1,"direction":"${from}","time":${1.7e12 + at},"event":${json}}`],
		['a string', (from, json, at) => JSON.stringify({ payload: json, source: from, ts: 1.7e12 + at })]
	])('wrapped as %s', (_name, wrap) => {
		fc.assert(
			fc.property(fc.array(message, { minLength: 1 }), fc.constantFrom('\n', ',', ' and '), (said, separator) => {
				const texts = said.map(({ event }) => JSON.stringify(event));
				const file = said.map(({ from, at }, n) => wrap(from, texts[n]!, at)).join(separator);
				const { connections, skipped } = readWhole(EVENT_JSON_FORMAT, file);
				expect(skipped).toEqual([]);
				const messages = connections.flatMap((connection) => connection.messages);
				expect(messages.map(({ raw }) => raw)).toEqual(texts);
				expect(messages.map(({ from }) => from)).toEqual(said.map(({ from }) => from));
			})
		);
	});
});

test.each<[string, number]>([
	[`x\n${CREATED}`, 0.6],
	[JSON.stringify({ data: UPDATE }), 0.6],
	['{"type":"module"}', 0.1],
	['plain text', 0.05],
	['PK\u0003\u0004\u0000', 0],
	['', 0]
])('%j is sniffed as %f', (head, score) => {
	expect(EVENT_JSON_FORMAT.sniff(new TextEncoder().encode(head))).toBe(score);
});
