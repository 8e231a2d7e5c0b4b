import { describe, expect, it } from 'vitest';
import type { HearingRequest } from '#simulator/session/ports.ts';
import { createScenarioHearing } from '#simulator/scenario/scenario-hearing.ts';
import { readScenario } from '#simulator/scenario/testing/scenario-conversation.ts';
import { VirtualClock } from '#simulator/testing/virtual-clock.ts';

const caller = ['Hello  there, you.', null, 'One'];

function open(): {
	clock: VirtualClock;
	hearing: ReturnType<typeof createScenarioHearing>;
	heard: unknown[];
	hear: (turn: number) => () => void;
} {
	const clock = new VirtualClock();
	const scenario = readScenario({ scenario: 1, name: 'mine', caller, rules: [{ say: 'x' }] });
	const hearing = createScenarioHearing({ scenario: () => scenario, schedule: clock.schedule });
	const heard: unknown[] = [];
	const hear = (spokenTurn: number): (() => void) => {
		const request: HearingRequest = { itemId: 'item', spokenTurn, samples: new Int16Array(100), rateHz: 24_000 };
		const { cancel } = hearing.hear(request, {
			onWords: (delta) => heard.push(delta),
			onDone: (transcript) => heard.push({ transcript }),
			onError: (error) => heard.push(error)
		});
		return cancel;
	};
	return { clock, hearing, heard, hear };
}

describe('the words of a scenario', () => {
	it('come word by word, and add up', () => {
		const { clock, heard, hear } = open();
		hear(1);
		expect(heard).toEqual([]);
		clock.advance(0);
		expect(heard).toEqual(['Hello', '  there,', ' you.', { transcript: 'Hello  there, you.' }]);
		expect(clock.pendingCount).toBe(0);
	});

	it.each([2, 4])('are not made up for turn %i, which has none', (turn) => {
		const { clock, hearing, heard, hear } = open();
		expect(hearing.expectedWords(turn)).toBeUndefined();
		hear(turn);
		expect(heard).toEqual([]);
		clock.advance(0);
		expect(heard).toEqual([
			{
				code: 'transcription_unavailable',
				message:
					`Nobody knows what was said in spoken turn ${turn}: the scenario "mine" gives no words for it. ` +
					'Give them as an entry of "caller" in the scenario, or set EARSHOT_STT_URL to a transcription endpoint.'
			}
		]);
	});

	it('are known before they are spoken', () => {
		const { hearing } = open();
		expect([1, 2, 3].map((turn) => hearing.expectedWords(turn))).toEqual(['Hello  there, you.', undefined, 'One']);
	});

	it('stop when they are called off, at the beginning and in between', () => {
		const { clock, hearing, heard, hear } = open();
		hear(1)();
		hear(2)();
		const { cancel } = hearing.hear(
			{ itemId: 'item', spokenTurn: 1, samples: new Int16Array(1), rateHz: 8000 },
			{
				onWords: (delta) => {
					heard.push(delta);
					cancel();
				},
				onDone: () => heard.push('done'),
				onError: () => heard.push('error')
			}
		);
		clock.advance(100);
		expect(heard).toEqual(['Hello']);
		expect(clock.pendingCount).toBe(0);
	});
});
