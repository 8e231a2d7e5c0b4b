import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { findEventDefinition, gaType, isSentBy } from './catalog.ts';
import * as stream from './media-stream.ts';
import { parseEvent } from './parse-event.ts';

const typeOf = (body: object) => stream.mediaStreamType(body as JsonObject);

describe('the type of a message', () => {
	test.each<[object, string | undefined]>([
		[{ event: 'media', streamSid: 'MZ1', media: {} }, 'twilio.media'],
		[{ event: 'start', stream_id: 'a' }, 'telnyx.start'],
		[{ event: 'dtmf', stream_sid: 'a' }, 'exotel.dtmf'],
		[{ event: 'connected', protocol: 'Call', version: '1.0.0' }, 'twilio.connected'],
		[{ event: 'media', media: { payload: '' } }, 'twilio.media'],
		[{ event: 'mark', mark: { name: 'a' } }, 'twilio.mark'],
		[{ event: 'clear' }, 'twilio.clear'],
		[{ event: 'clear', other: 1 }, undefined],
		[{ event: 'start' }, undefined],
		[{ event: 'connected' }, undefined],
		[{ event: 'media', media: 'x' }, undefined],
		[{ event: 'toString', streamSid: 'a' }, undefined],
		[{ event: { event: 'media' }, streamSid: 'a' }, undefined],
		[{ streamSid: 'a' }, undefined]
	])('%j is %s', (body, type) => {
		expect(typeOf(body)).toBe(type);
		const parsed = parseEvent(JSON.stringify(body));
		expect(parsed.ok ? parsed.value.type : undefined).toBe(type);
	});

	test('is the one that it has, when it has one', () => {
		expect(parseEvent('{"type":"a","event":"clear"}')).toMatchObject({ value: { type: 'a' } });
		expect(parseEvent('{"type":1,"event":"media","streamSid":"a"}').ok).toBe(false);
	});

	test('is folded as Twilio’s, and is in the catalog', () => {
		for (const service of ['twilio', 'telnyx', 'exotel']) expect(gaType(`${service}.media`)).toBe('twilio.media');
		expect(gaType('telnyx.media.x')).toBe('telnyx.media.x');
		for (const event of ['connected', 'start', 'media', 'dtmf', 'mark', 'stop', 'clear', 'error']) {
			expect(findEventDefinition(`twilio.${event}`)?.about).toBeTruthy();
		}
		const senders = (type: string) => (['client', 'server', 'console'] as const).filter((from) => isSentBy(from, type));
		expect(senders('twilio.media')).toEqual(['client', 'server']);
		expect(senders('twilio.clear')).toEqual(['client']);
		expect(senders('twilio.start')).toEqual(['server']);
		expect(senders('earshot.audio')).toEqual(['console']);
		expect(senders('nobody.knows')).toEqual([]);
	});
});

test.each<[object, 'client' | 'server' | undefined]>([
	[{ event: 'start' }, 'server'],
	[{ event: 'clear' }, 'client'],
	[{ event: 'media', sequenceNumber: '1', media: {} }, 'server'],
	[{ event: 'mark', sequence_number: 1 }, 'server'],
	[{ event: 'mark', mark: { name: 'a' } }, 'client'],
	[{ event: 'media', media: { payload: '' } }, 'client'],
	[{ event: 'media', media: { payload: '', track: 'outbound' } }, undefined],
	[{ event: 'media', media: { payload: '', timestamp: '5' } }, undefined]
])('%j is from %s', (body, from) => {
	expect(stream.mediaStreamSender(body as JsonObject)).toBe(from);
});

test('a time is what is a time', () => {
	const timeOf = (timestamp: unknown) => stream.mediaStreamTimeMs({ media: { timestamp } });
	expect(['0', '12345', 20, '1e5', '-1', -1, '', null, '9'.repeat(400)].map(timeOf)).toEqual([
		...[0, 12345, 20],
		...Array<undefined>(6).fill(undefined)
	]);
});

test.each<[object, JsonObject | undefined]>([
	[{}, { type: 'audio/pcmu' }],
	[{ mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 } }, { type: 'audio/pcmu' }],
	[{ media_format: { encoding: 'PCMA', sample_rate: 8000 } }, { type: 'audio/pcma' }],
	[{ media_format: { encoding: 'L16', sample_rate: 16000 } }, { type: 'audio/pcm', rate: 16000 }],
	[{ media_format: { encoding: 'audio/x-raw', sample_rate: '8000' } }, { type: 'audio/pcm', rate: 8000 }],
	[{ media_format: { encoding: 'OPUS' } }, undefined]
])('the format of %j', (start, format) => {
	expect(stream.mediaStreamFormat({ start }).format).toEqual(format);
});

test('nothing that a message holds stops any of it', () => {
	const keys = fc.constantFrom('event', 'streamSid', 'stream_id', 'media', 'mark', 'start', 'sequenceNumber');
	const values = fc.oneof(fc.jsonValue(), fc.constantFrom('media', 'start', 'mark', 'clear'));
	fc.assert(
		fc.property(fc.dictionary(keys, values), (body) => {
			stream.mediaStreamType(body);
			stream.mediaStreamSender(body);
			stream.mediaStreamTrack(body, 'server');
			stream.mediaStreamTimeMs(body);
			stream.mediaStreamFormat(body);
			stream.mediaStreamId(body);
		})
	);
});
