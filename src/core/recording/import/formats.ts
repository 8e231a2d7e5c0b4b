import { DATA_CHANNEL_FORMAT } from './data-channel.ts';
import { EVENT_JSON_FORMAT } from './event-json.ts';
import { CHROME_HAR_FORMAT, HAR_FORMAT, PLAYWRIGHT_HAR_FORMAT, PLAYWRIGHT_MESSAGES_FORMAT } from './har.ts';
import type { ImportFormat } from './import-sink.ts';
import { LIVEKIT_FORMAT } from './livekit.ts';
import { TWILIO_FORMAT } from './twilio.ts';
import { WEBSOCKETS_DEBUG_FORMAT } from './websockets-debug.ts';

/** The files of other tools that can be read. To add one, add a line. */
export const FOREIGN_FORMATS: readonly ImportFormat[] = [
	CHROME_HAR_FORMAT,
	PLAYWRIGHT_HAR_FORMAT,
	PLAYWRIGHT_MESSAGES_FORMAT,
	HAR_FORMAT,
	DATA_CHANNEL_FORMAT,
	LIVEKIT_FORMAT,
	WEBSOCKETS_DEBUG_FORMAT,
	TWILIO_FORMAT,
	EVENT_JSON_FORMAT
];

/**
 * The format that a file's first bytes are surest to be, of `formats`; of equals the first. `undefined` when they are
 * none.
 *
 * @param head the first bytes of the file: 64 KiB tell all that is to be told
 */
export function detectFormat(
	head: Uint8Array,
	formats: readonly ImportFormat[] = FOREIGN_FORMATS
): ImportFormat | undefined {
	let best: ImportFormat | undefined;
	let bestScore = 0;
	for (const format of formats) {
		const score = format.sniff(head);
		if (score <= bestScore) continue;
		best = format;
		bestScore = score;
	}
	return best;
}
