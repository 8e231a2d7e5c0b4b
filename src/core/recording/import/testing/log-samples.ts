// A small file of each kind of log, as the tools write them.

const MULAW_20_MS = Buffer.alloc(160, 0xff).toString('base64');

/** Chromium 156. */
export const DATA_CHANNEL_LOG = [
	[100, 'send', 'string', '{"type":"session.update","session":{"instructions":"é\\nl"}}'],
	[101, 'send', 'binary', 'AQL/'],
	[140, 'receive', 'string', '{"type":"session.updated","session":{"model":"gpt-realtime"}}'],
	[141, 'receive', 'string', 'no JSON']
]
	.map(([at, direction, data_type, data]) => {
		const where = { datachannel_id: 1, label: 'oai-events' };
		return `${JSON.stringify({ type: 'message', unix_timestamp_ms: 1_795_173_666_000 + Number(at), ...where, direction, data_type, data })}\n`;
	})
	.join('');

const GREY = '\x1b[90m';
const PLAIN = '\x1b[0m';
const CYAN = '\x1b[36m';

/** Development, since August 2026. */
export const LIVEKIT_LOG = [
	['09:00:00,000', 'connecting to Realtime API: wss://api.openai.com/v1/realtime?model=gpt-realtime', '{"pid": 7}'],
	['09:00:00,250', '>>>', '{"lk.pii.event": {"type": "session.update", "session": {"voice": "é"}}, "pid": 7}'],
	[
		'09:00:00,300',
		'<<<',
		'{"lk.pii.event": {"type": "session.created", "session": {"model": "gpt-realtime-2"}}, "pid": 7}'
	],
	['09:00:00,310', 'unhandled event: x', '{"lk.pii.event": {"type": "x"}, "pid": 7}'],
	['09:00:01,000', '<<<', '{"lk.pii.event": {"type": "response.output_audio.delta", "delta": "..."}, "pid": 7}']
]
	.map(
		([time, message, extra]) =>
			`2026-11-20 ${time} - ${CYAN}DEBUG${PLAIN} livekit.plugins.openai - ${message} ${GREY}${extra}${PLAIN}\n`
	)
	.join('');

/** Written by websockets 17.1. */
export const WEBSOCKETS_LOG = `2026-11-20 10:00:00,000 DEBUG websockets.client = connection is CONNECTING
2026-11-20 10:00:00,001 DEBUG websockets.client > GET /v1/realtime?model=gpt-realtime HTTP/1.1
2026-11-20 10:00:00,001 DEBUG websockets.client > Host: api.openai.com
2026-11-20 10:00:00,001 DEBUG websockets.client > Upgrade: websocket
2026-11-20 10:00:00,001 DEBUG websockets.client > Authorization: Bearer sk-test
2026-11-20 10:00:00,090 DEBUG websockets.client < HTTP/1.1 101 Switching Protocols
2026-11-20 10:00:00,090 DEBUG websockets.client < Date: Fri, 20 Nov 2026 08:59:57 GMT
2026-11-20 10:00:00,091 DEBUG websockets.client = connection is OPEN
2026-11-20 10:00:00,100 DEBUG websockets.client < TEXT '{"type": "session.created", "session": {"model": "gpt-realtime-2"}}' [67 bytes]
2026-11-20 10:00:00,101 DEBUG asyncio Using selector: EpollSelector
2026-11-20 10:00:00,110 DEBUG websockets.client > TEXT '{"type":"session.update","session":{"instructions":"It\\'s ..."}}' [63 bytes]
2026-11-20 10:00:00,120 DEBUG websockets.client < TEXT 7b 22 74 79 70 65 22 3a 22 c3 a9 22 7d [binary, 13 bytes]
2026-11-20 10:00:00,130 DEBUG websockets.client > TEXT '{"type":"inp' [12 bytes, continued]
2026-11-20 10:00:00,131 DEBUG websockets.client % sent keepalive ping
2026-11-20 10:00:00,131 DEBUG websockets.client > PING 'hi' [text, 2 bytes]
2026-11-20 10:00:00,132 DEBUG websockets.client > CONT 'ut","é":"日"}' [text, 15 bytes, continued]
2026-11-20 10:00:00,132 DEBUG websockets.client > CONT '' [0 bytes]
2026-11-20 10:00:00,140 DEBUG websockets.client < BINARY '{"a"}' [text, 5 bytes]
2026-11-20 10:00:00,141 DEBUG websockets.client < BINARY 00 01 ff [3 bytes]
2026-11-20 10:00:00,150 DEBUG websockets.client < CLOSE 1011 (internal error) keepalive ping's timeout [x] [30 bytes]
2026-11-20 10:00:00,150 DEBUG websockets.client > CLOSE 1011 (internal error) keepalive ping's timeout [x] [30 bytes]
2026-11-20 10:00:00,151 DEBUG websockets.client = connection is CLOSING
2026-11-20 10:00:00,152 DEBUG websockets.client > EOF
2026-11-20 10:00:00,160 DEBUG websockets.client = connection is CLOSED
2026-11-20 10:00:00,160 DEBUG websockets.client x half-closing TCP connection
`;

const stream = { streamSid: 'MZ1' };
const START = {
	accountSid: 'AC1',
	...stream,
	callSid: 'CA1',
	tracks: ['inbound'],
	mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 }
};
const media = (chunk: number, timestamp: string) => ({
	event: 'media',
	sequenceNumber: String(chunk + 1),
	media: { track: 'inbound', chunk: String(chunk), timestamp, payload: MULAW_20_MS },
	...stream
});

/** Both directions, bare. */
export const TWILIO_LOG = [
	{ event: 'connected', protocol: 'Call', version: '1.0.0' },
	{ event: 'start', sequenceNumber: '1', start: START, ...stream },
	media(1, '5'),
	media(2, '25'),
	{ event: 'media', ...stream, media: { payload: MULAW_20_MS } },
	{ event: 'mark', ...stream, mark: { name: 'a' } },
	media(3, '45'),
	{ event: 'mark', sequenceNumber: '5', ...stream, mark: { name: 'a' } },
	{ event: 'clear', ...stream },
	{ event: 'dtmf', ...stream, sequenceNumber: '6', dtmf: { track: 'inbound_track', digit: '1' } },
	{ event: 'stop', sequenceNumber: '7', stop: { accountSid: 'AC1', callSid: 'CA1' }, ...stream }
]
	.map((message) => `${JSON.stringify(message)}\n`)
	.join('');
