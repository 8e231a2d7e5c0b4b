import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SESSION, SessionScript } from '../../../tests/fixtures/session-script.ts';
import type { Session } from '../session/session-model.ts';
import { deriveCallerPlacements, deriveModelPlacements } from './placements.ts';

/** Placements as the tests speak of them: when, which part of the track in ms, and whether it was heard. */
function placed(session: Session): string[] {
	return deriveModelPlacements(session).map((p) => {
		const from = p.offset / p.bytesPerMs;
		const about = p.estimated ? 'about ' : '';
		return `${p.itemId} ${p.startMs}-${p.endMs}: ${about}${p.state} ${from}-${from + p.length / p.bytesPerMs}`;
	});
}

const speaking = (ms: number) => new SessionScript().connects().at(100).modelSpeaks('resp_1', 'a', [], ms);

describe('model audio that is played here', () => {
	test('lies nowhere before it is played', () => {
		expect(placed(speaking(1000).session())).toEqual([]);
	});

	test('lies where it is played, the rest pending', () => {
		const session = speaking(1000).playback('started', 'a', 0).at(500).playback('position', 'a', 390).session();
		expect(placed(session)).toEqual(['a 100-490: heard 0-390', 'a 490-1100: pending 390-1000']);
	});

	test('is heard to its end', () => {
		const session = speaking(1000).playback('started', 'a', 0).at(1110).playback('ended', 'a', 1000).session();
		expect(placed(session)).toEqual(['a 100-1100: heard 0-1000']);
	});

	test('has a gap where it stalled', () => {
		const session = speaking(1000)
			.playback('started', 'a', 0)
			.at(360)
			.playback('stalled', 'a', 250)
			.at(700)
			.playback('resumed', 'a', 250)
			.at(1500)
			.playback('ended', 'a', 1000)
			.session();
		expect(placed(session)).toEqual(['a 100-350: heard 0-250', 'a 700-1450: heard 250-1000']);
	});

	test('is pending behind the place where it stalls', () => {
		const session = speaking(1000).playback('started', 'a', 0).at(400).playback('stalled', 'a', 250).session();
		expect(placed(session)).toEqual(['a 100-350: heard 0-250', 'a 350-1100: pending 250-1000']);
	});

	test('has an unheard end where it was stopped', () => {
		const session = speaking(3000).playback('started', 'a', 0).at(1150).playback('stopped', 'a', 1000).session();
		expect(placed(session)).toEqual(['a 100-1100: heard 0-1000', 'a 1100-3100: unheard 1000-3000']);
	});

	test('has its unheard end cut by the next answer', () => {
		const session = speaking(3000)
			.playback('started', 'a', 0)
			.at(1150)
			.playback('stopped', 'a', 1000)
			.at(1600)
			.modelSpeaks('resp_2', 'b', [], 500)
			.playback('started', 'b', 0)
			.at(2200)
			.playback('ended', 'b', 500)
			.session();
		expect(placed(session)).toEqual([
			'a 100-1100: heard 0-1000',
			'a 1100-1600: unheard 1000-1500',
			'b 1600-2100: heard 3000-3500'
		]);
	});

	test('that was stopped before its first sample is unheard', () => {
		const session = speaking(500).playback('started', 'a', 0).playback('stopped', 'a', 0).session();
		expect(placed(session)).toEqual(['a 100-600: unheard 0-500']);
	});

	const waiting = () =>
		speaking(1000)
			.modelSpeaks('resp_1', 'b', [], 500)
			.modelSpeaks('resp_1', 'c', [], 500)
			.playback('started', 'a', 0)
			.at(500)
			.playback('stopped', 'a', 400)
			.playback('stopped', 'b', 0)
			.playback('stopped', 'c', 0);

	test('that waited behind what was cut off is unheard behind it, one after another', () => {
		expect(placed(waiting().session())).toEqual([
			'a 100-500: heard 0-400',
			'a 500-1100: unheard 400-1000',
			'b 1100-1600: unheard 1000-1500',
			'c 1600-2100: unheard 1500-2000'
		]);
	});

	test('that waited in vain gives way to what is heard next', () => {
		const session = waiting().at(1300).modelSpeaks('resp_2', 'd', [], 250).playback('started', 'd', 0).session();
		expect(placed(session)).toEqual([
			'a 100-500: heard 0-400',
			'a 500-1100: unheard 400-1000',
			'b 1100-1300: unheard 1000-1200',
			'd 1300-1550: pending 2000-2250'
		]);
	});

	test('that was all heard, before what waited was stopped, is followed by it at the stop', () => {
		const session = speaking(1000)
			.modelSpeaks('resp_1', 'b', [], 500)
			.playback('started', 'a', 0)
			.at(1400)
			.playback('ended', 'a', 1000)
			.playback('stopped', 'b', 0)
			.session();
		expect(placed(session)).toEqual(['a 100-1100: heard 0-1000', 'b 1400-1900: unheard 1000-1500']);
	});

	test('keeps the bytes of interleaved items apart', () => {
		const session = new SessionScript()
			.connects()
			.modelSpeaks('resp_1', 'a', [], 250)
			.modelSpeaks('resp_2', 'b', [], 250)
			.modelSpeaks('resp_1', 'a', [], 250)
			.at(100)
			.playback('started', 'a', 0)
			.at(600)
			.playback('ended', 'a', 500)
			.playback('started', 'b', 0)
			.at(850)
			.playback('ended', 'b', 250)
			.session();
		expect(placed(session)).toEqual(['a 100-350: heard 0-250', 'a 350-600: heard 500-750', 'b 600-850: heard 250-500']);
	});
});

