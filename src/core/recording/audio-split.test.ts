import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyBase64, anyRaw, audioEvent, audioLikeEvent } from '../../../tests/fixtures/arbitrary.ts';
import { joinAudio, splitAudio } from './audio-split.ts';

describe('splitting and joining is the identity', () => {
	test('for every text', () => {
		fc.assert(
			fc.property(fc.constantFrom('client', 'server', 'console'), fc.oneof(anyRaw(), audioLikeEvent()), (from, raw) => {
				const split = splitAudio(from, raw);
				if (split) expect(joinAudio(split.text, split.index, split.bytes)).toBe(raw);
			}),
			{ numRuns: 1500 }
		);
	});

	test('for every message of a telephone service, and for audio without messages', () => {
		const odd = fc.constantFrom('AAB=', 'A A=', 'AAA\\u0041', '-_-_', '"', '\\/w==');
		const raws = fc
			.tuple(
				fc.oneof(anyBase64(), odd),
				fc.constantFrom('', ' ', '\n'),
				fc.constantFrom('inbound', 'outbound', 'caller', 'model')
			)
			.chain(([audio, space, track]) =>
				fc.constantFrom(
					`{"event":"media","streamSid":"a","media":{"track":"${track}",${space}"payload"${space}:${space}"${audio}"}}`,
					`{"media":{"payload":"${audio}"}${space},"event":"media"}`,
					`{"type":"earshot.audio"${space},"track":"${track}","audio":${space}"${audio}"}`
				)
			);
		fc.assert(
			fc.property(fc.constantFrom('client', 'server', 'console'), raws, (from, raw) => {
				const split = splitAudio(from, raw);
				if (split) expect(joinAudio(split.text, split.index, split.bytes)).toBe(raw);
			}),
			{ numRuns: 1000 }
		);
	});

	test('for every audio event, whose audio is taken out', () => {
		fc.assert(
			fc.property(audioEvent(), ({ from, raw }) => {
				const split = splitAudio(from, raw);
				const audio = (JSON.parse(raw) as Record<string, string>)[from === 'client' ? 'audio' : 'delta']!;
				expect(split !== undefined).toBe(audio !== '');
				if (!split) return;
				expect(split.track).toBe(from === 'client' ? 'caller' : 'model');
				expect(Buffer.from(split.bytes).toString('base64')).toBe(audio);
				expect(joinAudio(split.text, split.index, split.bytes)).toBe(raw);
				expect(JSON.parse(split.text)).toEqual({ ...JSON.parse(raw), [from === 'client' ? 'audio' : 'delta']: '' });
			})
		);
	});
});

describe('audio is found', () => {
	const found: ['client' | 'server' | 'console', string][] = [
		['client', '{"type":"input_audio_buffer.append","audio":"AAAA"}'],
		['client', '{"audio":"AAAA","type":"input_audio_buffer.append","event_id":"x"}'],
		['client', '{ "type" : "input_audio_buffer.append" ,\n "audio" :\t"AAAA" }'],
		['client', '{"type":"session.input_audio_buffer.append","audio":"AAAA"}'],
		['server', '{"type":"response.output_audio.delta","item_id":"i","delta":"AAAA"}'],
		['server', '{"delta":"AAAA","type":"response.audio.delta"}'],
		['server', '{"type":"session.output_audio.delta","delta":"AAAA"}'],
		['server', '{"event":"media","streamSid":"a","media":{"track":"inbound","payload":"AAAA"}}'],
		['server', '{"event":"media","media":{"payload" : "AAAA","timestamp":"5"},"stream_id":"a"}'],
		['client', '{"event":"media","media":{"payload":"AAAA"}}'],
		['console', '{"type":"earshot.audio","track":"model","audio":"AAAA"}']
	];
	test.each(found)('from the %s in %s', (from, raw) => {
		expect(splitAudio(from, raw)?.bytes).toEqual(new Uint8Array(3));
	});

	const left: ['client' | 'server' | 'console', string][] = [
		['server', '{"type":"input_audio_buffer.append","audio":"AAAA"}'],
		['console', '{"type":"input_audio_buffer.append","audio":"AAAA"}'],
		['client', '{"type":"response.output_audio.delta","delta":"AAAA"}'],
		['server', '{"type":"response.output_audio_transcript.delta","delta":"AAAA"}'],
		['server', '{"type":"response.output_text.delta","delta":"AAAA"}'],
		['server', '{"event":"media","streamSid":"a","payload":"AAAA"}'],
		['server', '{"event":"start","streamSid":"a","media":{"payload":"AAAA"}}'],
		['console', '{"event":"media","streamSid":"a","media":{"payload":"AAAA"}}'],
		['console', '{"type":"earshot.audio","track":"other","audio":"AAAA"}'],
		['server', '{"type":"earshot.audio","track":"model","audio":"AAAA"}'],
		['client', '{"type":"input_audio_buffer.append","audio":"AAB="}'],
		['client', '{"type":"input_audio_buffer.append","audio":"AA\\u0041A"}'],
		['client', '{"type":"input_audio_buffer.append","audio":""}'],
		['client', '{"type":"input_audio_buffer.append","audio":"AAAA']
	];
	test.each(left)('nowhere, from the %s in %s', (from, raw) => {
		expect(splitAudio(from, raw)).toBeUndefined();
	});
});

describe('the track is that of the voice', () => {
	const tracks: ['client' | 'server' | 'console', string, string][] = [
		['server', 'caller', '{"event":"media","streamSid":"a","media":{"track":"inbound","payload":"AAAA"}}'],
		['server', 'model', '{"event":"media","streamSid":"a","media":{"track":"outbound","payload":"AAAA"}}'],
		['client', 'model', '{"event":"media","streamSid":"a","media":{"payload":"AAAA"}}'],
		['console', 'caller', '{"type":"earshot.audio","track":"caller","audio":"AAAA"}'],
		['console', 'model', '{"audio":"AAAA","type":"earshot.audio","track":"model"}']
	];
	test.each(tracks)('from the %s, the %s’s, in %s', (from, track, raw) => {
		const split = splitAudio(from, raw)!;
		expect(split.track).toBe(track);
		expect(joinAudio(split.text, split.index, split.bytes)).toBe(raw);
	});
});

describe('an audio event inside another message stays where it is', () => {
	const nested: ['client' | 'server', string][] = [
		['client', '{"type":"x","inner":{"type":"input_audio_buffer.append","audio":"AAAA"}}'],
		['server', '{"type":"error","event":{"type":"response.output_audio.delta","delta":"AAAA"}}'],
		['client', '{"type":"input_audio_buffer.append","meta":{"audio":"AAAA"},"audio":"BBBB"}'],
		['server', '{"event":"media","streamSid":"a","x":{"payload":"AAAA"},"media":{"payload":"BBBB"}}'],
		['server', '{"type":"error","error":{"message":"\\"type\\":\\"response.output_audio.delta\\""},"delta":"AAAA"}']
	];
	test.each(nested)('%s: %s', (from, raw) => {
		const split = splitAudio(from, raw);
		const own = (JSON.parse(raw) as Record<string, unknown>)[from === 'client' ? 'audio' : 'delta'];
		if (split) expect(Buffer.from(split.bytes).toString('base64')).toBe(own);
	});
});
