import { describe, expect, it } from 'vitest';
import { WorkerLink } from '#simulator/workers/worker-link.ts';

/** Echoes, and breaks when it is told to. */
const ECHO = new URL(
	'data:text/javascript,' +
		encodeURIComponent(
			"import { parentPort } from 'node:worker_threads';" +
				"parentPort.on('message', (m) => { if (m === 'break') throw new Error('broken'); parentPort.postMessage(m); });"
		)
);

describe('WorkerLink', { timeout: 30_000 }, () => {
	it('tells of a failure once and works again with the next message', async () => {
		const failures: string[] = [];
		let heard: (message: string) => void = () => {};
		let failed: () => void = () => {};
		const link = new WorkerLink<string, string>({
			file: ECHO,
			onMessage: (message) => heard(message),
			onFailure: (error) => {
				failures.push(error.message);
				failed();
			}
		});
		const ask = (message: string): Promise<string> =>
			new Promise((resolve) => {
				heard = resolve;
				link.post(message);
			});
		expect(await ask('one')).toBe('one');
		await new Promise<void>((resolve) => {
			failed = resolve;
			link.post('break');
		});
		expect(failures).toEqual(['broken']);
		expect(await ask('two')).toBe('two');
		expect(failures).toEqual(['broken']);
		await link.dispose();
		link.post('three');
		expect(failures).toEqual(['broken']);
	});
});
