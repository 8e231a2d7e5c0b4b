import { describe, expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';

const KEY = 'sk-proj-AbCdEfGh1234567890ijklMNOP';
const HEX_KEY = '0123456789abcdef0123456789abcdef';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

const redact = (raw: string, options = {}) => createRedactor(options).message('server', raw);
/** The value of an event of which only that matters. */
const redactValue = (value: unknown, options = {}): unknown => {
	const event = JSON.parse(redact(JSON.stringify({ type: 'x', value }), options)) as { value: unknown };
	return event.value;
};

describe('only the secret goes', () => {
	test('order, spaces, numbers and escapes stay', () => {
		const raw = (secret: string) =>
			` { "type" : "x","n":1.50,"b" :"\\u0041\\/${secret}\\n", "a":[-0 , 1E5],"a":{"10":1,"2":2}}\r\n`;
		expect(redact(raw(KEY))).toBe(raw('[redacted: api key]'));
	});

	test('JSON inside JSON stays valid at each level', () => {
		const data = JSON.stringify({ q: '"', data: JSON.stringify({ password: 'hunter2', pin: 'a"b', n: 1.5 }) });
		const event = JSON.parse(redact(JSON.stringify({ type: 'x', data }))) as { data: string };
		const inner = JSON.parse(event.data) as { q: string; data: string };
		expect(inner.q).toBe('"');
		expect(JSON.parse(inner.data)).toEqual({ password: '[redacted: password]', pin: 'a"b', n: 1.5 });
	});

	test('a key spelled with escapes', () => {
		expect(redact('{"a":"x \\u0073k\\u002dproj-AbCdEf123456\\u0020y"}')).toBe('{"a":"x [redacted: api key]\\u0020y"}');
	});

	test('the word before a secret stays', () => {
		expect(redactValue({ authorization: 'Bearer abc' })).toEqual({ authorization: 'Bearer [redacted: authorization]' });
		expect(redactValue(`-H "api-key: ${HEX_KEY}" -d`)).toBe('-H "api-key: [redacted: api key]" -d');
	});

	test('in text that is no JSON, and in text beside JSON', () => {
		expect(redact(`{"type":"x","n":1.0}\n{"token":"abc"} and ${KEY}`)).toBe(
			'{"type":"x","n":1.0}\n{"token":"[redacted: token]"} and [redacted: api key]'
		);
		expect(redact('a=1&b=%7B%22token%22%3A%22abc%22%7D')).toBe('a=1&b=%7B%22token%22%3A%22[redacted:%20token]%22%7D');
		expect(redact('{"x":{"password":12345678,"token":12345678,"b":"cut o')).toBe(
			'{"x":{"password":"[redacted: password]","token":12345678,"b":"cut o'
		);
		expect(redact('-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----')).toBe(
			'-----BEGIN RSA PRIVATE KEY-----[redacted: secret]-----END RSA PRIVATE KEY-----'
		);
		expect(redact('sent Bearer abcdef123456 and Basic dXNlcjpwYXNz, too')).toBe(
			'sent Bearer [redacted: authorization] and Basic [redacted: authorization], too'
		);
	});

	test('the same string comes back when there is nothing', () => {
		const raw = '{"type":"session.created","n":1.0}';
		expect(redact(raw)).toBe(raw);
	});
});

describe('names', () => {
	test.each(['token', 'Token', 'accessToken', 'x-auth-token', 'JWT', 'OPENAI_API_KEY', 'apikey', 'client_secret'])(
		'%s',
		(name) =>
			expect(redactValue({ [name]: 'abc' })).toEqual({ [name]: expect.stringMatching(/^\[redacted: [a-z ]+\]$/) })
	);

	test.each([
		{ max_output_tokens: 4096, max_tokens: 'inf', total_tokens: 9, token: 50_000, token_usage: { text_tokens: 3 } },
		{ tokens: ['a'], next_page_token: 'abc', eos_token: '</s>', token_type: 'bearer', tokenizer: 'o200k_base' },
		{
			call_id: 'call_AbCdEf0123456789abcd',
			item_id: 'item_E4BAsP00UV55RqqV8zSub',
			event_id: 'event_24B23BJdg5tQH6ZrZ3d9r4'
		},
		{ id: '550e8400-e29b-41d4-a716-446655440000', obfuscation: 'aBcDeFgHiJkLmNoP', authorization: null, password: '' },
		{
			api_key: '****',
			secret: '$SECRET',
			cookie: '<redacted>',
			token: 'Sanitized',
			client_secret: null,
			auth: 'none'
		},
		{ logprobs: [{ token: 'Hello', logprob: -0.1, bytes: [72] }], key: 'name', keys: ['a'], signature: 'f(a, b)' },
		{
			tools: [
				{
					parameters: {
						properties: { token: { type: 'string', description: 'The token to use' } },
						required: ['password', 'user']
					}
				}
			]
		},
		{
			headers: {
				'Sec-WebSocket-Key': 'fyyKu5DCqWWD7rGNGqPOKg==',
				'OpenAI-Organization': 'org-1',
				'Idempotency-Key': 'a'
			}
		}
	])('what is no secret stays: %j', (value) => expect(redactValue(value)).toEqual(value));

	test('a secret that is no string', () => {
		expect(redactValue({ password: 123456 })).toEqual({ password: '[redacted: password]' });
		expect(redactValue({ client_secret: { value: 'abc', expires_at: 12 } })).toEqual({
			client_secret: { value: '[redacted: client secret]', expires_at: 12 }
		});
		expect(redactValue({ cookies: [{ a: ['b'] }], token: true })).toEqual({
			cookies: [{ a: ['[redacted: cookie]'] }],
			token: true
		});
	});

	test('names that stand beside their values', () => {
		const headers = [
			{ name: 'X-Api-Key', value: 'abc' },
			{ name: 'Host', value: 'abc' },
			{ value: 'a', name: 'Cookie' }
		];
		expect(redactValue(headers)).toEqual([
			{ name: 'X-Api-Key', value: '[redacted: api key]' },
			{ name: 'Host', value: 'abc' },
			{ value: '[redacted: cookie]', name: 'Cookie' }
		]);
		expect(redactValue({ rawHeaders: ['Host', 'a', 'Cookie', 'b'] })).toEqual({
			rawHeaders: ['Host', 'a', 'Cookie', '[redacted: cookie]']
		});
	});

	test('the headers that a tool is given, whatever their names', () => {
		const headers = { 'X-Tenant': 'a', Authorization: 'Bearer b', 'Content-Type': 'text/plain' };
		expect(redactValue({ tools: [{ type: 'mcp', headers }] })).toEqual({
			tools: [
				{
					type: 'mcp',
					headers: {
						'X-Tenant': '[redacted: secret]',
						Authorization: 'Bearer [redacted: authorization]',
						'Content-Type': 'text/plain'
					}
				}
			]
		});
	});

	test('keys that are secrets each get a name of their own', () => {
		const value = redactValue({ [KEY]: 1, [`${KEY}A`]: { [`${KEY}B`]: 2 } });
		expect(value).toEqual({ '[redacted: api key]': 1, '[redacted: api key 2]': { '[redacted: api key 3]': 2 } });
		expect(redactValue({ '[redacted: api key]': 1, [KEY]: 2 })).toEqual({
			'[redacted: api key]': 1,
			'[redacted: api key 2]': 2
		});
	});
});

describe('prose stays', () => {
	test.each([
		'The bearer of good news. Basic authentication failed. Missing bearer or basic authentication in header.',
		'Incorrect API key provided: sk-proj-****abcd. You can find your API key at https://platform.openai.com/account/api-keys.',
		'Incorrect API key provided: sk-proj-***…AAAA.',
		'password: please, token: the next, api_key: string, secret: keep it. The key=value form; session: sess_E4BArhaTppDgIp3',
		'task-force, sk-learn, sk-SK, sk-fading-circle, week_ek_day, disk_usage_report_of_the_day',
		'mail git@github.com, ssh://git@github.com/a/b, https://example.com/@user/x?model=gpt-realtime&key=1#token',
		'IN IP4 is a network type; raddr is missing; candidate: none'
	])('%s', (text) => expect(redactValue(text)).toBe(text.replace('key=1', 'key=[redacted:%20secret]')));
});

describe('an event with audio', () => {
	const audio = 'A9f+/x'.repeat(2000);

	test('keeps it, and loses what stands before and behind', () => {
		const raw = (secret: string) =>
			`{"type":"input_audio_buffer.append","a":"${secret}","audio":"${audio}","z":"${secret}"}`;
		expect(redact(raw(KEY))).toBe(raw('[redacted: api key]'));
		expect(redact(raw('none'))).toBe(raw('none'));
	});

	test('is looked through when it is no audio', () => {
		const text = encodeText(`the key is ${KEY}. `.repeat(200));
		expect(redact(`{"audio":"${text}"}`)).toBe('{"audio":"[redacted: api key]"}');
		expect(redact(`{"audio":"${audio}${KEY}"}`)).not.toContain('AbCdEfGh');
	});
});

const encodeText = (text: string) => btoa(text);

test('a session description: addresses and passwords go, what every machine has stays', () => {
	const sdp = (address: string, password: string) =>
		[
			'v=0\r\no=- 46117317 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111',
			`c=IN IP4 ${address}\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:YnNx\r\na=ice-pwd:${password}`,
			'a=fingerprint:sha-256 97:A7:E2:EF:70:B3:AD:B9:06:C8:DF:11:61:01:E5:6F:8F:46:EB:15:50:F2:54:D0:72:51:5B:37',
			'a=candidate:1 1 udp 2113937151 7e4c1a9d-0f5e-4d2b.local 51603 typ host generation 0',
			`a=candidate:2 1 udp 1677729535 ${address} 51603 typ srflx raddr 0.0.0.0 rport 0\r\n`
		].join('\r\n');
	const expected = sdp('[redacted: ip address]', '[redacted: password]');
	for (const address of ['203.0.113.7', '2001:db8::7', 'turn.example.com']) {
		expect(redact(sdp(address, 'jIsRuXZmV9Yq00qk4a33Xe'))).toBe(expected);
		expect(redactValue({ sdp: sdp(address, 'jIsRuXZmV9Yq00qk4a33Xe') })).toEqual({ sdp: expected });
	}
	expect(redact(sdp('127.0.0.1', ''))).toBe(sdp('127.0.0.1', ''));
});

test('binary frames: a text in bytes, and what is none', () => {
	const redactor = createRedactor({ emails: true });
	const json = btoa('{"type":"x","n":1.0,"password":"a"}');
	expect(atob(redactor.binary('server', json))).toBe('{"type":"x","n":1.0,"password":"[redacted: password]"}');
	const bytes = btoa(`\0\u00ff\u0001ada@example.com ${KEY}\0`);
	expect(atob(redactor.binary('server', bytes))).toBe('\0\u00ff\u0001ada@example.com [redacted: api key]\0');
	for (const same of ['AAECAw==', '', 'AAB=', 'no base64']) expect(redactor.binary('client', same)).toBe(same);
	expect(redactor.found.map(({ where }) => where)).toEqual(['x password', 'binary frame']);
});

describe('headers', () => {
	test.each([
		['Authorization', `Bearer ${KEY}`, 'Bearer [redacted: authorization]'],
		['authorization', 'abc', '[redacted: authorization]'],
		['Authorization', 'Sanitized', 'Sanitized'],
		['Cookie', 'a=b; c=d', '[redacted: cookie]'],
		['Set-Cookie', 'a=b; Path=/', '[redacted: cookie]'],
		['X-Functions-Key', 'abc', '[redacted: api key]'],
		['Sec-WebSocket-Key', 'fyyKu5DCqWWD7rGNGqPOKg==', 'fyyKu5DCqWWD7rGNGqPOKg=='],
		['OpenAI-Organization', 'org-AbCdEf123456', 'org-AbCdEf123456'],
		['OpenAI-Project', 'proj_AbCdEf123456', 'proj_AbCdEf123456'],
		[
			'Sec-WebSocket-Protocol',
			'realtime, openai-insecure-api-key.ek_X',
			'realtime, openai-insecure-api-key.[redacted: client secret]'
		],
		['sec-websocket-protocol', 'token, abc', 'token, [redacted: api key]'],
		[
			'X-Forwarded-For',
			'203.0.113.4, 127.0.0.1, 2001:db8::1',
			'[redacted: ip address], 127.0.0.1, [redacted: ip address]'
		],
		[
			'User-Agent',
			'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0',
			'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0'
		]
	])('%s: %s', (name, value, expected) => {
		const redactor = createRedactor({});
		expect(redactor.headerValue(name, value)).toBe(expected);
		expect(redactor.headerValue(name, expected)).toBe(expected);
		for (const { where } of redactor.found) expect(where).toBe(name);
	});
});

test.each([
	['wss://user:pass@host/v1?model=m', 'wss://redacted:redacted@host/v1?model=m'],
	[
		'wss://host/?api-key=a&model=m&access_token=b#c',
		'wss://host/?api-key=[redacted:%20api%20key]&model=m&access_token=[redacted:%20token]#c'
	],
	['wss://host/?api%2Dkey=a%2Fb&model=m', 'wss://host/?api%2Dkey=[redacted:%20api%20key]&model=m'],
	['https://host/cb?x=1&sig=a%2Bb&code=404', 'https://host/cb?x=1&sig=[redacted:%20secret]&code=404'],
	[`https://host/${KEY}/x`, 'https://host/[redacted:%20api%20key]/x'],
	['wss://api.openai.com/v1/realtime?model=gpt-realtime', 'wss://api.openai.com/v1/realtime?model=gpt-realtime']
])('the address %s', (url, expected) => {
	const redactor = createRedactor({});
	expect(redactor.url(url)).toBe(expected);
	expect(redactor.url(expected)).toBe(expected);
	expect(URL.canParse(expected)).toBe(true);
});

describe('what is asked for', () => {
	test('paths, through lists, objects and JSON in strings', () => {
		const event = {
			session: { instructions: 'a', n: 5, tools: [1], none: null },
			item: { arguments: '{"city":"Bonn","n":[1]}' }
		};
		const paths = ['session.instructions', 'session.n', 'session.tools', 'session.none', 'item.arguments.city', '**.n'];
		const raw = redact(JSON.stringify(event), { paths });
		expect(raw).toBe(
			'{"session":{"instructions":"[redacted: path]","n":"[redacted: path]","tools":"[redacted: path]","none":null},' +
				'"item":{"arguments":"{\\"city\\":\\"[redacted: path]\\",\\"n\\":\\"[redacted: path]\\"}"}}'
		);
	});

	test('what a path leads to goes once, and nothing is taken from nothing', () => {
		const options = { paths: ['a', 'b.*'] };
		const once = redact('{"a":"x","b":["y","",{}]}', options);
		expect(once).toBe('{"a":"[redacted: path]","b":["[redacted: path]","","[redacted: path]"]}');
		expect(redact(once, options)).toBe(once);
	});

	test('a path that cannot be read is refused at once', () => {
		expect(() => createRedactor({ paths: ['a..b'] })).toThrow('The path "a..b" cannot be read');
	});

	test('personal things, only when asked for', () => {
		const text = 'ada@example.com, +14155552671, 4111 1111 1111 1111';
		expect(redactValue(text)).toBe(text);
		const all = { emails: true, phones: true, cards: true };
		expect(redactValue(text, all)).toBe('[redacted: email], [redacted: phone number], [redacted: card number]');
		expect(redactValue([4111111111111111, 4111111111111112, 1763629200000], all)).toEqual([
			'[redacted: card number]',
			4111111111111112,
			1763629200000
		]);
	});
});

test('what was taken out is counted, and told without being told', () => {
	const redactor = createRedactor({});
	redactor.message(
		'client',
		JSON.stringify({ type: 'session.update', session: { tools: [{ authorization: TOKEN }] } })
	);
	redactor.message('server', JSON.stringify({ type: KEY, [KEY]: { password: 'hunter2' } }));
	redactor.message('server', `no JSON, ${KEY}`);
	redactor.text(KEY, 'title');
	expect(redactor.found).toEqual([
		{ kind: 'authorization', where: 'session.update session.tools[0].authorization', hint: 'eyJh… (92 characters)' },
		{ kind: 'api key', where: 'message type', hint: 'sk-p… (34 characters)' },
		{ kind: 'api key', where: 'message', hint: 'sk-p… (34 characters)' },
		{ kind: 'password', where: 'message ….password', hint: 'h… (7 characters)' },
		{ kind: 'api key', where: 'message', hint: 'sk-p… (34 characters)' },
		{ kind: 'api key', where: 'title', hint: 'sk-p… (34 characters)' }
	]);
	expect(Object.fromEntries(redactor.counts)).toEqual({ authorization: 1, 'api key': 4, password: 1 });
	for (let n = 0; n < 600; n++) redactor.text(KEY, 'note');
	expect(redactor.found).toHaveLength(500);
	expect(redactor.counts.get('api key')).toBe(604);
});
