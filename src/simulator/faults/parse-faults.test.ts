import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIENT_EVENT_TYPES } from '#core/protocol/catalog.ts';
import { describeFault, parseFaultText, readFaults } from '#simulator/faults/fault-text.ts';
import { TRANSLATION_CLIENT_EVENTS, TRANSLATION_SERVER_EVENTS } from '#simulator/faults/faults.ts';
import type { Fault } from '#simulator/faults/faults.ts';
import { parseFaults } from '#simulator/faults/parse-faults.ts';
import { anyFault } from '#simulator/faults/testing/any-fault.ts';
import { SERVER_EVENT_TYPES } from '#simulator/testing/server-event-schema.ts';
import schema from './faults.schema.json' with { type: 'json' };

const validate = new Ajv({ strict: true, strictRequired: false, strictTypes: false }).compile(schema);

function parse(value: unknown): Fault[] {
	const parsed = parseFaults(value);
	if ('error' in parsed) throw new Error(parsed.error);
	return parsed.faults;
}

function errorOf(parsed: { faults: Fault[] } | { error: string }): string | undefined {
	return 'error' in parsed ? parsed.error : undefined;
}

const once = { probability: 1, every: false };
const firstOutput = { event: 'response.output_item.added', nth: 1, ...once };

const valid: [written: object, means: object][] = [
	[
		{ fault: 'delay', ms: 200 },
		{ fault: 'delay', ms: 200, jitterMs: 0 }
	],
	[
		{ fault: 'delay', ms: 0, jitterMs: 50, when: { event: 'any', every: true, probability: 0.1 } },
		{ fault: 'delay', ms: 0, jitterMs: 50, when: { event: 'any', nth: 1, every: true, probability: 0.1 } }
	],
	[{ fault: 'drop' }, { fault: 'drop', code: 1006, reason: '', when: firstOutput }],
	[
		{ fault: 'drop', code: 1011 },
		{ fault: 'drop', code: 1011, reason: 'Internal server error', when: firstOutput }
	],
	[
		{ fault: 'drop', code: 4008, reason: 'bye', when: { afterMs: 0 } },
		{ fault: 'drop', code: 4008, reason: 'bye', when: { afterMs: 0, ...once } }
	],
	[
		{ fault: 'drop', code: 1006, reason: '' },
		{ fault: 'drop', code: 1006, reason: '', when: firstOutput }
	],
	[{ fault: 'rate_limit' }, { fault: 'rate_limit', when: { response: 1, ...once } }],
	[
		{ fault: 'rate_limit', when: { response: 2, every: true } },
		{ fault: 'rate_limit', when: { response: 2, probability: 1, every: true } }
	],
	[{ fault: 'server_error' }, { fault: 'server_error', as: 'response', when: { response: 1, ...once } }],
	[
		{ fault: 'server_error', as: 'event' },
		{ fault: 'server_error', as: 'event', when: firstOutput }
	],
	[
		{ fault: 'server_error', as: 'event', when: { response: 3 } },
		{ fault: 'server_error', as: 'event', when: { response: 3, ...once } }
	],
	[
		{ fault: 'malformed', when: { event: 'session.output_audio.delta', nth: 3 } },
		{ fault: 'malformed', as: 'cut', when: { event: 'session.output_audio.delta', nth: 3, ...once } }
	],
	[
		{ fault: 'malformed', as: 'html' },
		{ fault: 'malformed', as: 'html', when: firstOutput }
	],
	[{ fault: 'expire' }, { fault: 'expire', announce: false, when: { afterMs: 10_000, ...once } }],
	[
		{ fault: 'expire', announce: true, when: { clientEvent: 'session.close' } },
		{ fault: 'expire', announce: true, when: { clientEvent: 'session.close', nth: 1, ...once } }
	],
	[
		{ fault: 'slow_consumer' },
		{ fault: 'slow_consumer', forMs: 5000, when: { clientEvent: 'input_audio_buffer.append', nth: 1, ...once } }
	],
	[
		{ fault: 'silence', forMs: 1, when: { afterMs: 1, every: true, probability: 0 } },
		{ fault: 'silence', forMs: 1, when: { afterMs: 1, every: true, probability: 0 } }
	]
];

