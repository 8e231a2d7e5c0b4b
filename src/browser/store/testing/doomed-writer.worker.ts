import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import { openRecordingStore } from '../recording-store.ts';
import { countingBytes, LiveRecording } from './live-recording.ts';

/** What the test says to the worker that it is going to kill. */
export interface DoomedWriterOrder {
	readonly name: string;
	readonly header: RecordingHeader;
	readonly texts: number;
	readonly audioBytes: number;
}

/** Writes, tells when all of it is stored, then goes on appending without ever closing: a tab about to be killed. */
self.onmessage = async ({ data }: MessageEvent<DoomedWriterOrder>) => {
	const store = await openRecordingStore({ name: data.name });
	if (!store.ok) throw new Error(store.error.message);
	const writer = store.value.openWriter(data.header);
	const live = new LiveRecording(writer);
	live.recordTexts(data.texts);
	live.recordAudio('model', countingBytes(data.audioBytes));
	const flushed = await writer.flush();
	live.recordTexts(1);
	self.postMessage(flushed.ok);
};