describe('model audio of a log without playback', () => {
	const imported = () => new SessionScript().server('session.created', { session: SESSION }).at(100);

	test('lies where it arrived, at the pace of its samples, as an estimate', () => {
		const session = imported().modelSpeaks('resp_1', 'a', [], 1000).session();
		expect(placed(session)).toEqual(['a 100-1100: about heard 0-1000']);
	});

	test('is an estimate too when the log tells of the connection', () => {
		const session = new SessionScript().console('connection.opened').at(100).modelSpeaks('r', 'a', [], 1000);
		expect(placed(session.console('connection.closed').session())).toEqual(['a 100-1100: about heard 0-1000']);
	});

	test('waits for the answer before it', () => {
		const session = imported().modelSpeaks('r', 'a', [], 1000).at(300).modelSpeaks('r', 'b', [], 500).session();
		expect(placed(session)).toEqual(['a 100-1100: about heard 0-1000', 'b 1100-1600: about heard 1000-1500']);
	});

	test('ends where the client says that it was cut', () => {
		const truncate = { item_id: 'a', content_index: 0, audio_end_ms: 600 };
		const session = imported().modelSpeaks('r', 'a', [], 1000).client('conversation.item.truncate', truncate).session();
		expect(placed(session)).toEqual(['a 100-700: about heard 0-600', 'a 700-1100: about unheard 600-1000']);
	});

	test('that was cut does not hold up the next answer, which ends its unheard rest', () => {
		const truncate = { item_id: 'a', content_index: 0, audio_end_ms: 300 };
		const session = imported().modelSpeaks('r', 'a', [], 1000).client('conversation.item.truncate', truncate);
		expect(placed(session.at(800).modelSpeaks('r', 'b', [], 500).session())).toEqual([
			'a 100-400: about heard 0-300',
			'a 400-800: about unheard 300-700',
			'b 800-1300: about heard 1000-1500'
		]);
	});
});

/** Telephone audio, 8 bytes a millisecond, is placed by whole bytes. */
const HALF_A_BYTE_MS = 0.5 / 8 + 1e-6;

test('placements lie in the track, in order, and the heard ones never overlap', () => {
	const step = fc.record({
		wait: fc.nat(400),
		ms: fc.nat(700),
		sample: fc.nat(23),
		end: fc.constantFrom('ended', 'stopped', 'stalled', 'position')
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 6 }), fc.boolean(), (steps, telephone) => {
			const g711 = { audio: { input: {}, output: { format: { type: 'audio/pcmu' } } } };
			const script = new SessionScript().connects(telephone ? g711 : SESSION);
			steps.forEach(({ wait, ms, sample, end }, n) => {
				script
					.wait(wait)
					.modelSpeaks('r', `item_${n}`, [], ms + 1)
					.playback('started', `item_${n}`, 0);
				const received = telephone ? (ms + 1) * 6 : ms + 1;
				const played = end === 'ended' ? received : Math.min(ms + sample / 24, received);
				script.wait(played).playback(end as 'ended', `item_${n}`, played);
				if (end !== 'ended') script.playback('stopped', `item_${n}`, played);
			});
			const session = script.session();
			const placements = deriveModelPlacements(session);
			const bytes = session.utterances.reduce((sum, u) => sum + u.receivedBytes, 0);
			for (const p of placements) {
				expect(Number.isInteger(p.offset) && Number.isInteger(p.length)).toBe(true);
				expect(p.offset).toBeGreaterThanOrEqual(0);
				expect(p.offset + p.length).toBeLessThanOrEqual(bytes);
				expect(p.endMs).toBeGreaterThan(p.startMs);
			}
			const heard = placements.filter((p) => p.state === 'heard');
			heard.slice(1).forEach((p, i) => expect(p.startMs).toBeGreaterThanOrEqual(heard[i]!.endMs - HALF_A_BYTE_MS));
		})
	);
});

test('the caller’s audio lies where it was captured, with its pauses', () => {
	const session = new SessionScript().connects().callerSends(400).wait(1000).callerSends(200).session();
	expect(deriveCallerPlacements(session).map((p) => [p.startMs, p.endMs, p.offset, p.length])).toEqual([
		[20, 420, 0, 19_200],
		[1420, 1620, 19_200, 9600]
	]);
});
