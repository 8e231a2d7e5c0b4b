import { describe, expect, it } from 'vitest';
import { FaultRig } from '#simulator/faults/testing/fault-rig.ts';

const EXPIRED = 'close 1001 Your session hit the maximum duration of 60 minutes.';

function sendNumbered(rig: FaultRig, type: string, count: number): void {
	for (let n = 1; n <= count; n++) rig.send(type, n);
}

describe('no faults', () => {
	it('stands in nobody’s way', () => {
		const rig = new FaultRig('none');
		rig.send('session.created');
		rig.receive('response.create');
		rig.injector.receiveBinary();
		rig.injector.close(1000, 'bye');
		expect(rig.did).toEqual(['send session.created', 'close 1000 bye']);
		expect(rig.received).toEqual(['response.create', 'binary']);
		expect(rig.clock.pendingCount).toBe(0);
		expect(rig.injector.isStalled).toBe(false);
		expect(rig.injector.expireAfterMs).toBeUndefined();
		expect(rig.injector.responseFaults.nextResponse(1)).toBeUndefined();
	});
});

describe('delay', () => {
	it('moves every event by the same time, and a close behind them', () => {
		const rig = new FaultRig('delay:200');
		rig.send('session.created');
		rig.clock.advance(50);
		rig.send('response.created');
		rig.injector.close(1000, '');
		rig.clock.advance(1000);
		expect(rig.notes).toEqual([
			{ atMs: 200, did: 'send session.created' },
			{ atMs: 250, did: 'send response.created' },
			{ atMs: 250, did: 'close 1000 ' }
		]);
	});

	it('varies within the jitter and keeps the order', () => {
		const rig = new FaultRig('delay:200~50');
		for (let n = 1; n <= 200; n++) {
			rig.send('response.output_audio.delta', n);
			rig.clock.advance(10);
		}
		rig.clock.advance(1000);
		expect(rig.did).toEqual(Array.from({ length: 200 }, (_, index) => `send response.output_audio.delta ${index + 1}`));
		const delaysMs = rig.notes.map(({ atMs }, index) => atMs - index * 10);
		expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(150);
		expect(Math.max(...delaysMs)).toBeLessThanOrEqual(250);
		expect(new Set(delaysMs).size).toBeGreaterThan(50);
	});

	it('holds up only the events that it names, and what waits behind them', () => {
		const rig = new FaultRig('delay:100@every:response.done');
		rig.send('response.created');
		rig.send('response.done');
		rig.send('rate_limits.updated');
		rig.clock.advance(500);
		rig.send('response.created');
		expect(rig.notes).toEqual([
			{ atMs: 0, did: 'send response.created' },
			{ atMs: 100, did: 'send response.done' },
			{ atMs: 100, did: 'send rate_limits.updated' },
			{ atMs: 500, did: 'send response.created' }
		]);
	});

	it('begins at a time or with a message of the client and stays', () => {
		const rig = new FaultRig('delay:10@1000ms,delay:300@client:response.create/2');
		rig.receive('response.create');
		rig.send('response.created', 1);
		rig.clock.advance(1000);
		rig.send('response.created', 2);
		rig.clock.advance(100);
		rig.receive('response.create');
		rig.send('response.created', 3);
		rig.clock.advance(1000);
		expect(rig.notes.map(({ atMs }) => atMs)).toEqual([0, 1010, 1410]);
	});
});

