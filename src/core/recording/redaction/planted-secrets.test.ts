import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';
import { findPlanted } from './testing/find-planted.ts';
import { makeSecret, Random, SECRET_KINDS } from './testing/made-secrets.ts';
import { plantSecrets, type PlantedSecrets } from './testing/planted-secrets.ts';

const SEEDS = [4, 5, 6];

/** All that leaves with a recording, as one text. */
function allOf({ messages, frames, headers, urls, title, note }: PlantedSecrets): string {
	const fields = headers.map(({ name, value }) => `${name}: ${value}`);
	const wire = [...messages.map(({ raw }) => raw), ...frames.map(({ base64 }) => base64)];
	return [...wire, ...fields, ...urls, title, note].join('\n');
}

function redactAll(planted: PlantedSecrets) {
	const redactor = createRedactor({});
	const redacted: PlantedSecrets = {
		messages: planted.messages.map(({ from, raw }) => ({ from, raw: redactor.message(from, raw) })),
		frames: planted.frames.map(({ from, base64 }) => ({ from, base64: redactor.binary(from, base64) })),
		headers: planted.headers.map(({ name, value }) => ({ name, value: redactor.headerValue(name, value) })),
		urls: planted.urls.map((url) => redactor.url(url)),
		title: redactor.text(planted.title, 'title'),
		note: redactor.text(planted.note, 'note'),
		planted: planted.planted
	};
	return { redacted, redactor };
}

describe.each(SEEDS)('secrets of every kind in every place, seed %i', (seed) => {
	const planted = plantSecrets(seed);
	const { redacted, redactor } = redactAll(planted);

	test('the search finds each of them in what was planted', () => {
		const found = new Set(findPlanted(allOf(planted), planted.planted));
		expect(planted.planted.map(({ what }) => what).filter((what) => !found.has(what))).toEqual([]);
		expect(planted.planted.length).toBeGreaterThan(900);
	});

	test('nothing of them is left', () => expect(findPlanted(allOf(redacted), planted.planted)).toEqual([]));

	test('nothing of them is in the account of what was taken out', () => {
		expect(findPlanted(JSON.stringify([...redactor.found, ...redactor.counts]), planted.planted)).toEqual([]);
		for (const { hint } of redactor.found) expect(hint).toMatch(/^.{0,4}… \(\d+ characters?\)$/s);
	});

	test('what was JSON is JSON, and what is no secret is there', () => {
		planted.messages.forEach(({ raw }, index) => {
			if (!isJson(raw)) return;
			const event = JSON.parse(redacted.messages[index]!.raw) as Record<string, unknown>;
			expect(Object.keys(event)).toHaveLength(Object.keys(JSON.parse(raw) as object).length);
			expect(event['event_id']).toBe((JSON.parse(raw) as Record<string, unknown>)['event_id']);
		});
		for (const { base64 } of redacted.frames) expect(atob(base64)).toContain('[redacted: ');
		for (const url of redacted.urls) expect(URL.canParse(url), url).toBe(true);
	});

	test('a second redaction changes nothing', () => {
		const again = redactAll(redacted);
		expect(again.redacted).toEqual(redacted);
		expect(again.redactor.found).toEqual([]);
	});
});

test('the search reads escapes, percent-encoding, base64 and pieces', () => {
	const secret = makeSecret(SECRET_KINDS[0]!, new Random(1));
	const hidden = [
		btoa(`x${secret.text}`),
		btoa(btoa(`xy${secret.text}`)),
		JSON.stringify(JSON.stringify(secret.text.replaceAll('k', '\\u006b'))),
		encodeURIComponent(encodeURIComponent(secret.text)).replaceAll('a', '%61'),
		`{"delta":"${secret.text.slice(0, 12)}"}\n{"delta":"${secret.text.slice(12)}"}`
	];
	for (const text of hidden) expect(findPlanted(text, [secret]), text).toEqual([secret.what]);
	expect(findPlanted(new TextEncoder().encode(secret.text), [secret])).toEqual([secret.what]);
	expect(findPlanted(secret.text.slice(0, 12), [secret])).toEqual([]);
});