const listed = '"afterMs", "event" or "clientEvent"';
const codes = 'is no close code; use 1006 (torn) or 1000 to 1003, 1007 to 1014 or 3000 to 4999';

const invalid: [written: unknown, says: string][] = [
	['delay', 'faults[0]: "delay" is not an object with a "fault"'],
	[
		{},
		'faults[0].fault: is missing; use "delay", "drop", "rate_limit", "server_error", "malformed", "expire", ' +
			'"slow_consumer" or "silence"'
	],
	[
		{ fault: 'dealy' },
		'faults[0].fault: "dealy" is not known; use "delay", "drop", "rate_limit", "server_error", "malformed", ' +
			'"expire", "slow_consumer" or "silence"'
	],
	[
		{ fault: 'toString' },
		'faults[0].fault: "toString" is not known; use "delay", "drop", "rate_limit", "server_error", "malformed", ' +
			'"expire", "slow_consumer" or "silence"'
	],
	[{ fault: 'delay' }, 'faults[0].ms: is missing; write a whole number from 0 to 3600000'],
	[{ fault: 'delay', ms: -1 }, 'faults[0].ms: -1 is not a whole number from 0 to 3600000'],
	[{ fault: 'delay', ms: 1.5 }, 'faults[0].ms: 1.5 is not a whole number from 0 to 3600000'],
	[{ fault: 'delay', ms: null }, 'faults[0].ms: null is not a whole number from 0 to 3600000'],
	[
		{ fault: 'delay', ms: 1, jitter: 5 },
		'faults[0].jitter: "delay" has no such field; it may have "fault", "ms", "jitterMs" or "when"'
	],
	[
		{ fault: 'delay', ms: 1, when: { response: 1 } },
		`faults[0].when.response: "delay" cannot happen at that moment; use ${listed}`
	],
	[{ fault: 'drop', code: 1004 }, `faults[0].code: 1004 ${codes}`],
	[{ fault: 'drop', code: 1005 }, `faults[0].code: 1005 ${codes}`],
	[{ fault: 'drop', code: 2999 }, `faults[0].code: 2999 ${codes}`],
	[{ fault: 'drop', code: '1011' }, `faults[0].code: "1011" ${codes}`],
	[{ fault: 'drop', code: null }, `faults[0].code: null ${codes}`],
	[
		{ fault: 'drop', code: 1006, reason: 'torn' },
		'faults[0].reason: a socket that is torn (1006) gives no reason; leave it out, or use another code'
	],
	[
		{ fault: 'drop', reason: 'torn' },
		'faults[0].reason: a socket that is torn (1006) gives no reason; leave it out, or use another code'
	],
	[
		{ fault: 'drop', code: 1011, reason: 'x'.repeat(124) },
		`faults[0].reason: "${'x'.repeat(59)}... is not a text of at most 123 ASCII characters`
	],
	[
		{ fault: 'drop', code: 1011, reason: 'ende\n' },
		'faults[0].reason: "ende\\n" is not a text of at most 123 ASCII characters'
	],
	[{ fault: 'drop', when: 'later' }, `faults[0].when: "later" is not an object; give it ${listed}`],
	[{ fault: 'drop', when: {} }, `faults[0].when: it names no moment; give it one of ${listed}`],
	[
		{ fault: 'drop', when: { afterMs: 1, event: 'any' } },
		`faults[0].when: it names several moments; give it one of ${listed}`
	],
	[
		{ fault: 'drop', when: { afterMs: 1, nth: 2 } },
		'faults[0].when.nth: a moment named by "afterMs" has no such field; it may have "afterMs", "probability" or "every"'
	],
	[
		{ fault: 'drop', when: { afterMs: 0, every: true } },
		'faults[0].when.afterMs: 0 is not a whole number from 1 to 3600000'
	],
	[
		{ fault: 'drop', when: { event: 'response.audio.delta' } },
		'faults[0].when.event: "response.audio.delta" is a name of the retired beta; use "response.output_audio.delta"'
	],
	[
		{ fault: 'drop', when: { event: 'response.create' } },
		'faults[0].when.event: "response.create" is no server event; use a type as it is on the wire, such as ' +
			'"response.output_audio.delta", or "any"'
	],
	[
		{ fault: 'drop', when: { clientEvent: 'response.done' } },
		'faults[0].when.clientEvent: "response.done" is no client event; use a type as it is on the wire, such as ' +
			'"input_audio_buffer.append", or "any"'
	],
	[{ fault: 'drop', when: { event: 'any', nth: 0 } }, 'faults[0].when.nth: 0 is not a whole number from 1 to 1000000'],
	[
		{ fault: 'drop', when: { event: 'any', probability: 1.1 } },
		'faults[0].when.probability: 1.1 is not a number from 0 to 1'
	],
	[{ fault: 'drop', when: { event: 'any', every: 1 } }, 'faults[0].when.every: 1 is neither true nor false'],
	[
		{ fault: 'rate_limit', when: { event: 'any' } },
		'faults[0].when.event: "rate_limit" cannot happen at that moment; use "response"'
	],
	[
		{ fault: 'server_error', when: { afterMs: 5 } },
		'faults[0].when.afterMs: "server_error" cannot happen at that moment; use "response"'
	],
	[{ fault: 'server_error', as: 'crash' }, 'faults[0].as: "crash" is not known; use "response" or "event"'],
	[{ fault: 'malformed', as: null }, 'faults[0].as: null is not known; use "cut" or "html"'],
	[{ fault: 'expire', announce: 'yes' }, 'faults[0].announce: "yes" is neither true nor false'],
	[{ fault: 'silence', forMs: 0 }, 'faults[0].forMs: 0 is not a whole number from 1 to 3600000']
];

