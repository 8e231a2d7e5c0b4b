import { fail, succeed, type Result } from '#core/base/result.ts';
import { formatCount } from '#core/base/words.ts';
import {
	formatSavedEvents,
	freeName,
	isSameEvent,
	parseSavedEvent,
	parseSavedEvents,
	type SavedEvent
} from '#core/protocol/saved-events.ts';
import type { ComposerStore } from '#browser/composer/composer-store.ts';
import { downloadFile } from '#browser/files/save-file.ts';
import { findSecretIn } from './composer-secrets.ts';
import { notices } from './notices.svelte.ts';

/** Larger files are not read. Bytes. */
const MOST_FILE_BYTES = 20_000_000;

/** The events that the user keeps under names, in the order of the names. */
export class SavedEvents {
	list = $state.raw<readonly SavedEvent[]>([]);
	/** Why they last only as long as the page; `null` while they are kept. */
	problem = $state<string | null>(null);
	readonly #store: ComposerStore;

	constructor(store: ComposerStore) {
		this.#store = store;
	}

	async load(): Promise<void> {
		const loaded = await this.#store.loadSaved();
		this.problem = loaded.ok ? null : loaded.error;
		if (loaded.ok) this.list = sorted(loaded.value);
	}

	find(name: string): SavedEvent | undefined {
		return this.list.find((event) => event.name === name.trim());
	}

	/** Saves an event, in the place of one that has its name. */
	async save(event: SavedEvent): Promise<Result<void>> {
		const checked = parseSavedEvent(event);
		if (!checked.ok) return fail(checked.error);
		const secret = await findSecretIn(event.kind, event.text);
		if (secret) return fail(`It looks as if it held a secret (${secret}). Put a placeholder there: none is kept here.`);
		const before = this.find(checked.value.name);
		await this.#put([checked.value]);
		if (before && !isSameEvent(before, checked.value)) this.#offerUndo(`Replaced “${before.name}”`, before);
		return succeed(undefined);
	}

	/** Takes one away; it can be brought back. */
	async remove(event: SavedEvent): Promise<void> {
		this.list = this.list.filter(({ name }) => name !== event.name);
		const deleted = await this.#store.deleteSaved(event.name);
		this.problem = deleted.ok ? null : deleted.error;
		this.#offerUndo(`Deleted “${event.name}”`, event);
	}

	/** Saves all of them as a file. */
	exportFile(): void {
		const file = new Blob([formatSavedEvents(this.list)], { type: 'application/json' });
		downloadFile(file, 'earshot-events.json');
	}

	/** Takes in a file of saved events; a name that is taken gets a number. Says what became of them. */
	async importFile(file: Blob): Promise<Result<string>> {
		if (file.size > MOST_FILE_BYTES) return fail('The file is larger than 20 MB. Take a smaller one.');
		const parsed = parseSavedEvents(await file.text());
		if (!parsed.ok) return parsed;
		const fresh: SavedEvent[] = [];
		let secretCount = 0;
		for (const event of parsed.value) {
			const known = [...this.list, ...fresh];
			if (known.some((other) => isSameEvent(other, event))) continue;
			if (await findSecretIn(event.kind, event.text)) {
				secretCount++;
				continue;
			}
			fresh.push({ ...event, name: freeName(event.name, (name) => known.some((other) => other.name === name)) });
		}
		await this.#put(fresh);
		const secrets = secretCount > 0 ? ` ${formatCount(secretCount, 'event')} with a secret in it left out.` : '';
		const sameCount = parsed.value.length - fresh.length - secretCount;
		const same = sameCount > 0 ? ` ${formatCount(sameCount, 'event')} already here.` : '';
		return succeed(`${formatCount(fresh.length, 'event')} taken in.${same}${secrets}`);
	}

	async #put(events: readonly SavedEvent[]): Promise<void> {
		const others = this.list.filter((known) => !events.some(({ name }) => name === known.name));
		this.list = sorted([...others, ...events]);
		const kept = await this.#store.putSaved(events);
		this.problem = kept.ok ? null : kept.error;
	}

	#offerUndo(title: string, event: SavedEvent): void {
		notices.show({
			kind: 'info',
			title,
			text: 'It was one of the saved events of the composer.',
			action: { label: 'Undo', run: () => void this.#put([event]) }
		});
	}
}

function sorted(events: readonly SavedEvent[]): readonly SavedEvent[] {
	return [...events].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
