import { EntryBlock } from '#core/recording/entry-block.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import { FIRST_ENTRY, openRecordingStore, type RecordingStore } from '../recording-store.ts';
import type { RecordingWriter } from '../recording-writer.ts';
import { countingBytes, LiveRecording } from './live-recording.ts';

/** What a test says to the worker that stands for another tab. Each order is answered when it is done. */
export type OtherTabOrder =
	| { readonly kind: 'open'; readonly name: string }
	| { readonly kind: 'record'; readonly header: RecordingHeader }
	| { readonly kind: 'append'; readonly texts: number; readonly audioBytes: number }
	| { readonly kind: 'close' }
	/** Answered when it has the whole recording. */
	| { readonly kind: 'follow'; readonly id: string };

/** What the followed recording was in the end. */
export interface FollowedThere {
	readonly texts: readonly string[];
	readonly status: string;
}

let store: RecordingStore | undefined;
let writer: RecordingWriter | undefined;
let live: LiveRecording | undefined;

self.onmessage = async ({ data }: MessageEvent<OtherTabOrder>) => self.postMessage(await obey(data));

async function obey(order: OtherTabOrder): Promise<unknown> {
	if (order.kind === 'open') {
		const opened = await openRecordingStore({ name: order.name });
		if (!opened.ok) throw new Error(opened.error.message);
		store = opened.value;
	} else if (order.kind === 'record') {
		writer = store?.openWriter(order.header);
		live = writer && new LiveRecording(writer);
	} else if (order.kind === 'append') {
		live?.recordTexts(order.texts);
		if (order.audioBytes > 0) live?.recordAudio('model', countingBytes(order.audioBytes));
		return writer?.flush();
	} else if (order.kind === 'close') return writer?.close();
	else if (store) return follow(store, order.id);
	return undefined;
}

function follow(followed: RecordingStore, id: string): Promise<FollowedThere> {
	const texts: string[] = [];
	const ending = new AbortController();
	return new Promise((resolve, reject) => {
		const listener = {
			onblocks: (blocks: Parameters<typeof EntryBlock.of>[0][]) => {
				for (const data of blocks) {
					const block = EntryBlock.of(data);
					for (let index = 0; index < data.count; index++) texts.push(block.text(index));
				}
			},
			onsummary: ({ status, eventCount }: { status: string; eventCount: number }) => {
				if (status !== 'live' && texts.length === eventCount) resolve({ texts, status });
			},
			onlost: ({ message }: { message: string }) => reject(new Error(message))
		};
		followed.follow(id, FIRST_ENTRY, listener, ending.signal);
	}).finally(() => ending.abort()) as Promise<FollowedThere>;
}