describe('faults as JSON', () => {
	it.each(valid)('fills in what %j leaves out', (written, means) => {
		expect(parse([written])).toEqual([means]);
		expect(validate([written]), JSON.stringify(validate.errors)).toBe(true);
	});

	it.each(invalid)('refuses %j', (written, says) => {
		expect(errorOf(parseFaults([written]))).toBe(says);
		expect(validate([written])).toBe(false);
	});

	it('names the place in a list, and refuses what is no list', () => {
		expect(errorOf(parseFaults([{ fault: 'drop' }, { fault: 'delay' }]))).toMatch(/^faults\[1\]\.ms: /);
		for (const value of [{ fault: 'drop' }, null, 'drop']) {
			expect(errorOf(parseFaults(value))).toMatch(/is not a list of faults$/);
			expect(validate(value)).toBe(false);
		}
	});

	it('means the same when it is read again', () => {
		fc.assert(
			fc.property(fc.array(anyFault()), (faults) => {
				expect(parse(parse(faults))).toEqual(parse(faults));
				expect(validate(parse(faults)), JSON.stringify(validate.errors)).toBe(true);
			})
		);
	});

	it('knows the same events as its schema', () => {
		const { event, clientEvent } = schema.definitions;
		expect([...event.properties.event.enum].sort()).toEqual(
			[...new Set(['any', ...SERVER_EVENT_TYPES, ...TRANSLATION_SERVER_EVENTS])].sort()
		);
		expect([...clientEvent.properties.clientEvent.enum].sort()).toEqual(
			['any', ...CLIENT_EVENT_TYPES, ...TRANSLATION_CLIENT_EVENTS].sort()
		);
		for (const type of event.properties.event.enum) parse([{ fault: 'drop', when: { event: type } }]);
		for (const type of clientEvent.properties.clientEvent.enum) parse([{ fault: 'drop', when: { clientEvent: type } }]);
	});
});

