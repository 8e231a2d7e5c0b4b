import type { RecordingHeader } from '#core/recording/recorded-event.ts';

/** The header of a recording that begins now. */
export function newHeader(endpoint: string, model: string): RecordingHeader {
	const nowMs = Date.now();
	const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(nowMs);
	return {
		earshot: 1,
		id: crypto.randomUUID(),
		startedAt: new Date(nowMs).toISOString(),
		title: `Session of ${when}`,
		endpoint,
		transport: 'WebSocket',
		model,
		redacted: []
	};
}
