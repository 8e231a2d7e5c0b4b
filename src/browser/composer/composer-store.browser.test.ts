import { openDB } from 'idb';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Result } from '#core/base/result.ts';
import type { SavedEvent } from '#core/protocol/saved-events.ts';
import { MOST_SENT, openComposerStore, type ComposerStore } from './composer-store.ts';

const HELLO: SavedEvent = { name: 'Hello', note: '', kind: 'event', text: '{}' };

function freshName(): string {
	const name = `composer-test-${crypto.randomUUID()}`;
	onTestFinished(() => void indexedDB.deleteDatabase(name));
	return name;
}

function open(name: string, onchange: () => void = () => undefined): ComposerStore {
	const store = openComposerStore(onchange, name);
	onTestFinished(() => store.dispose());
	return store;
}

function valueOf<T>(result: Result<T>): T {
	if (!result.ok) throw new Error(result.error);
	return result.value;
}

test('saved events outlive the store, a name is there once, and other tabs hear of it', async () => {
	const name = freshName();
	const onchange = vi.fn();
	const other = open(name, onchange);
	const store = open(name);
	valueOf(await store.putSaved([HELLO, { ...HELLO, name: 'Bye' }]));
	valueOf(await store.putSaved([{ ...HELLO, note: 'newer' }]));
	valueOf(await store.deleteSaved('Bye'));
	store.dispose();
	expect(valueOf(await other.loadSaved())).toEqual([{ ...HELLO, note: 'newer' }]);
	await vi.waitFor(() => expect(onchange).toHaveBeenCalledTimes(3));
});

test('what was sent is kept in its order, the oldest go, and it can be cleared', async () => {
	const store = open(freshName());
	const sent = (index: number) => ({ kind: 'hex' as const, text: `${index}`, sentAtMs: index });
	for (let i = 0; i < MOST_SENT + 5; i++) valueOf(await store.addSent(sent(i)));
	expect(valueOf(await store.loadSent())).toEqual(Array.from({ length: MOST_SENT }, (_, i) => sent(i + 5)));
	valueOf(await store.addSent({ ...sent(500), sent: 'other' }));
	expect(valueOf(await store.loadSent()).at(-1)).toEqual({ ...sent(500), sent: 'other' });
	valueOf(await store.clearSent());
	expect(valueOf(await store.loadSent())).toEqual([]);
});

test('rows that are none of ours are left out, and a newer database is not touched', async () => {
	const name = freshName();
	const store = open(name);
	valueOf(await store.putSaved([HELLO]));
	const raw = await openDB(name);
	await raw.put('saved', { name: 'Odd', kind: 'octal' }, 'Odd');
	await raw.put('sent', 'a text', 1);
	raw.close();
	expect(valueOf(await store.loadSaved())).toEqual([HELLO]);
	expect(valueOf(await store.loadSent())).toEqual([]);

	const newer = await openDB(name, 2, { upgrade: () => undefined });
	onTestFinished(() => newer.close());
	const refused = await store.putSaved([HELLO]);
	expect(refused.ok ? 'it was kept' : refused.error).toMatch(/did not keep or find it/);
});
