import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';
import { findInPieces } from './spread-personal.ts';

const ALL = { emails: true, phones: true, cards: true };
const PERSONAL = {
	email: 'anna.berg@example.com',
	'phone number': '+49 30 90182000',
	'card number': '4111 1111 1111 1111'
} as const;

const delta = (text: string) =>
	JSON.stringify({ type: 'response.output_audio_transcript.delta', response_id: 'r', item_id: 'i', delta: text });
const deltaOf = (raw: string) => (JSON.parse(raw) as { delta: string }).delta;

/** What is left of pieces that were foreseen and then redacted, and what was counted. */
function redact(pieces: readonly string[]) {
	const redactor = createRedactor(ALL);
	const messages = pieces.map(delta);
	for (const message of messages) redactor.foresee('server', message);
	const left = messages.map((message) => deltaOf(redactor.message('server', message)));
	return { left, counts: Object.fromEntries(redactor.counts), found: redactor.found };
}

test.each([
	['by character', /(?:)/],
	['by word', /(?<= )/],
	['by seven characters', /(?<=^(?:.{7})+)/]
])('personal data that comes in pieces is taken out from its first piece, cut %s', (_how, cut) => {
	const text = `write to ${PERSONAL.email}, call ${PERSONAL['phone number']} or charge ${PERSONAL['card number']} "now"`;
	const { left, counts, found } = redact(text.split(cut));
	const marks = left.join('').replaceAll('[redacted]', '');
	expect(marks).toBe(
		'write to [redacted: email], call [redacted: phone number] or charge [redacted: card number] "now"'
	);
	expect(counts).toEqual({ email: 1, 'phone number': 1, 'card number': 1 });
	expect(found.map(({ where, hint }) => `${where} ${hint}`)).toContain(
		'response.output_audio_transcript.delta delta anna… (21 characters)'
	);
});

test('wherever it is cut, nothing of it is left and all the rest is', () => {
	const plain = fc.constantFrom('hello ', 'at nine, ', 'ask for ', 'ü日 ', 'event_12 ', '. ');
	const parts = fc.array(
		fc.oneof(
			plain,
			fc.constantFrom(...Object.values(PERSONAL)).map((value) => `${value}; `)
		),
		{
			minLength: 1,
			maxLength: 12
		}
	);
	fc.assert(
		fc.property(parts, fc.array(fc.nat(400), { maxLength: 40 }), (words, cuts) => {
			const text = words.join('');
			const places = [...new Set([0, ...cuts.filter((at) => at < text.length), text.length])].sort((a, b) => a - b);
			const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
			const { left } = redact(pieces);
			const joined = left.join('');
			for (const value of Object.values(PERSONAL)) expect(joined).not.toContain(value.slice(0, 8));
			const isPersonal = (word: string) => Object.values(PERSONAL).some((value) => word === `${value}; `);
			const expected = words.map((word) => (isPersonal(word) ? '; ' : word)).join('');
			const kept = joined.replace(/\[redacted(?:: [a-z ]+)?\]/g, '').replace(/ {2,}/g, ' ');
			expect(kept.replaceAll(' ', '')).toBe(expected.replaceAll(' ', ''));
		})
	);
});

test('pieces of other texts that come between are none of it', () => {
	const redactor = createRedactor(ALL);
	const other = (text: string) => JSON.stringify({ type: 'response.text.delta', item_id: 'other', delta: text });
	const messages = [delta('call 030 90'), other('1820'), delta('18 20 00'), other(' is a number')];
	for (const message of messages) redactor.foresee('server', message);
	const left = messages.map((message) => deltaOf(redactor.message('server', message)));
	expect(left).toEqual(['call [redacted: phone number]', '1820', '[redacted]', ' is a number']);
});

test('a text of very many pieces is looked through in a time that grows with its length', () => {
	const pieces = Array.from({ length: 100_000 }, (_, i) => (i % 1000 === 0 ? ' a@example.com ' : 'x1 '));
	expect(findInPieces(pieces, ALL).size).toBe(100);
});