describe('a secret in pieces', () => {
	const of = { item_id: 'item_1', response_id: 'resp_1', content_index: 0 };
	const send = (
		redactor: ReturnType<typeof createRedactor>,
		delta: string,
		type = 'response.output_text.delta',
		more = {}
	) => {
		const raw = redactor.message('server', JSON.stringify({ type, ...of, ...more, delta }));
		return (JSON.parse(raw) as { delta: string }).delta;
	};
	const sendAll = (deltas: readonly string[], type?: string) => {
		const redactor = createRedactor({});
		return { deltas: deltas.map((delta) => send(redactor, delta, type)), redactor };
	};

	test('goes from its beginning on, and counts once', () => {
		const { deltas, redactor } = sendAll(['it is sk-', 'proj-Ab', 'CdEfGh123456', 'ijkl, right?', ' Yes.']);
		expect(deltas).toEqual(['it is sk-', '[redacted: api key]', '[redacted]', '[redacted], right?', ' Yes.']);
		expect(Object.fromEntries(redactor.counts)).toEqual({ 'api key': 1 });
		expect(redactor.found).toEqual([
			{ kind: 'api key', where: 'response.output_text.delta delta', hint: expect.stringMatching(/^sk-?/) }
		]);
	});

	test('under a name that came before it', () => {
		const { deltas } = sendAll(
			['{"user":"a","pass', 'word":"hun', 'ter2 \\"x', 'y","n":1', '}'],
			'response.mcp_call_arguments.delta'
		);
		expect(deltas).toEqual([
			'{"user":"a","pass',
			'word":"[redacted: password]',
			'[redacted]',
			'[redacted]","n":1',
			'}'
		]);
	});

	test('a number becomes a string, as it must inside JSON', () => {
		const { deltas } = sendAll(['{"password": 12', '3456', ',"n":1}'], 'response.function_call_arguments.delta');
		expect(deltas).toEqual(['{"password": "[redacted: password]"', '[redacted]', ',"n":1}']);
	});

	test('is not mixed up with other texts that come at the same time', () => {
		const redactor = createRedactor({});
		expect(send(redactor, 'key ek_0123')).toBe('key [redacted: client secret]');
		expect(send(redactor, '4567 is a number', undefined, { item_id: 'item_2' })).toBe('4567 is a number');
		expect(send(redactor, '4567 is a number', undefined, { content_index: 1 })).toBe('4567 is a number');
		expect(send(redactor, '4567 is a number', 'response.output_audio_transcript.delta')).toBe('4567 is a number');
		expect(send(redactor, '456789 is a key')).toBe('[redacted] is a key');
	});

	test('words that only begin as keys do stay', () => {
		const pieces = [
			'We use sk-',
			'learn',
			', risk',
			'-free, in sk-',
			'SK, and the bearer',
			' of it',
			' said: password:',
			' please'
		];
		expect(sendAll(pieces).deltas).toEqual(pieces);
	});

	test('what is remembered has a limit, and the oldest is forgotten', () => {
		const redactor = createRedactor({});
		const begin = (n: number) => send(redactor, `x sk-proj-AbC${n}`, undefined, { item_id: `item_${n}` });
		const end = (n: number) => send(redactor, 'dEfGh12345', undefined, { item_id: `item_${n}` });
		for (let n = 0; n < 300; n++) expect(begin(n)).toBe('x [redacted: api key]');
		expect(end(299)).toBe('[redacted]');
		expect(end(44 + 1)).toBe('[redacted]');
		expect(end(0)).toBe('dEfGh12345');
	});

	test('the words of its logprobs go too', () => {
		const type = 'conversation.item.input_audio_transcription.delta';
		const logprobs = [
			{ token: 'ek_', logprob: -1, bytes: [101, 107, 95] },
			{ token: '01', logprob: -2, bytes: [48, 49] }
		];
		const raw = JSON.stringify({ type, item_id: 'a', delta: 'ek_01', logprobs, n: 1.5 });
		expect(createRedactor({}).message('server', raw)).toBe(
			`{"type":"${type}","item_id":"a","delta":"[redacted: client secret]","logprobs":[` +
				'{"token":"[redacted: client secret]","logprob":-1,"bytes":[]},' +
				'{"token":"[redacted: client secret]","logprob":-2,"bytes":[]}],"n":1.5}'
		);
	});

	test('whatever its kind and wherever it is cut, nothing usable is left', () => {
		const kinds = SECRET_KINDS.filter(({ showsAtItsEnd }) => !showsAtItsEnd);
		const cuts = fc.array(fc.nat(200), { minLength: 1, maxLength: 8 });
		const before = fc.constantFrom('', ' ', 'it is ', '"', 'x: ');
		const after = fc.constantFrom('', ' ', ', right?', '"}', '.');
		fc.assert(
			fc.property(fc.constantFrom(...kinds), fc.nat(), cuts, before, after, (kind, seed, at, begin, end) => {
				const { text } = makeSecret(kind, new Random(seed));
				const whole = begin + text + end;
				const places = [...new Set(at.map((place) => place % whole.length)), whole.length].sort((a, b) => a - b);
				const pieces = places
					.map((place, index) => whole.slice(places[index - 1] ?? 0, place))
					.filter((piece) => piece !== '');
				const left = sendAll(pieces)
					.deltas.join('')
					.replace(/\[redacted[^\]]*\]/g, '');
				// A beginning that all keys of a kind have may stay, and what comes before it is certain that it is one.
				for (let index = 16; index + MOST_LEFT <= text.length; index++) {
					expect(left).not.toContain(text.slice(index, index + MOST_LEFT));
				}
				expect(left.length).toBeLessThan(begin.length + end.length + 24);
			}),
			{ numRuns: 400 }
		);
	});
});

const MOST_LEFT = 6;

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
