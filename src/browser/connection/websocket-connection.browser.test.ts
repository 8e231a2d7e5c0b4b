import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ConnectionClose, ConnectionProblem } from './connection.ts';
import { openWebSocketConnection, type WebSocketConnectionOptions } from './websocket-connection.ts';

/** Opens a connection and gathers what it tells until it ends. */
function connect(url: string, options?: WebSocketConnectionOptions) {
	const calls: string[] = [];
	const problems: ConnectionProblem[] = [];
	const opened = Promise.withResolvers<void>();
	const ended = Promise.withResolvers<ConnectionClose>();
	const connection = openWebSocketConnection(
		url,
		['realtime'],
		{
			onopen: () => {
				calls.push('open');
				opened.resolve();
			},
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
		options
	);
	onTestFinished(() => connection.dispose());
	return { connection, calls, problems, opened: opened.promise, ended: ended.promise };
}

/** A socket that opens, and whose other side never answers a goodbye. */
class SilentSocket extends EventTarget {
	static readonly CONNECTING = 0;
	static readonly OPEN = 1;
	static readonly CLOSING = 2;
	readyState = SilentSocket.CONNECTING;

	constructor() {
		super();
		queueMicrotask(() => {
			this.readyState = SilentSocket.OPEN;
			this.dispatchEvent(new Event('open'));
		});
	}

	close(): void {
		this.readyState = SilentSocket.CLOSING;
	}
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
		const { calls, problems, ended } = connect(`ws://${location.host}/nobody-answers-here`, { connectTimeoutMs: 20 });
		expect(await ended).toMatchObject({ code: 1006 });
		expect(calls).toEqual(['problem', 'close']);
		expect(problems[0]).toMatchObject({ kind: 'timeout' });
	});

	it('ends as it was told to, without a problem, when it is closed before it is up', async () => {
		const { connection, calls, ended } = connect(`ws://${location.host}/nobody-answers-here`);
		connection.close(3000, 'changed my mind');
		connection.close();
		expect(calls).toEqual([]);
		expect(await ended).toEqual({ code: 3000, reason: 'changed my mind', wasClean: true });
		expect(calls).toEqual(['close']);
	});

	it('counts as lost when nobody answers its goodbye', async () => {
		vi.stubGlobal('WebSocket', SilentSocket);
		onTestFinished(() => void vi.unstubAllGlobals());
		const { connection, calls, opened, ended } = connect('ws://silent.test/', { closeTimeoutMs: 20 });
		await opened;
		connection.close(1000, 'bye');
		expect(calls).toEqual(['open']);
		expect(await ended).toEqual({ code: 1006, reason: '', wasClean: false });
		expect(calls).toEqual(['open', 'close']);
	});

	it('waits no longer for an answer once it was disposed of', () => {
		vi.useFakeTimers();
		vi.stubGlobal('WebSocket', SilentSocket);
		onTestFinished(() => void vi.useRealTimers().unstubAllGlobals());
		const { connection, calls } = connect('ws://silent.test/');
		connection.close();
		expect(vi.getTimerCount()).toBe(1);
		connection.dispose();
		expect(vi.getTimerCount()).toBe(0);
		vi.runAllTimers();
		expect(calls).toEqual([]);
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
