import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutPieces } from '#simulator/speech/pieces.ts';

const textsOf = (text: string, isFirst = false): string[] => cutPieces(text, isFirst).map((piece) => piece.text);
const jointsOf = (text: string, isFirst = false): string[] => cutPieces(text, isFirst).map((piece) => piece.joint);

describe('cutPieces', () => {
	it('cuts at sentences, and long sentences at commas or words', () => {
		expect(textsOf('One. Two! Three?')).toEqual(['One.', 'Two!', 'Three?']);
		const long = textsOf(`${'word '.repeat(100)}end.`);
		expect(Math.max(...long.map((piece) => piece.length))).toBeLessThanOrEqual(200);
		expect(long.join(' ')).toBe(`${'word '.repeat(100)}end.`);
		expect(textsOf(`${'word '.repeat(30)}comma, and the rest`)).toEqual([
			`${'word '.repeat(30)}comma,`,
			'and the rest'
		]);
	});

	it('cuts a word of hundreds of letters', () => {
		for (const piece of textsOf('x'.repeat(500), true)) expect(piece.length).toBeLessThanOrEqual(200);
		const words = textsOf('x'.repeat(500)).join(' ').split(' ');
		expect(Math.max(...words.map((word) => word.length))).toBe(40);
	});

	it('has nothing to say for nothing', () => {
		expect(textsOf('  \n ')).toEqual([]);
		expect(textsOf('', true)).toEqual([]);
	});

	it('tells what lies between the pieces', () => {
		expect(jointsOf('One. Two')).toEqual(['sentence', 'sentence']);
		expect(jointsOf(`${'word '.repeat(30)}comma, and the rest,`)).toEqual(['comma', 'comma']);
		expect(jointsOf(`${'word '.repeat(60)}end.`)).toEqual(['word', 'sentence']);
	});

	it('begins with a short piece: to the first comma, or to where a phrase begins', () => {
		expect(textsOf('Hello there, how are you today? Fine.', true)).toEqual([
			'Hello there,',
			'how are you today?',
			'Fine.'
		]);
		expect(jointsOf('Hello there, how are you today?', true)).toEqual(['comma', 'sentence']);
		const weather = 'The weather over Berlin today is mostly sunny with a high of twenty two.';
		expect(cutPieces(weather, true)).toEqual([
			{ text: 'The weather over Berlin today', joint: 'word' },
			{ text: 'is mostly sunny with a high of twenty two.', joint: 'sentence' }
		]);
	});

	it.each([
		['I can help you with that right now.', 'I can help you'],
		['I heard you for 3.1 seconds.', 'I heard you'],
		[
			'Thank you for calling Example Dental, this is the front desk, how can I help?',
			'Thank you for calling Example Dental,'
		],
		['I can help you with that, just tell me your name.', 'I can help you'],
		['We came here because of the rain that day.', 'We came here'],
		['Please tell me again what it looked like then.', 'Please tell me again what it looked like then.'],
		['We came here for lunch.', 'We came here for lunch.'],
		['One two three four five six seven eight nine ten eleven twelve thirteen.', 'One two three four five six'],
		['One two three four five six seven eight nine ten eleven twelve thirteen,', 'One two three four five six']
	])('of %j says first %j', (text, first) => {
		expect(textsOf(text, true)[0]).toBe(first);
	});

	it('leaves a short sentence whole, and every later one', () => {
		expect(textsOf('I can help you right now. Or not, who knows?', true)).toEqual([
			'I can help you right now.',
			'Or not, who knows?'
		]);
		expect(textsOf('Hello there, how are you today?')).toHaveLength(1);
	});

	it('says every word once, whatever it is given', () => {
		const word = fc.string({
			unit: fc.constantFrom('a', 'Z', ',', '.', '?', '—', 'é', '😀'),
			minLength: 1,
			maxLength: 60
		});
		fc.assert(
			fc.property(fc.array(word, { maxLength: 80 }), fc.boolean(), (words, isFirst) => {
				const text = words.join(' ');
				const pieces = cutPieces(text, isFirst);
				expect(
					pieces
						.map((piece) => piece.text)
						.join('')
						.replaceAll(' ', '')
				).toBe(text.replaceAll(' ', ''));
				for (const piece of pieces) expect(piece.text.length).toBeLessThanOrEqual(200);
			})
		);
	});
});
