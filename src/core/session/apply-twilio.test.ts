import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldLog } from '../../../tests/fixtures/session-script.ts';
import { TWILIO_LOG } from '../recording/import/testing/log-samples.ts';
import { readWhole } from '../recording/import/testing/read-whole.ts';
import { TWILIO_FORMAT } from '../recording/import/twilio.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { deriveInterruptionMarkers } from '../timeline/interruption-markers.ts';
import { deriveCallerPlacements, deriveModelPlacements, type Placement } from '../timeline/placements.ts';
import { deriveEventRow } from './event-row.ts';
import type { Session } from './session-model.ts';

const mulaw = (ms: number) => Buffer.alloc(ms * 8, 0xff).toString('base64');

/** A call being written: what the service sends and what it is sent, at the present time. */
class CallScript {
	readonly log = new MemoryLog();
	#now = 0;

	at(ms: number): this {
		this.#now = ms;
		return this;
	}

	message(from: 'client' | 'server', body: object): this {
		const raw = JSON.stringify({ ...body, streamSid: 'MZ1' });
		this.log.append({ seq: this.log.length, at: this.#now, from, raw });
		return this;
	}

	starts(encoding = 'audio/x-mulaw'): this {
		const start = { callSid: 'CA1', mediaFormat: { encoding, sampleRate: 8000, channels: 1 } };
		return this.message('server', { event: 'start', sequenceNumber: '1', start });
	}

	hears(ms: number, track = 'inbound'): this {
		return this.message('server', { event: 'media', sequenceNumber: '2', media: { track, payload: mulaw(ms) } });
	}

	says(ms: number): this {
		return this.message('client', { event: 'media', media: { payload: mulaw(ms) } });
	}

	clears(): this {
		return this.message('client', { event: 'clear' });
	}

	session(): Session {
		return foldLog(this.log);
	}
}

function placed(placements: readonly Placement[]): string[] {
	return placements.map(
		(p) => `${p.startMs}-${p.endMs}: ${p.estimated ? 'about ' : ''}${p.state} ${p.offset}+${p.length}`
	);
}

const model = (session: Session) => placed(deriveModelPlacements(session));
const caller = (session: Session) => placed(deriveCallerPlacements(session));
const call = () => new CallScript().starts();

test('the call becomes the session, its audio 8 bytes a millisecond', () => {
	const session = call().session();
	expect(session.config).toMatchObject({
		audio: { input: { format: { type: 'audio/pcmu' } }, output: { format: { type: 'audio/pcmu' } } },
		start: { callSid: 'CA1' }
	});
	expect(session.problems).toEqual([]);
});

test('the caller’s audio lies where it was captured', () => {
	const session = call().at(20).hears(20).at(40).hears(20).at(61).hears(20).at(2000).hears(20).session();
	expect(caller(session)).toEqual(['0-60: heard 0+480', '1980-2000: heard 480+160']);
	expect(model(session)).toEqual([]);
});

describe('what the application says', () => {
	test('is played when it arrives, at its pace, as an estimate', () => {
		expect(model(call().at(1000).says(200).at(1010).says(300).at(1200).hears(20).session())).toEqual([
			'1000-1200: about heard 0+1600',
			'1200-1500: about pending 1600+2400'
		]);
		expect(model(call().at(1000).says(200).at(1010).says(300).at(1700).hears(20).session())).toEqual([
			'1000-1500: about heard 0+4000'
		]);
	});

	test('begins anew after a pause', () => {
		const session = call().at(0).says(100).at(340).says(100).at(1000).says(100).at(2000).hears(20).session();
		expect(session.utterances.map((utterance) => utterance.playback.state)).toEqual(['ended', 'playing']);
		expect(model(session)).toEqual(['0-200: about heard 0+1600', '1000-1100: about heard 1600+800']);
	});

	test('is cut off by a clear, which is an interruption', () => {
		const session = call().at(1000).says(3000).at(1500).clears().at(1600).says(400).at(5000).hears(20).session();
		expect(model(session)).toEqual([
			'1000-1500: about heard 0+4000',
			'1500-1600: about unheard 4000+800',
			'1600-2000: about heard 24000+3200'
		]);
		expect(deriveInterruptionMarkers(session)).toMatchObject([
			{ atMs: 1500, playedMs: 500, receivedMs: 3000, estimated: true, label: 'heard about 0.50 of 3.00 s' }
		]);
	});

	test('is not cut off by a clear that comes when all was played, or before anything was said', () => {
		const session = call().clears().at(1000).says(300).at(1300).clears().at(1400).clears().session();
		expect(session.interruptions).toEqual([]);
		expect(model(session)).toEqual(['1000-1300: about heard 0+2400']);
	});

	test('is never heard when the call ends first', () => {
		const session = call().at(0).says(500).at(200).message('server', { event: 'stop', sequenceNumber: '9' }).session();
		expect(model(session)).toEqual(['0-200: about heard 0+1600', '200-500: about unheard 1600+2400']);
		expect(session.interruptions).toEqual([]);
	});

	test('lies where it was heard, when the service sends it', () => {
		const session = call()
			.at(20)
			.hears(20, 'outbound')
			.hears(20)
			.at(40)
			.hears(20, 'outbound')
			.at(60)
			.hears(20)
			.session();
		expect(model(session)).toEqual(['0-40: about heard 0+320']);
		expect(caller(session)).toEqual(['0-40: heard 0+320']);
	});
});

test('a log that begins in the middle of a call is mu-law', () => {
	const session = new CallScript().at(20).hears(20).says(40).at(100).hears(20).session();
	expect(caller(session)).toEqual(['0-40: heard 0+320']);
	expect(model(session)).toEqual(['20-60: about heard 0+320']);
});

test('a coding that cannot be played is told of, and its audio is laid nowhere', () => {
	const session = new CallScript().starts('OPUS').at(20).hears(20).says(20).session();
	expect(session.problems).toMatchObject([
		{ code: 'audio_format', message: expect.stringContaining('OPUS') as string }
	]);
	expect([caller(session), model(session)]).toEqual([[], []]);
});

test('an error is a problem', () => {
	const payload = { code: 100003, title: 'malformed_frame', detail: 'The frame is malformed.' };
	expect(call().message('server', { event: 'error', payload }).session().problems).toMatchObject([
		{ message: 'The frame is malformed.' }
	]);
});

test('a log of a stream is folded whole, and its rows tell what happened', () => {
	const log = new MemoryLog();
	for (const message of readWhole(TWILIO_FORMAT, TWILIO_LOG).connections[0]!.messages)
		log.append({ seq: 0, ...message });
	const session = foldLog(log);
	expect(session.problems).toEqual([]);
	expect(caller(session)).toEqual(['0-60: heard 0+480']);
	expect(session.utterances).toHaveLength(1);
	const rows = Array.from({ length: log.length }, (_, index) => deriveEventRow(log.entry(index)));
	expect(rows.map(({ type, family, summary }) => `${type} ${family} ${summary}`.trim())).toEqual([
		'twilio.connected session',
		'twilio.start session CA1',
		...Array<string>(2).fill('twilio.media audio 160 bytes of audio'),
		'twilio.media audio 160 bytes of audio',
		'twilio.mark input a',
		'twilio.media audio 160 bytes of audio',
		'twilio.mark input a',
		'twilio.clear input',
		'twilio.dtmf input 1',
		'twilio.stop session CA1'
	]);
	for (let index = 0; index < log.length; index++) expect(log.raw(index)).toBe(TWILIO_LOG.split('\n')[index]);
});

test('nothing that a call holds stops the fold', () => {
	const inner = fc.dictionary(
		fc.constantFrom('payload', 'track', 'timestamp', 'mediaFormat', 'media_format', 'name', 'encoding'),
		fc.oneof(
			fc.constantFrom('AAAA', '//8=', 'outbound', 'inbound', '5'),
			fc.jsonValue(),
			fc.constant({ encoding: 'L16', sampleRate: 1e308 })
		)
	);
	const message = fc.record({
		from: fc.constantFrom('client' as const, 'server' as const, 'console' as const),
		wait: fc.nat(400),
		body: fc.record(
			{
				event: fc.constantFrom('connected', 'start', 'media', 'media', 'media', 'mark', 'clear', 'stop', 'error'),
				streamSid: fc.constantFrom<unknown>('a', 5),
				media: fc.oneof(inner, fc.constant({ payload: 'AAAAAAAA' })),
				start: inner,
				payload: inner
			},
			{ requiredKeys: ['event'] }
		)
	});
	const playback = fc.record({
		from: fc.constant('console' as const),
		wait: fc.nat(400),
		body: fc.record({
			type: fc.constantFrom('earshot.playback.started', 'earshot.playback.stopped', 'earshot.playback.position'),
			item_id: fc.constantFrom('twilio-1', 'twilio-2'),
			played_samples: fc.nat(1000)
		})
	});
	fc.assert(
		fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: message }, playback), { maxLength: 30 }), (messages) => {
			const log = new MemoryLog();
			for (const { from, wait, body } of messages) {
				log.append({ seq: 0, at: log.lengthMs + wait, from, raw: JSON.stringify(body) });
			}
			const session = foldLog(log);
			for (const p of [...deriveModelPlacements(session), ...deriveCallerPlacements(session)]) {
				expect(p.endMs).toBeGreaterThan(p.startMs);
				expect(Number.isFinite(p.endMs)).toBe(true);
			}
			deriveInterruptionMarkers(session);
		}),
		{ numRuns: 500 }
	);
});
