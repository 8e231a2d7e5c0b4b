import { describe, expect, it } from 'vitest';
import { readCascadeConfig } from '#simulator/cascade/cascade-config.ts';

function baseUrl(url: string): string | undefined {
	const config = readCascadeConfig({ EARSHOT_LLM_URL: url });
	return config.ok ? config.value.llm?.baseUrl : undefined;
}

describe('readCascadeConfig', () => {
	it('is empty where nothing is set, or nothing but blanks', () => {
		expect(readCascadeConfig({ PATH: '/bin' })).toEqual({ ok: true, value: {} });
		expect(readCascadeConfig({ EARSHOT_LLM_URL: '', EARSHOT_TTS_VOICE: ' ' })).toEqual({ ok: true, value: {} });
	});

	it('reads each stage with its own model, key, time limit and voice', () => {
		expect(
			readCascadeConfig({
				EARSHOT_LLM_URL: 'http://127.0.0.1:11434',
				EARSHOT_LLM_MODEL: 'qwen3',
				EARSHOT_LLM_KEY: ' sk-1 ',
				EARSHOT_LLM_TIMEOUT_MS: '60000',
				EARSHOT_TTS_URL: 'https://example.com/api?version=2',
				EARSHOT_TTS_VOICE: 'af_heart'
			})
		).toEqual({
			ok: true,
			value: {
				llm: {
					stage: 'LLM',
					baseUrl: 'http://127.0.0.1:11434/v1',
					query: {},
					origin: 'http://127.0.0.1:11434',
					model: 'qwen3',
					key: 'sk-1',
					timeoutMs: 60_000
				},
				tts: {
					stage: 'TTS',
					baseUrl: 'https://example.com/api/v1',
					query: { version: '2' },
					origin: 'https://example.com',
					voice: 'af_heart',
					timeoutMs: 30_000
				}
			}
		});
	});

	it.each([
		['http://localhost:8080', 'http://localhost:8080/v1'],
		['http://localhost:8080/', 'http://localhost:8080/v1'],
		['http://localhost:8080/v1', 'http://localhost:8080/v1'],
		['http://localhost:8080/v1/', 'http://localhost:8080/v1'],
		['http://localhost:8080/v1/chat/completions', 'http://localhost:8080/v1'],
		['http://localhost:8080/chat/completions', 'http://localhost:8080/v1'],
		['https://example.com/api/v3', 'https://example.com/api/v3'],
		['https://example.com/v1beta/openai/', 'https://example.com/v1beta/openai'],
		['https://example.com/vision', 'https://example.com/vision/v1']
	])('takes %s as %s', (given, expected) => {
		expect(baseUrl(given)).toBe(expected);
	});

	it.each([
		[{ EARSHOT_LLM_URL: 'localhost:11434' }, /^EARSHOT_LLM_URL must begin with http.*EARSHOT_LLM_URL=http/],
		[{ EARSHOT_STT_URL: 'http://' }, /^EARSHOT_STT_URL is not a URL.*EARSHOT_STT_URL=http/],
		[{ EARSHOT_TTS_URL: 'http://me:secret@host' }, /^EARSHOT_TTS_URL must not hold a name or a password/],
		[{ EARSHOT_LLM_KEY: 'secret' }, /^EARSHOT_LLM_KEY is set, but EARSHOT_LLM_URL is not.*EARSHOT_LLM_URL=http/],
		[{ EARSHOT_TTS_VOICE: 'marin' }, /^EARSHOT_TTS_VOICE is set, but EARSHOT_TTS_URL is not/],
		[{ EARSHOT_LLM_URL: 'http://h', EARSHOT_LLM_KEY: 'sk\nsecret' }, /^EARSHOT_LLM_KEY holds a space or a sign/],
		[{ EARSHOT_LLM_URL: 'http://h', EARSHOT_LLM_TIMEOUT_MS: '0' }, /^EARSHOT_LLM_TIMEOUT_MS must be a whole.*=60000/],
		[{ EARSHOT_LLM_URL: 'http://h', EARSHOT_LLM_TIMEOUT_MS: '10s' }, /^EARSHOT_LLM_TIMEOUT_MS must be a whole/]
	])('refuses %j and repeats no value', (env, says) => {
		const config = readCascadeConfig(env);
		expect(config.ok).toBe(false);
		if (config.ok) return;
		expect(config.error).toMatch(says);
		expect(config.error).not.toContain('secret');
	});
});
