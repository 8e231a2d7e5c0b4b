// A conversation of hours: what is drawn of it, and what the reader keeps in sight.
import { flushSync, mount, unmount } from 'svelte';
import { fromStore, writable } from 'svelte/store';
import { afterEach, expect, test, vi } from 'vitest';
import type { ConversationEntry } from '#core/timeline/conversation.ts';
import Conversation from './Conversation.svelte';

let mounted: Record<string, unknown>;
let host: HTMLElement;

afterEach(async () => {
	await unmount(mounted);
	host.remove();
});

const talk = (count: number): ConversationEntry[] =>
	Array.from({ length: count }, (_, n) => ({
		...{ itemId: `item_${n}`, role: 'user' as const, who: 'Caller', atMs: n, text: `Sentence ${n}.`, isOpen: false },
		...{ textKind: 'typed' as const, heardText: null, wasInterrupted: false, isOutOfBand: false },
		...{ hasAudio: false, status: null }
	}));

/** Shows so many entries; the returned function shows another number of them. */
function open(count: number): (count: number) => void {
	host = document.createElement('div');
	host.style.cssText = 'width: 300px; height: 400px';
	document.body.append(host);
	const store = writable(talk(count));
	const entries = fromStore(store);
	const props = {
		get entries() {
			return entries.current;
		},
		atMs: null,
		emptyText: 'Nothing yet.',
		onselect: () => undefined
	};
	mounted = mount(Conversation, { target: host, props });
	flushSync();
	return (next) => {
		store.set(talk(next));
		flushSync();
	};
}

const list = () => host.querySelector('ul')!;
const earlier = () => host.querySelector<HTMLButtonElement>('.earlier');
const drawn = () => [...host.querySelectorAll('[data-item-id]')].map((item) => item.getAttribute('data-item-id'));
const isInSight = (itemId: string) => {
	const item = host.querySelector(`[data-item-id="${itemId}"]`)?.getBoundingClientRect();
	const { top, bottom } = list().getBoundingClientRect();
	return item !== undefined && item.bottom > top && item.top < bottom;
};

test('the newest forty are drawn, and the newest is in sight', async () => {
	const show = open(250);
	expect(drawn()).toHaveLength(40);
	expect(drawn().at(-1)).toBe('item_249');
	expect(earlier()?.textContent).toBe('210 earlier');
	await vi.waitFor(() => expect(isInSight('item_249')).toBe(true));
	show(251);
	expect([drawn()[0], drawn().at(-1)]).toEqual(['item_211', 'item_250']);
	await vi.waitFor(() => expect(isInSight('item_250')).toBe(true));
	show(30);
	expect([drawn().length, earlier()]).toEqual([30, null]);
});

test('who reads back sees earlier ones, and loses nothing from sight', async () => {
	const show = open(350);
	// The list has scrolled to its end, and was told so.
	await new Promise((resolve) => list().addEventListener('scroll', resolve, { once: true }));
	expect(isInSight('item_349')).toBe(true);
	list().scrollTop = 150;
	await vi.waitFor(() => expect(drawn()[0]).toBe('item_270'));
	expect(isInSight('item_310')).toBe(false);
	await vi.waitFor(() => expect(isInSight('item_314')).toBe(true));
	show(352);
	expect([drawn()[0], drawn().at(-1)]).toEqual(['item_270', 'item_351']);
	expect(isInSight('item_314')).toBe(true);
	earlier()!.click();
	await vi.waitFor(() => expect(drawn()[0]).toBe('item_230'));
	expect(isInSight('item_314')).toBe(true);
	list().scrollTop = list().scrollHeight;
	await vi.waitFor(() => expect(drawn()).toHaveLength(40));
});
