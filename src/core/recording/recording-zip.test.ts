import { describe, expect, test } from 'vitest';
import { MemoryLog } from './recording-log.ts';
import { parseManifest, TrackCodings } from './recording-zip.ts';
import { findWavData, formatWavFrame, MOST_WAV_DATA_BYTES, type TrackCoding } from './track-wav.ts';

describe('a track as a WAV file', () => {
	const PCM16: TrackCoding = { coding: 'pcm16', rate: 24_000 };

	test('of PCM16 says what is in it', () => {
		const { header, padding } = formatWavFrame(960, PCM16);
		const wav = Buffer.from(header);
		expect([wav.length, padding.length]).toEqual([44, 0]);
		expect([wav.toString('latin1', 0, 4), wav.readUInt32LE(4), wav.toString('latin1', 8, 16)]).toEqual([
			'RIFF',
			996,
			'WAVEfmt '
		]);
		expect([16, 20, 22, 32, 34].map((at) => wav.readUInt16LE(at))).toEqual([16, 1, 1, 2, 16]);
		expect([24, 28].map((at) => wav.readUInt32LE(at))).toEqual([24_000, 48_000]);
		expect([wav.toString('latin1', 36, 40), wav.readUInt32LE(40)]).toEqual(['data', 960]);
	});

	test.each([
		['mu-law', 7],
		['a-law', 6]
	] as const)('of %s says so, and how many samples there are', (coding, code) => {
		const wav = Buffer.from(formatWavFrame(161, { coding, rate: 8000 }).header);
		expect([16, 20, 22, 32, 34, 36].map((at) => wav.readUInt16LE(at))).toEqual([18, code, 1, 1, 8, 0]);
		expect([24, 28].map((at) => wav.readUInt32LE(at))).toEqual([8000, 8000]);
		expect([wav.toString('latin1', 38, 42), wav.readUInt32LE(46)]).toEqual(['fact', 161]);
		expect([wav.toString('latin1', 50, 54), wav.readUInt32LE(54), wav.length]).toEqual(['data', 161, 58]);
	});

	test('of odd length is padded, and only the whole counts that', () => {
		const { header, padding } = formatWavFrame(7, PCM16);
		const wav = Buffer.from(header);
		expect([wav.readUInt32LE(4), wav.readUInt32LE(40), padding]).toEqual([36 + 8, 7, new Uint8Array(1)]);
	});

	test('as long as may be has sizes of 32 bits', () => {
		for (const coding of ['pcm16', 'mu-law'] as const) {
			const { header, padding } = formatWavFrame(MOST_WAV_DATA_BYTES, { coding, rate: 8000 });
			const riff = new DataView(header.buffer).getUint32(4, true);
			expect(riff).toBe(header.length - 8 + MOST_WAV_DATA_BYTES + padding.length);
		}
	});

	test('is found again, also behind what other tools put before it', () => {
		for (const coding of ['pcm16', 'a-law'] as const) {
			const { header } = formatWavFrame(100, { coding, rate: 8000 });
			expect(findWavData(header, 1000)).toEqual({ ok: true, value: { start: header.length, length: 100 } });
		}
		const list = Buffer.from('RIFF\0\0\0\0WAVELIST\x05\0\0\0abcde\0data\xff\xff\xff\xff', 'latin1');
		expect(findWavData(list, 50)).toEqual({ ok: true, value: { start: 34, length: 16 } });
	});

	test.each([
		['nothing', ''],
		['something else', 'RIFF\0\0\0\0AVI LIST'],
		['no data', 'RIFF\0\0\0\0WAVEfmt \x10\0\0\0'],
		['a chunk that goes on and on', 'RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xffdata\0\0\0\0']
	])('is not found in %s', (_case, text) => {
		expect(findWavData(Buffer.from(text, 'latin1'), 1000).ok).toBe(false);
	});
});

