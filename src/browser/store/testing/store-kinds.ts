import { onTestFinished } from 'vitest';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import { openMemoryStore, type RecordingStore } from '../recording-store.ts';
import type { RecordingWriter, WriterOptions } from '../recording-writer.ts';
import { connectWriters, serveWriters } from '../writer-port.ts';
import { freshDatabase, openTestStore } from './store-fixtures.ts';

type OpenWriter = (header: RecordingHeader, options?: WriterOptions) => RecordingWriter;

/** A store, and the way in which a page writes to it. */
export interface StoreKind {
	readonly store: RecordingStore;
	readonly openWriter: OpenWriter;
}

/** All kinds of stores, by name. Each call opens one of its own. */
export const storeKinds: Record<string, () => Promise<StoreKind>> = {
	IndexedDB: async () => {
		const store = await openTestStore(freshDatabase());
		return { store, openWriter: (header, options) => store.openWriter(header, options) };
	},
	memory: () => {
		const store = openMemoryStore();
		return Promise.resolve({ store, openWriter: (header, options) => store.openWriter(header, options) });
	},
	'memory, through a port': () => {
		const store = openMemoryStore();
		const { port1, port2 } = new MessageChannel();
		onTestFinished(() => port1.close());
		serveWriters(port2, store);
		return Promise.resolve({ store, openWriter: connectWriters(port1).openWriter });
	}
};
