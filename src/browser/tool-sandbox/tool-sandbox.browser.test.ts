// What a mock's script can do, and that it can do nothing else. The policy of the console's own page is not in force here;
// tests/browser/tools.test.ts runs scripts under it.
import { expect, test } from 'vitest';
import { runToolScript } from './tool-sandbox.ts';

const run = (code: string, args: unknown = {}, limitMs = 20_000, signal = new AbortController().signal) =>
	runToolScript({ code, args, count: 1, limitMs, signal });

async function valueOf(code: string, args?: unknown): Promise<unknown> {
	const result = await run(code, args);
	if (!result.ok) throw new Error(result.error);
	return JSON.parse(result.value) as unknown;
}

test('it gives back what the script returns: text as it is, the rest as JSON', async () => {
	expect(await run('return "It is " + args.celsius', { celsius: 21 })).toEqual({
		ok: true,
		value: 'It is 21'
	});
	expect(await run('return { sum: args.a + args.b, count }', { a: 1, b: 2 })).toEqual({
		ok: true,
		value: '{"sum":3,"count":1}'
	});
	expect(await run('await new Promise((done) => setTimeout(done)); return [1]')).toEqual({ ok: true, value: '[1]' });
	expect(await run('const nothing = 1')).toEqual({ ok: true, value: 'null' });
});

test('what goes wrong in it comes back in words', async () => {
	expect(await run('return args.order.id')).toEqual({
		ok: false,
		error: "TypeError: Cannot read properties of undefined (reading 'id')"
	});
	expect(await run('return {')).toMatchObject({ ok: false, error: expect.stringMatching(/^SyntaxError: /) });
	expect(await run('throw "no"')).toEqual({ ok: false, error: 'no' });
	expect(await run('return 1n')).toMatchObject({ ok: false, error: expect.stringContaining('BigInt') });
	expect(await run('setTimeout(() => { throw new Error("late") }); await new Promise(() => {})')).toMatchObject({
		ok: false,
		error: expect.stringContaining('late')
	});
	expect(await run('return "x".repeat(1_000_001)')).toMatchObject({
		ok: false,
		error: expect.stringContaining('at most 1000000')
	});
});

test('a script that never ends is stopped, and so is one that nobody waits for any more', async () => {
	expect(await run('for (;;);', {}, 50)).toEqual({
		ok: false,
		error: 'It did not return within 50 ms and was stopped.'
	});
	const controller = new AbortController();
	const running = run('for (;;);', {}, 60_000, controller.signal);
	controller.abort();
	expect(await running).toEqual({ ok: false, error: 'It was stopped.' });
	expect(document.querySelector('iframe[title^="A tool"]')).toBeNull();
});

test('nothing of the browser is there, by no name and through no prototype', async () => {
	const left = await valueOf(`
		const found = new Set();
		for (let scope = globalThis; scope && scope !== Object.prototype; scope = Object.getPrototypeOf(scope)) {
			for (const name of Reflect.ownKeys(scope)) found.add(String(name));
		}
		return [...found].filter((name) => !/^[A-Z]/.test(name)).sort();
	`);
	expect(left).toEqual(
		(
			'atob btoa clearInterval clearTimeout console decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval ' +
			'globalThis isFinite isNaN parseFloat parseInt queueMicrotask setInterval setTimeout structuredClone undefined unescape'
		).split(' ')
	);
	const ways =
		'fetch WebSocket XMLHttpRequest EventSource WebTransport importScripts indexedDB caches navigator location origin ' +
		'Worker SharedWorker BroadcastChannel MessageChannel postMessage onmessage Blob URL FileReader Request Response ' +
		'WebAssembly document window parent top localStorage sessionStorage self addEventListener Event EventTarget';
	expect(await valueOf(`return ${JSON.stringify(ways.split(' '))}.filter((name) => name in globalThis)`)).toEqual([]);
});

test('no module can be imported, from nowhere', async () => {
	const addresses = [
		`${location.origin}/src/core/base/result.ts`,
		'data:text/javascript,export default 1',
		'http://127.0.0.1:9/x.js'
	];
	for (const address of addresses) {
		expect(await run(`return await import(${JSON.stringify(address)})`), address).toMatchObject({ ok: false });
	}
});
