import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillVariables, type VariableValue } from './event-variables.ts';

const VALUES: Readonly<Record<string, VariableValue>> = {
	'last.item_id': 'item_1',
	'last.played_ms': 1840,
	'last.call_id': null,
	'session.id': 'a "quoted" \\ id\n'
};

function valueOf(name: string): VariableValue {
	return Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
}

describe('variables in an event', () => {
	it('are replaced in a string, and inside of one', () => {
		const { text } = fillVariables('{"item_id":"{{last.item_id}}","event_id":"re {{last.item_id}}"}', valueOf);
		expect(JSON.parse(text)).toEqual({ item_id: 'item_1', event_id: 're item_1' });
	});

	it('that are numbers take the place of their quotes, but only of their own string', () => {
		const { text } = fillVariables('{"audio_end_ms":"{{last.played_ms}}","text":"{{last.played_ms}} ms"}', valueOf);
		expect(JSON.parse(text)).toEqual({ audio_end_ms: 1840, text: '1840 ms' });
	});

	it('without a value stay, and are named once each', () => {
		const written = '["{{last.call_id}}", "{{last.call_id}}", "{{last.item_id}}"]';
		expect(fillVariables(written, valueOf)).toEqual({
			text: '["{{last.call_id}}", "{{last.call_id}}", "item_1"]',
			missing: ['last.call_id'],
			unknown: []
		});
	});

	it('leave other braces alone', () => {
		const written = '{"text":"{{name}} {{ last.item_id }} {{LAST}} {{constructor}}"}';
		expect(fillVariables(written, valueOf)).toEqual({ text: written, missing: [], unknown: ['name', 'constructor'] });
	});

	it('work in text that is no JSON', () => {
		expect(fillVariables('{{last.item_id}} {', valueOf).text).toBe('item_1 {');
	});

	it('cannot end the string that they stand in, whatever a server calls its things', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (value) => {
				const { text } = fillVariables('{"a":"{{v}}","b":"<{{v}}>"}', () => value);
				expect(JSON.parse(text)).toEqual({ a: value, b: `<${value}>` });
			})
		);
	});
});
