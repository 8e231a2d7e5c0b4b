import { describe, expect, test } from 'vitest';
import { findPersonal } from './personal-patterns.ts';

const found = (text: string, kinds: Parameters<typeof findPersonal>[1]) =>
	findPersonal(text, kinds).map(({ start, end }) => text.slice(start, end));

describe('e-mails', () => {
	test.each([
		['write to ada@example.com, please', 'ada@example.com'],
		['<ada.lovelace+x@mail.example.co.uk>', 'ada.lovelace+x@mail.example.co.uk'],
		['mailto:a_b@example.org?subject=x', 'a_b@example.org'],
		['Jörg: jörg@bücherei.example.', 'jörg@bücherei.example'],
		['"…ada@example.com"', 'ada@example.com']
	])('%s', (text, email) => expect(found(text, { emails: true })).toEqual([email]));

	test.each(['@openai/agents-realtime', 'a @ b', 'user@host', 'x@1.2.3.4', 'ada@example.com'.replace('@', ' at ')])(
		'not %s',
		(text) => expect(found(text, { emails: true })).toEqual([])
	);
});

describe('phone numbers', () => {
	test.each([
		['call +14155552671 now', '+14155552671'],
		['+49 (0)30 12345678', '+49 (0)30 12345678'],
		['+1-415-555-2671', '+1-415-555-2671'],
		['(415) 555-2671', '(415) 555-2671'],
		['415-555-2671.', '415-555-2671'],
		['415.555.2671', '415.555.2671'],
		['01 23 45 67 89', '01 23 45 67 89'],
		['Tel. 030 12345678', '030 12345678'],
		['sip:+14155552671', undefined],
		['0800 123 456', '0800 123 456']
	])('%s', (text, phone) => expect(found(text, { phones: true })).toEqual(phone === undefined ? [] : [phone]));

	test.each([
		...['1763629200000', '4917642', 'event_12345678', 'audio_end_ms: 123456789', '2026-11-20 09:00:00', '20.11.2026'],
		...[
			'12 345 678',
			'1.234.567',
			'127.0.0.1',
			'203.0.113.255',
			'candidate:1 1 udp 2122260223 192.168.1.5 50000 typ host',
			'156.0.7204.15',
			'12345678.50',
			'$ 100.000.000'
		],
		...['call_0123-4567-8901', '550e8400-e29b-41d4-a716-446655440000', '12:34:56.789', '1234-5678'],
		...['2026-11-20T09:00:00.000Z', '4111 1111 1111 1111', '1/2', '100%', '24000']
	])('not %s', (text) => expect(found(text, { phones: true })).toEqual([]));
});

describe('card numbers', () => {
	test.each([
		['4111111111111111', '4111111111111111'],
		['my card is 4111 1111 1111 1111, ok', '4111 1111 1111 1111'],
		['5500-0000-0000-0004', '5500-0000-0000-0004'],
		['378282246310005', '378282246310005'],
		['2223003122003222', '2223003122003222'],
		['6011000990139424', '6011000990139424']
	])('%s', (text, card) => expect(found(text, { cards: true })).toEqual([card]));

	test.each([
		['a wrong last digit', '4111111111111112'],
		['milliseconds', '1763629200000'],
		['microseconds', '1763629200000003'],
		['too long', '41111111111111111111'],
		['part of an id', 'item_4111111111111111'],
		['no network', '9111111111111111'],
		['a decimal', '4111111111111111.5']
	])('not %s', (_name, text) => expect(found(text, { cards: true })).toEqual([]));
});

test('only what is asked for is looked for', () => {
	expect(findPersonal('ada@example.com +14155552671 4111111111111111', {})).toEqual([]);
});
