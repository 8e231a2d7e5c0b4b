import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	formatSavedEvents,
	freeName,
	isSameEvent,
	LONGEST_NAME,
	parseSavedEvent,
	parseSavedEvents
} from './saved-events.ts';

const HELLO = { name: 'Hello', note: 'greets', kind: 'event', text: '{"type":"response.create"}' } as const;

describe('a file of saved events', () => {
	it('gives back what was written', () => {
		const trimmed = (maxLength: number) => fc.string({ maxLength }).map((text) => text.trim());
		const event = fc.record({
			name: trimmed(LONGEST_NAME).filter((name) => name !== ''),
			note: trimmed(300),
			kind: fc.constantFrom('event', 'script', 'hex', 'base64'),
			text: fc.string({ unit: 'binary' })
		});
		fc.assert(
			fc.property(fc.array(event), (events) => {
				expect(parseSavedEvents(formatSavedEvents(events))).toEqual({ ok: true, value: events });
			})
		);
	});

	it.each([
		['{', 'not JSON'],
		['[]', '"earshot_events" is missing'],
		['{"earshot_events":2,"events":[]}', 'reads up to 1'],
		['{"earshot_events":0,"events":[]}', 'never was'],
		[`{"earshot_events":1,"events":[${JSON.stringify(HELLO)},{"name":" "}]}`, 'Event 2 of the file: It needs a name'],
		[`{"earshot_events":1,"events":[7]}`, 'Event 1 of the file: It is no object']
	])('that is wrong says where and why: %j', (text, words) => {
		const parsed = parseSavedEvents(text);
		expect(parsed.ok ? 'it was read' : parsed.error).toContain(words);
	});

	it.each([
		[{ ...HELLO, name: 'n'.repeat(101) }, 'name is longer'],
		[{ ...HELLO, note: 'n'.repeat(1001) }, 'note is longer'],
		[{ ...HELLO, kind: 'octal' }, 'kind is none of'],
		[{ ...HELLO, text: 7 }, 'no text'],
		[{ ...HELLO, text: ' '.repeat(2_000_001) }, 'text is longer']
	])('refuses what it cannot keep', (value, words) => {
		const parsed = parseSavedEvent(value);
		expect(parsed.ok ? 'it was read' : parsed.error).toContain(words);
	});
});

describe('names of saved events', () => {
	it('that are taken get a number, and stay as short as they must be', () => {
		const taken = new Set(['Hello', 'Hello (2)', 'n'.repeat(LONGEST_NAME)]);
		expect(freeName('Other', (name) => taken.has(name))).toBe('Other');
		expect(freeName('Hello', (name) => taken.has(name))).toBe('Hello (3)');
		expect(freeName('n'.repeat(LONGEST_NAME), (name) => taken.has(name))).toBe(`${'n'.repeat(LONGEST_NAME - 4)} (2)`);
	});

	it('tell events that are the same from others', () => {
		expect(isSameEvent(HELLO, { ...HELLO })).toBe(true);
		for (const other of [{ note: '' }, { kind: 'script' as const }, { text: '' }, { name: 'Bye' }])
			expect(isSameEvent(HELLO, { ...HELLO, ...other })).toBe(false);
	});
});
