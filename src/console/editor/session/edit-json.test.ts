import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editJson, editJsonAll, standAlone } from './edit-json.ts';

const TEXT = `{
  "type": "realtime",
  "speed": 1.0,
  "name": "caf\\u00e9",
  "audio": {
    "input": { "format": { "type": "audio/pcm",   "rate": 24000 } },
    "output": {
      "voice": "marin",
      "x_vendor": [1,2]
    }
  }
}
`;

describe('what an edit leaves', () => {
	test('a value is replaced in its place, and every other character stays', () => {
		expect(editJson(TEXT, { path: ['audio', 'output', 'voice'], value: 'cedar' })).toBe(TEXT.replace('marin', 'cedar'));
	});

	test('a value that says the same already changes nothing, however it is spelled', () => {
		expect(editJson(TEXT, { path: ['speed'], value: 1 })).toBe(TEXT);
		expect(editJson(TEXT, { path: ['audio', 'input', 'format'], value: { rate: 24000, type: 'audio/pcm' } })).toBe(
			TEXT
		);
	});

	test('a new member stands last in its object, in the style of that object', () => {
		const edited = editJsonAll(TEXT, [
			{ path: ['audio', 'output', 'speed'], value: 1.2 },
			{ path: ['audio', 'input', 'turn_detection'], value: null }
		]);
		expect(edited).toBe(
			TEXT.replace('[1,2]', '[1,2],\n      "speed": 1.2').replace('24000 } }', '24000 }, "turn_detection": null }')
		);
	});

	test('what is missing on the way is made, and what is no object there is replaced', () => {
		const text = '{\n\t"audio": null\n}';
		expect(editJson(text, { path: ['audio', 'input', 'format'], value: { type: 'audio/pcmu' } })).toBe(
			'{\n\t"audio": {\n\t\t"input": {\n\t\t\t"format": {\n\t\t\t\t"type": "audio/pcmu"\n\t\t\t}\n\t\t}\n\t}\n}'
		);
		expect(editJson('{}', { path: ['output_modalities'], value: ['text'] })).toBe(
			'{\n  "output_modalities": ["text"]\n}'
		);
		expect(editJson('{"a":1}', { path: ['b', 'c'], value: { d: 2 } })).toBe('{"a":1,"b":{"c":{"d":2}}}');
	});

	test('removing takes one comma with it; the last member leaves an empty object', () => {
		expect(editJson('{ "a": 1, "b": 2 }', { path: ['a'], value: undefined })).toBe('{ "b": 2 }');
		expect(editJson('{ "a": 1, "b": 2 }', { path: ['b'], value: undefined })).toBe('{ "a": 1 }');
		expect(editJson('{ "a": 1 }', { path: ['a'], value: undefined })).toBe('{}');
		expect(editJson('{ "a": 1 }', { path: ['b', 'c'], value: undefined })).toBe('{ "a": 1 }');
	});

	test('with several members of one name the last counts, and none is left over', () => {
		const text = '{ "a": 1, "b": 0, "a": { "c": 1 } }';
		expect(editJson(text, { path: ['a', 'c'], value: 2 })).toBe('{ "a": 1, "b": 0, "a": { "c": 2 } }');
		expect(editJson(text, { path: ['a'], value: undefined })).toBe('{ "b": 0 }');
	});

	test('a session inside its event is moved to the left', () => {
		expect(standAlone('{\n  "type": "x",\n  "session": {\n    "voice": "a"\n  }\n}', 'session')).toBe(
			'{\n  "voice": "a"\n}\n'
		);
	});
});

describe('any object, any spelling', () => {
	const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '', '__proto__', 'a"\\', '\\'), fc.string({ maxLength: 4 }));
	const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>;
	const object = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value, { maxKeys: 3 })), { maxKeys: 4 });
	const indent = fc.constantFrom(undefined, 1, 2, 4, '\t');

	/** What the text must mean after the edit, made on the value. */
	function edited(of: unknown, [first, ...rest]: readonly string[], wanted: unknown): unknown {
		const isObject = typeof of === 'object' && of !== null && !Array.isArray(of);
		if (!isObject && wanted === undefined) return of;
		const entries = isObject ? Object.entries(of) : [];
		const at = entries.find(([name]) => name === first);
		if (rest.length > 0) {
			if (wanted === undefined && !at) return of;
			const inner = edited(at?.[1], rest, wanted);
			if (at) at[1] = inner;
			else entries.push([first!, inner]);
			return Object.fromEntries(entries);
		}
		if (wanted === undefined) return Object.fromEntries(entries.filter((entry) => entry !== at));
		if (at) at[1] = wanted;
		else entries.push([first!, wanted]);
		return Object.fromEntries(entries);
	}

	test('an edit means what it says, and the keys keep their order', () => {
		fc.assert(
			fc.property(
				object,
				fc.array(key, { minLength: 1, maxLength: 3 }),
				fc.option(value, { nil: undefined }),
				indent,
				(before, path, wanted, space) => {
					const after = editJson(JSON.stringify(before, null, space), { path, value: wanted });
					expect(JSON.stringify(JSON.parse(after))).toBe(
						JSON.stringify(edited(JSON.parse(JSON.stringify(before)), path, wanted))
					);
				}
			),
			{ numRuns: 500 }
		);
	});

	test('what was put in and is taken out again leaves the text as it was', () => {
		fc.assert(
			fc.property(object, value, indent, (before, wanted, space) => {
				fc.pre(Object.keys(before).length > 0 && !Object.hasOwn(before, 'new'));
				const text = JSON.stringify(before, null, space);
				const there = editJson(text, { path: ['new'], value: wanted });
				expect(editJson(there, { path: ['new'], value: undefined })).toBe(text);
			})
		);
	});
});
