import { expect, test } from 'vitest';
import { encodeUtf8 } from '../../base/utf8.ts';
import { detectFormat, FOREIGN_FORMATS } from './formats.ts';

const UPDATE = '{"type":"session.update","session":{}}';
const MESSAGE = JSON.stringify({ type: 'send', time: 1795173824750.25, opcode: 1, data: UPDATE });
const HAR = `{"log":{"version":"1.2","creator":{"name":"Playwright","version":"1"},"entries":[{"_webSocketMessages":[${MESSAGE}]}]}}`;

test.each([
	['playwright-har', HAR],
	['chrome-har', JSON.stringify(JSON.parse(HAR.replace('Playwright', 'WebInspector')), null, 2)],
	['har', HAR.replace('Playwright', 'Proxyman')],
	['playwright-messages', `${MESSAGE}\n${MESSAGE}`],
	[
		'chromium-data-channel',
		`{"type":"message","unix_timestamp_ms":1795173666099,"datachannel_id":1,"label":"oai-events","direction":"send","data_type":"string","data":${JSON.stringify(UPDATE)}}`
	],
	['livekit-debug', `2026-11-20 11:14:47,629 - DEBUG livekit.plugins.openai - >>> {"lk.pii.event": ${UPDATE}}`],
	['websockets-debug', `DEBUG:websockets.client:> TEXT '${UPDATE}' [38 bytes]`],
	[
		'twilio-media-stream',
		'{"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1","tracks":["inbound"]}}'
	],
	['event-json', UPDATE],
	['event-json', `{"time":"2026-11-20T11:14:47Z","source":"client","event":${UPDATE}}`],
	['event-json', `2026-11-20T11:14:47Z sending ${UPDATE}`],
	['event-json', 'a log that says little at first'],
	[undefined, 'PK\u0003\u0004\0\0'],
	[undefined, 'RIFF\0\0\0\0WAVE'],
	[undefined, '\ufffd'.repeat(100)],
	[undefined, '']
])('%s is detected', (id, text) => {
	expect(detectFormat(encodeUtf8(text))?.id).toBe(id);
});

test('formats have names of their own, and are known for foreign', () => {
	expect(new Set(FOREIGN_FORMATS.map(({ id }) => id)).size).toBe(FOREIGN_FORMATS.length);
	expect(FOREIGN_FORMATS.every(({ isForeign, name }) => isForeign && name !== '')).toBe(true);
});

test('the surest wins, of equals the first', () => {
	const format = (id: string, score: number) => ({ ...FOREIGN_FORMATS[0]!, id, sniff: () => score });
	expect(detectFormat(encodeUtf8('x'), [format('a', 0.5), format('b', 0.9), format('c', 0.9)])?.id).toBe('b');
});