describe('drop', () => {
	it('tears the socket in place of an event, and nothing follows', () => {
		const rig = new FaultRig('drop@response.output_audio.delta/3');
		sendNumbered(rig, 'response.output_audio.delta', 5);
		rig.receive('response.cancel');
		rig.injector.close(1000, '');
		rig.clock.advance(60_000);
		expect(rig.did).toEqual(['send response.output_audio.delta 1', 'send response.output_audio.delta 2', 'tear']);
		expect(rig.received).toEqual([]);
		expect(rig.happened).toEqual(['drop:1006@response.output_audio.delta/3']);
	});

	it('closes with another code and its reason, after what was delayed before it', () => {
		const rig = new FaultRig(
			'[{"fault":"delay","ms":100},{"fault":"drop","code":1011,"when":{"event":"response.done"}}]'
		);
		rig.send('response.created');
		rig.send('response.done');
		rig.send('rate_limits.updated');
		rig.clock.advance(1000);
		expect(rig.notes).toEqual([
			{ atMs: 100, did: 'send response.created' },
			{ atMs: 100, did: 'close 1011 Internal server error' }
		]);
	});

	it('comes at its time, and what waits is lost', () => {
		const rig = new FaultRig('delay:500,drop:4000@300ms');
		rig.send('session.created');
		rig.clock.advance(5000);
		expect(rig.notes).toEqual([{ atMs: 300, did: 'close 4000 ' }]);
		expect(rig.clock.pendingCount).toBe(0);
	});

	it('comes with a message of the client, which is lost', () => {
		const rig = new FaultRig('drop@client:input_audio_buffer.append/2');
		for (const type of ['input_audio_buffer.append', 'response.create', 'input_audio_buffer.append']) rig.receive(type);
		expect(rig.received).toEqual(['input_audio_buffer.append', 'response.create']);
		expect(rig.did).toEqual(['tear']);
	});
});

describe('failed responses', () => {
	it('reaches the rate limit in the words of the service, with numbers that agree', () => {
		const rig = new FaultRig('rate_limit@every:response/2');
		expect(rig.injector.responseFaults.nextResponse(1)).toBeUndefined();
		const failure = rig.injector.responseFaults.nextResponse(2);
		expect(rig.injector.responseFaults.nextResponse(3)).toBeUndefined();
		expect(rig.injector.responseFaults.nextResponse(4)).toBeDefined();
		expect(failure).toMatchObject({ type: 'tokens', code: 'rate_limit_exceeded' });
		const message =
			/^Rate limit reached for gpt-realtime in organization org-\w{24} on tokens per min \(TPM\): Limit (\d+), Used (\d+), Requested (\d+)\. Please try again in ([\d.]+)s\. Visit https:\/\/platform\.openai\.com\/account\/rate-limits to learn more\.$/;
		const [limit, used, requested, waitS] = (message.exec(failure?.message ?? '') ?? []).slice(1).map(Number) as [
			number,
			number,
			number,
			number
		];
		expect(used).toBeLessThan(limit);
		// The rule of the recorded message: 14305 + 7193 of 20000 wait 4.494 s.
		expect(waitS).toBeCloseTo(((used + requested - limit) / limit) * 60, 3);
		expect(rig.happened).toEqual(['rate_limit@every:response/2', 'rate_limit@every:response/2']);
	});

	it('fails as the service does, and names the session', () => {
		const rig = new FaultRig('server_error');
		rig.send('session.created');
		const failure = rig.injector.responseFaults.nextResponse(1);
		expect(failure).toEqual({
			type: 'server_error',
			code: null,
			message:
				'The server had an error while processing your request. Sorry about that! Please contact us through our help center at help.openai.com if the error persists. (include session ID in your message: sess_test). We recommend you retry your request.'
		});
		expect(rig.did).toEqual(['send session.created']);
	});

	it('takes the first of several, whose turns go on counting', () => {
		const rig = new FaultRig('rate_limit@response/2,server_error@every:response/2');
		expect(rig.injector.responseFaults.nextResponse(2)?.type).toBe('tokens');
		expect(rig.injector.responseFaults.nextResponse(4)?.type).toBe('server_error');
	});
});

describe('server_error as an event', () => {
	const error = {
		type: 'error',
		event_id: expect.stringMatching(/^event_[0-9A-Za-z]{21}$/) as unknown,
		error: {
			type: 'server_error',
			code: null,
			message: expect.stringContaining('sess_test') as unknown,
			param: null,
			event_id: null
		}
	};

	it('comes before the event that it names, which is sent all the same', () => {
		const rig = new FaultRig('server_error:event@response.created');
		rig.send('session.created');
		rig.send('response.created');
		expect(rig.did).toEqual(['send session.created', 'send error', 'send response.created']);
		expect(JSON.parse(rig.sent[1] ?? '')).toEqual(error);
	});

	it('comes at a time, with a message or with a response, which goes on', () => {
		const rig = new FaultRig(
			'server_error:event@100ms,server_error:event@client:response.create,server_error:event@response/1'
		);
		rig.send('session.created');
		rig.clock.advance(100);
		rig.receive('response.create');
		expect(rig.injector.responseFaults.nextResponse(1)).toBeUndefined();
		expect(rig.did).toEqual(['send session.created', 'send error', 'send error', 'send error']);
		expect(rig.received).toEqual(['response.create']);
	});
});

