import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { formatEventCode } from './event-code.ts';
import { formatJqPath } from './event-code-path.ts';
import { canBeCode, DEEPEST_CODE, formatPython } from './event-code-python.ts';

/** Whether a tool is on this machine; what it would check is skipped where it is not. */
function has(tool: string): boolean {
	return spawnSync(tool, ['--version']).status === 0;
}

function run(tool: string, args: readonly string[], input: string): string {
	const { status, stdout, stderr } = spawnSync(tool, args, { input, encoding: 'utf8' });
	if (status !== 0) throw new Error(stderr);
	return stdout;
}

const HARD: JsonObject = {
	type: 'response.create',
	response: {
		instructions: 'Say "it\'s\n\\done" \u2028 \u0000 \ud83d\ude00 $HOME `ls` %s \\(1) #{x}',
		metadata: { ['__proto__']: 'mine', 'a b': 'x', 'it\'s "': '' },
		tools: [],
		extra: {},
		numbers: [0, -1.5, 1e21, true, false, null]
	}
};

describe('what the code sends is the event', () => {
	const target = { model: 'gpt-realtime' };
	/** The argument of the call that sends, as it stands in the code. */
	const sent = (code: string, call: string) => code.slice(code.indexOf(call) + call.length, code.lastIndexOf(');'));

	test.each(['openai-node', 'agents-sdk'] as const)('%s', (language) => {
		const code = formatEventCode(language, HARD, target);
		const call = language === 'openai-node' ? 'client.send(' : 'session.transport.sendEvent(';
		let literal = sent(code, call);
		if (language === 'openai-node') literal = literal.slice(0, literal.lastIndexOf(');'));
		const value = run(process.execPath, ['-'], `console.log(JSON.stringify(${literal}))`);
		expect(value.trim()).toBe(JSON.stringify(HARD));
	});

	test.skipIf(!has('python3'))('openai-python', () => {
		const code = formatEventCode('openai-python', HARD, target);
		run('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], code);
		const dump = `import json\nprint(json.dumps(${formatPython(HARD, '')}, ensure_ascii=False))`;
		expect(JSON.parse(run('python3', ['-'], dump))).toEqual(JSON.parse(JSON.stringify(HARD)));
	});

	test('websocat: the shell hands it one line', () => {
		const code = formatEventCode('websocat', HARD, target);
		const stub = 'websocat() { cat; printf "%s\\n" "$@" >&2; }\n';
		const { stdout, stderr } = spawnSync('sh', ['-c', stub + code], {
			encoding: 'utf8',
			env: { ...process.env, OPENAI_API_KEY: 'key of a test' }
		});
		expect(stdout).toBe(`${JSON.stringify(HARD)}\n`);
		expect(stderr.trim().split('\n')).toEqual([
			'-n',
			'wss://api.openai.com/v1/realtime?model=gpt-realtime',
			'-H=Authorization: Bearer key of a test'
		]);
	});

	test('websocat is told of a message that is longer than what it takes', () => {
		const long = { type: 'x', text: 'ä'.repeat(60_000) };
		const room = Number(/-B (\d+)/.exec(formatEventCode('websocat', long, target))?.[1]);
		expect(room).toBeGreaterThan(new TextEncoder().encode(JSON.stringify(long)).length);
	});
});

test('an endpoint of one’s own: its address, and no key', () => {
	const target = { model: 'my model', baseUrl: 'http://127.0.0.1:4600/v1' };
	const code = (['openai-node', 'openai-python', 'agents-sdk', 'websocat'] as const).map((language) =>
		formatEventCode(language, { type: 'response.create' }, target)
	);
	expect(code[0]).toContain('"https://127.0.0.1:4600/v1"');
	expect(code[1]).toContain('websocket_base_url="ws://127.0.0.1:4600/v1"');
	expect(code[2]).toContain('"ws://127.0.0.1:4600/v1/realtime?model=my%20model"');
	expect(code[3]).toContain("'ws://127.0.0.1:4600/v1/realtime?model=my%20model'");
	for (const text of code) expect(text).not.toContain('OPENAI_API_KEY');
});

test('code is made of what is not nested too deep', () => {
	const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
	expect(canBeCode(nested(DEEPEST_CODE))).toBe(true);
	expect(canBeCode(nested(DEEPEST_CODE + 2))).toBe(false);
	expect(canBeCode(nested(1_000_000))).toBe(false);
});

test('paths as jq has them', () => {
	const paths = [[], ['item', 'content', 0, 'text'], [3, 'a'], ['a b', 'type'], ['0x', '"\\('], ['_1']];
	expect(paths.map(formatJqPath)).toEqual([
		...['.', '.item.content[0].text', '.[3].a', '.["a b"].type', '.["0x"]["\\"\\\\("]', '._1']
	]);
});

test.skipIf(!has('jq'))('jq finds by a path what the path means, whatever its names are', () => {
	const step = fc.oneof(fc.string(), fc.constantFrom('"', '\\(1)', 'and', '__proto__'), fc.nat(2));
	fc.assert(
		fc.property(fc.array(step, { maxLength: 4 }), (path) => {
			const value = path.reduceRight<unknown>(
				(inner, key) =>
					typeof key === 'number' ? [...Array<null>(key).fill(null), inner] : Object.fromEntries([[key, inner]]),
				'found'
			);
			expect(run('jq', ['-r', formatJqPath(path)], JSON.stringify(value))).toBe('found\n');
		}),
		{ numRuns: 40 }
	);
});