describe('how a track is coded', () => {
	const codingsOf = (messages: readonly (readonly ['client' | 'server' | 'console', object])[]) => {
		const log = new MemoryLog();
		const codings = new TrackCodings();
		for (const [from, body] of messages) {
			codings.add(log.append({ seq: log.length, at: 0, from, raw: JSON.stringify(body) }).entry);
		}
		return { caller: codings.of('caller'), model: codings.of('model') };
	};
	const append = ['client', { type: 'input_audio_buffer.append', audio: 'AAAA' }] as const;
	const delta = ['server', { type: 'response.output_audio.delta', delta: 'AAAA' }] as const;
	const PCM16 = { coding: 'pcm16', rate: 24_000 };
	const MU_LAW = { coding: 'mu-law', rate: 8000 };
	const format = (type: string, rate?: number) => ({ format: { type, ...(rate && { rate }) } });

	test('is 24 kHz PCM16 where nobody says otherwise', () => {
		expect(codingsOf([])).toEqual({ caller: [{ from: 0, ...PCM16 }], model: [{ from: 0, ...PCM16 }] });
		expect(codingsOf([append, delta])).toEqual(codingsOf([]));
	});

	test('is said by the server, for each direction, and may change', () => {
		const audio = { input: format('audio/pcmu'), output: format('audio/pcm', 16_000) };
		const codings = codingsOf([
			['server', { type: 'session.created', session: { audio } }],
			// What the client asks for is not in force.
			['client', { type: 'session.update', session: { audio: { input: format('audio/pcma') } } }],
			append,
			delta,
			['server', { type: 'session.updated', session: { audio: {} } }],
			append,
			append
		]);
		expect(codings.caller).toEqual([
			{ from: 0, ...MU_LAW },
			{ from: 3, ...PCM16 }
		]);
		expect(codings.model).toEqual([{ from: 0, coding: 'pcm16', rate: 16_000 }]);
	});

	test('is that of the retired beta, too', () => {
		const session = { input_audio_format: 'g711_ulaw', output_audio_format: 'g711_alaw' };
		expect(codingsOf([['server', { type: 'session.created', session }], append, delta])).toEqual({
			caller: [{ from: 0, ...MU_LAW }],
			model: [{ from: 0, coding: 'a-law', rate: 8000 }]
		});
	});

	test('is that of a telephone service', () => {
		const media = (track: string) =>
			['server', { event: 'media', streamSid: 's', media: { track, payload: 'AAAA' } }] as const;
		const start = {
			event: 'start',
			streamSid: 's',
			start: { mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 } }
		};
		expect(codingsOf([['server', start], media('inbound'), media('outbound')])).toEqual({
			caller: [{ from: 0, ...MU_LAW }],
			model: [{ from: 0, ...MU_LAW }]
		});
	});

	test('of audio without messages is always the same', () => {
		const session = { audio: { input: format('audio/pcmu'), output: format('audio/pcmu') } };
		const own = ['console', { type: 'earshot.audio', track: 'caller', audio: 'AAAA' }] as const;
		expect(codingsOf([['server', { type: 'session.created', session }], own]).caller).toEqual([{ from: 0, ...PCM16 }]);
	});
});

test('a manifest is read with care', () => {
	const sha256 = 'A'.repeat(64);
	const files = {
		'caller.wav': { sha256, bytes: 1 },
		'model.wav': { sha256: 'short', bytes: 1 },
		'recording.jsonl': { sha256, bytes: '1' },
		'../other': { sha256, bytes: 1 }
	};
	expect(parseManifest(JSON.stringify({ earshot: 1, files }))).toEqual({
		ok: true,
		value: { earshot: 1, files: { 'caller.wav': { sha256: sha256.toLowerCase(), bytes: 1 } } }
	});
	for (const text of ['', '{', '[]', '{"earshot":1}', '{"files":{}}', '{"earshot":1,"files":[]}']) {
		expect(parseManifest(text).ok).toBe(false);
	}
});