describe('a connection that has ended', () => {
	it('has no more responses that fail', () => {
		const rig = new FaultRig('server_error:event@response/1,rate_limit@response/2');
		rig.injector.close(1000, '');
		expect(rig.injector.responseFaults.nextResponse(1)).toBeUndefined();
		expect(rig.injector.responseFaults.nextResponse(2)).toBeUndefined();
		expect(rig.did).toEqual(['close 1000 ']);
	});
});

describe('malformed', () => {
	it('cuts an event in the middle', () => {
		const rig = new FaultRig('malformed@every:response.output_text.delta/2');
		sendNumbered(rig, 'response.output_text.delta', 4);
		expect(rig.did).toEqual([
			'send response.output_text.delta 1',
			'send ?',
			'send response.output_text.delta 3',
			'send ?'
		]);
		const whole = JSON.stringify({ type: 'response.output_text.delta', event_id: 'event_2' });
		const cut = rig.sent[1] ?? '';
		expect(cut.length).toBeGreaterThan(0);
		expect(cut.length).toBeLessThan(whole.length);
		expect(whole.startsWith(cut)).toBe(true);
	});

	it('is never JSON and never half a character, wherever it is cut', () => {
		for (let seed = 0; seed < 300; seed++) {
			const rig = new FaultRig('malformed@any', `seed ${seed}`);
			rig.injector.send({ type: 'response.output_text.delta', event_id: 'event_1', delta: '🌍🌍🌍🌍🌍' });
			const [text = ''] = rig.sent;
			expect(() => JSON.parse(text) as unknown).toThrow();
			expect(text.isWellFormed()).toBe(true);
		}
	});

	it('puts a page of a proxy in the place of the next event', () => {
		const rig = new FaultRig('malformed:html@100ms');
		rig.send('session.created');
		rig.clock.advance(100);
		rig.send('session.updated');
		rig.send('response.created');
		expect(rig.did).toEqual(['send session.created', 'send ?', 'send response.created']);
		expect(rig.sent[1]).toMatch(/^<html>/);
	});
});

describe('expire', () => {
	it('is the session’s own end when a time decides it, so that session.created tells of it', () => {
		const rig = new FaultRig('expire@9000ms,expire@5000ms');
		expect(rig.injector.expireAfterMs).toBe(5000);
		expect(new FaultRig('expire@5000ms,expire@9000ms').injector.expireAfterMs).toBe(5000);
		rig.clock.advance(20_000);
		expect(rig.did).toEqual([]);
		rig.injector.close(1001, 'Your session hit the maximum duration of 60 minutes.');
		expect(rig.did).toEqual([EXPIRED]);
		expect(rig.happened).toEqual(['expire@5000ms']);
	});

	it('is announced by an error event if that is wanted', () => {
		const rig = new FaultRig('expire:announce@5000ms');
		rig.injector.close(1001, 'Your session hit the maximum duration of 60 minutes.');
		expect(rig.did).toEqual(['send error', EXPIRED]);
		expect(JSON.parse(rig.sent[0] ?? '')).toMatchObject({
			error: {
				type: 'invalid_request_error',
				code: 'session_expired',
				message: 'Your session hit the maximum duration of 60 minutes.'
			}
		});
	});

	it('comes in place of an event, or with a message of the client', () => {
		const atEvent = new FaultRig('expire@response.done');
		atEvent.send('response.created');
		atEvent.send('response.done');
		expect(atEvent.did).toEqual(['send response.created', EXPIRED]);
		const atMessage = new FaultRig('expire:announce@client:response.create');
		atMessage.receive('response.create');
		expect(atMessage.did).toEqual(['send error', EXPIRED]);
		expect(atMessage.received).toEqual([]);
		expect(atMessage.injector.expireAfterMs).toBeUndefined();
	});

	it('leaves other ends alone', () => {
		const rig = new FaultRig('expire:announce@5000ms');
		rig.injector.close(1000, '');
		expect(rig.did).toEqual(['close 1000 ']);
	});
});
