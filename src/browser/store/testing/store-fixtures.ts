import { onTestFinished } from 'vitest';
import type { Result } from '#core/base/result.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import { openRecordingStore, type RecordingStore } from '../recording-store.ts';

/** A database of this test alone, deleted at its end. */
export function freshDatabase(): string {
	const name = `earshot-test-${crypto.randomUUID()}`;
	onTestFinished(() => void indexedDB.deleteDatabase(name));
	return name;
}

/** A connection of its own to the database, closed at the test's end. */
export async function openTestStore(name: string): Promise<RecordingStore> {
	const store = expectValue(await openRecordingStore({ name }));
	onTestFinished(() => store.dispose());
	return store;
}

/** The value of a result that must be a success. */
export function expectValue<T>(result: Result<T, unknown>): T {
	if (!result.ok) throw new Error(`Not a success: ${JSON.stringify(result.error)}`);
	return result.value;
}

export function makeHeader(fields: Partial<RecordingHeader> = {}): RecordingHeader {
	return {
		earshot: 1,
		id: crypto.randomUUID(),
		startedAt: '2026-11-20T10:00:00.000Z',
		title: 'A test',
		endpoint: 'Simulator',
		transport: 'WebSocket',
		model: 'gpt-realtime',
		redacted: [],
		...fields
	};
}
