import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectionClose, ConnectionProblem } from './connection.ts';
import { openWebSocketConnection } from './websocket-connection.ts';

/** Opens a connection and gathers what it tells until it ends. */
function connect(url: string, connectTimeoutMs?: number) {
	const calls: string[] = [];
	const problems: ConnectionProblem[] = [];
	const ended = Promise.withResolvers<ConnectionClose>();
	const connection = openWebSocketConnection(
		url,
		['realtime'],
		{
			onopen: () => calls.push('open'),
			onmessage: () => calls.push('message'),
			onbinary: () => calls.push('binary'),
			onproblem: (problem) => {
				calls.push('problem');
				problems.push(problem);
			},
			onclose: (close) => {
				calls.push('close');
				ended.resolve(close);
			}
		},
		connectTimeoutMs === undefined ? {} : { connectTimeoutMs }
	);
	onTestFinished(() => connection.dispose());
	return { connection, calls, problems, ended: ended.promise };
}

// Conversations with a real server are tested where there is one.
describe('openWebSocketConnection', () => {
	it('tells of an address that is none, after it has returned', async () => {
		const { connection, calls, problems, ended } = connect('wss://[');
		expect(calls).toEqual([]);
		expect(connection.send('x')).toBe(false);
		expect(await ended).toEqual({ code: 1006, reason: '', wasClean: false });
		expect(calls).toEqual(['problem', 'close']);
		expect(problems[0]).toMatchObject({ kind: 'bad-address' });
	});

	it('tells when nobody accepts the connection', async () => {
		// Port 1 is one that Chromium refuses to try: no network is needed.
		const { calls, problems, ended } = connect('ws://127.0.0.1:1/');
		expect(await ended).toMatchObject({ code: 1006, wasClean: false });
		expect(calls).toEqual(['problem', 'close']);
		expect(problems[0]).toMatchObject({ kind: 'refused' });
	});

	it('gives up on a server that does not answer in time', async () => {
		// The test server takes the connection and leaves a handshake that is not its own unanswered.
		const { calls, problems, ended } = connect(`ws://${location.host}/nobody-answers-here`, 20);
		expect(await ended).toMatchObject({ code: 1006 });
		expect(calls).toEqual(['problem', 'close']);
		expect(problems[0]).toMatchObject({ kind: 'timeout' });
	});

	it('is silent after it was disposed of, and can be disposed of twice', async () => {
		const disposed = connect('ws://127.0.0.1:1/');
		disposed.connection.dispose();
		disposed.connection.dispose();
		const later = connect('ws://127.0.0.1:1/');
		await later.ended;
		expect(disposed.calls).toEqual([]);
	});
});
