import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../audio/base64.ts';
import { parseBinaryText } from './binary-text.ts';

describe('bytes written as text', () => {
	it.each(['00ff3c', '00 FF 3c', '0x00, 0xff, 0x3c', '00:ff\n3c'])('are read from hex: %j', (text) => {
		expect(parseBinaryText(text, 'hex')).toEqual({ ok: true, value: Uint8Array.of(0, 255, 60) });
	});

	it.each(['+/8=', '+/8', '-_8', ' +/\n8= '])('are read from base64: %j', (text) => {
		expect(parseBinaryText(text, 'base64')).toEqual({ ok: true, value: Uint8Array.of(251, 255) });
	});

	it.each(['hex', 'base64'] as const)('may be none: %s', (notation) => {
		expect(parseBinaryText(' ', notation)).toEqual({ ok: true, value: new Uint8Array() });
	});

	it.each([
		['abc', 'hex', 'the last one has only one'],
		['0g', 'hex', '"g" is no hex digit'],
		['💥', 'hex', '"💥" is no hex digit'],
		['a', 'base64', 'whole byte'],
		['a=b', 'base64', '"=" is no base64'],
		['AB==', 'base64', 'whole byte']
	] as const)('say what is wrong with them: %j', (text, notation, words) => {
		const parsed = parseBinaryText(text, notation);
		expect(parsed.ok ? 'it was read' : parsed.error).toContain(words);
	});

	it('are the same bytes in both notations', () => {
		fc.assert(
			fc.property(fc.uint8Array(), (bytes) => {
				const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
				expect(parseBinaryText(hex, 'hex')).toEqual({ ok: true, value: bytes });
				expect(parseBinaryText(encodeBase64(bytes), 'base64')).toEqual({ ok: true, value: bytes });
			})
		);
	});
});