describe('faults as a short text', () => {
	const same: [text: string, json: unknown[]][] = [
		['delay:200~50', [{ fault: 'delay', ms: 200, jitterMs: 50 }]],
		[
			'drop:1011@response.created/2,delay:200',
			[
				{ fault: 'drop', code: 1011, when: { event: 'response.created', nth: 2 } },
				{ fault: 'delay', ms: 200 }
			]
		],
		[
			'malformed:html@every:any?0.01',
			[{ fault: 'malformed', as: 'html', when: { event: 'any', every: true, probability: 0.01 } }]
		],
		['rate_limit@every:response/2', [{ fault: 'rate_limit', when: { response: 2, every: true } }]],
		['rate_limit@response', [{ fault: 'rate_limit' }]],
		['server_error:event@1500ms', [{ fault: 'server_error', as: 'event', when: { afterMs: 1500 } }]],
		['expire:announce', [{ fault: 'expire', announce: true }]],
		[
			'slow_consumer:3000@client:response.create',
			[{ fault: 'slow_consumer', forMs: 3000, when: { clientEvent: 'response.create' } }]
		],
		[' silence , drop ', [{ fault: 'silence' }, { fault: 'drop' }]],
		['none', []],
		['', []]
	];

	it.each(same)('reads %s', (text, json) => {
		expect(parseFaultText(text)).toEqual({ faults: parse(json) });
	});

	it('is written as it is read', () => {
		fc.assert(
			fc.property(fc.array(anyFault()), (written) => {
				// A reason has no place in the short form.
				const faults = parse(written.map((fault) => ('reason' in fault ? { ...fault, reason: undefined } : fault)));
				expect(parseFaultText(faults.map(describeFault).join(','))).toEqual({ faults });
			})
		);
	});

	it('survives the query of a URL without being escaped', () => {
		const text = 'delay:200~50,malformed@every:any/2?0.5';
		const url = new URL(`ws://127.0.0.1/v1/realtime?model=gpt-realtime&earshot-faults=${text}`);
		expect(url.searchParams.get('earshot-faults')).toBe(text);
		expect(url.href).toContain(text);
	});

	const refused: [text: string, says: string][] = [
		['drop:999', `In "drop:999": faults[0].code: 999 ${codes}`],
		['drop,delay', 'In "delay": faults[1].ms: is missing; write a whole number from 0 to 3600000'],
		['delay:fast', 'In "delay:fast": faults[0]: "fast" is not for "delay"; write it as delay:200~50'],
		['delay:200+-50', 'In "delay:200+-50": faults[0]: "200+-50" is not for "delay"; write it as delay:200~50'],
		['rate_limit:5', 'In "rate_limit:5": faults[0]: "rate_limit" takes nothing after a colon, but has "5"'],
		[
			'hiccup:3',
			'In "hiccup:3": faults[0].fault: "hiccup" is not known; use "delay", "drop", "rate_limit", "server_error", ' +
				'"malformed", "expire", "slow_consumer" or "silence"'
		],
		[
			'drop@response.created#2',
			'In "drop@response.created#2": faults[0].when: "response.created#2" is no moment; write it as 5000ms, ' +
				'response/2, response.output_audio.delta/3 or client:response.create'
		],
		['drop@a@b', 'In "drop@a@b": faults[0]: it has more than one "@"; put a comma between two faults'],
		['drop,,drop', 'In "": faults[1].fault: "" is not known']
	];

	it.each(refused)('refuses %s', (text, says) => {
		expect(errorOf(parseFaultText(text))).toContain(says);
	});
});

describe('what a connection asks for', () => {
	it('may be the short form or JSON, one fault or several', () => {
		const faults = parse([{ fault: 'drop', code: 1011 }]);
		for (const text of ['drop:1011', '[{"fault":"drop","code":1011}]', ' {"fault":"drop","code":1011}']) {
			expect(readFaults(text)).toEqual({ faults });
		}
		expect(readFaults('[]')).toEqual({ faults: [] });
	});

	it('says what is wrong with either', () => {
		expect(errorOf(readFaults('[{"fault":"drop",]'))).toMatch(
			/^faults: they are neither JSON \(.+\) nor in the short form$/
		);
		expect(errorOf(readFaults('[{"fault":"drop","code":1}]'))).toBe(`faults[0].code: 1 ${codes}`);
		expect(errorOf(readFaults('drop:1'))).toBe(`In "drop:1": faults[0].code: 1 ${codes}`);
	});
});
