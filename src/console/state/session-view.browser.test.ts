// Views of a log that is longer than a slice: when they are shown, and what.
import { flushSync } from 'svelte';
import { toStore } from 'svelte/store';
import { afterEach, expect, test } from 'vitest';
import { Checkpoints } from '#core/session/checkpoints.ts';
import { foldLog, SessionScript } from '../../../tests/fixtures/session-script.ts';
import { SessionView } from './session-view.svelte.ts';
import { HeldSlices } from './testing/held-slices.ts';

/** Some thousand messages, audio among them. */
function longLog() {
	const script = new SessionScript().connects();
	for (let turn = 0; turn < 150; turn++) {
		const previous = turn === 0 ? null : `answer_${turn - 1}`;
		script.callerSpeaks(`caller_${turn}`, { fromMs: turn * 1000, ms: 400, previous });
		script.callerTranscribed(`caller_${turn}`, ['And ', 'then?']).responseBegins(`resp_${turn}`);
		script.modelBegins(`resp_${turn}`, `answer_${turn}`, `caller_${turn}`);
		script.modelSpeaks(`resp_${turn}`, `answer_${turn}`, ['Well, ', 'nothing.'], 1000).wait(600);
	}
	return script.log;
}

const log = longLog();
const isBusy = () => document.documentElement.dataset['busy'] === 'true';
const ends: (() => void)[] = [];

afterEach(() => {
	for (const end of ends.splice(0)) end();
});

function open(slicing = new HeldSlices(), checkpoints = new Checkpoints()) {
	const view = new SessionView(log, { slicing, checkpoints });
	/** Of how many events the panes were shown the fold, one after the other. */
	const shown: number[] = [];
	ends.push(
		toStore(() => view.session.eventCount).subscribe((count) => shown.push(count)),
		() => view.dispose()
	);
	return { view, shown, slicing, checkpoints };
}

test('the whole is folded slice by slice, shown in growing steps, and the page is busy meanwhile', async () => {
	const { view, shown, slicing } = open();
	const following = view.follow(true);
	expect(isBusy()).toBe(true);
	const count = await slicing.finish();
	await following;
	expect(isBusy()).toBe(false);
	expect(count).toBeGreaterThan(8);
	expect(shown.length).toBeGreaterThan(4);
	expect(shown.length).toBeLessThan(count / 2);
	expect(shown[1]).toBeLessThan(log.length / 4);
	expect(shown.at(-1)).toBe(log.length);
	expect(view.current).toEqual(foldLog(log));
});

test('of a log that is still coming, not every piece is shown; when it has come, all is', async () => {
	const { view, shown, slicing } = open();
	void view.follow(false);
	await slicing.finish();
	expect(view.current.eventCount).toBe(log.length);
	expect(shown.at(-1)).toBeLessThan(log.length);
	const following = view.follow(true);
	await slicing.finish();
	await following;
	expect(shown.at(-1)).toBe(log.length);
});

test('whoever needs all of it now waits until it is folded, and sees it', async () => {
	const { view, slicing } = open();
	void view.follow(false);
	const settled = view.settle();
	await slicing.finish();
	await settled;
	flushSync();
	expect(view.session.eventCount).toBe(log.length);
	expect(view.turns).toHaveLength(150);
});

test('a moment near by is shown at once, a far one as soon as it is folded', async () => {
	const { view, shown, slicing } = open();
	view.moveTo(100);
	flushSync();
	expect(shown).toEqual([0, 100]);
	expect(isBusy()).toBe(false);
	view.moveTo(log.length);
	flushSync();
	expect(shown).toEqual([0, 100]);
	expect(isBusy()).toBe(true);
	await slicing.finish();
	expect(shown).toEqual([0, 100, log.length]);
	expect(view.current).toEqual(foldLog(log));
	expect(isBusy()).toBe(false);
});

test('with checkpoints any moment is near, backwards too', async () => {
	const whole = open();
	const following = whole.view.follow(true);
	await whole.slicing.finish();
	await following;
	const { view } = open(whole.slicing, whole.checkpoints);
	for (const count of [2050, 4100, 1024, 5, log.length - (log.length % 1024)]) {
		view.moveTo(count);
		expect(whole.slicing.waiting).toBe(0);
		expect(view.current).toEqual(foldLog(log, count));
	}
});

test('who changes their mind on the way gets the newest, at once when it is nearer', async () => {
	const { view, shown, slicing } = open();
	view.moveTo(log.length);
	await slicing.next();
	view.moveTo(20);
	view.moveTo(40);
	await slicing.next();
	expect(shown.at(-1)).toBe(40);
	expect(await slicing.finish()).toBe(0);
	view.moveTo(log.length - 1);
	await slicing.next();
	view.moveTo(log.length);
	await slicing.finish();
	expect(shown.slice(-2)).toEqual([log.length - 1, log.length]);
});

test('a view that is thrown away folds no more', async () => {
	const { view, slicing } = open();
	void view.follow(true);
	await slicing.next();
	const { eventCount } = view.current;
	view.dispose();
	expect(await slicing.finish()).toBe(1);
	expect(view.current.eventCount).toBe(eventCount);
	expect(isBusy()).toBe(false);
});

test('what says the same stays the same object: panes draw again only what changed', async () => {
	const { view, slicing } = open();
	void view.follow(true);
	await slicing.finish();
	const before = view.conversation;
	view.publish();
	flushSync();
	expect(view.conversation).toBe(before);
	view.foldTo(log.length - 10);
	flushSync();
	expect(view.conversation).not.toBe(before);
	expect(view.conversation[0]).toBe(before[0]);
	expect(view.turns).toHaveLength(150);
});
