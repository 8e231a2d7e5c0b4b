import { describe, expect, test } from 'vitest';
import { checkImports, packageOf } from './import-rules.ts';
import { findImports } from './imports.ts';
import { isCode, listFiles, readText } from './source-files.ts';

/** Every file is parsed: some seconds on a busy machine. */
const LIMIT = { timeout: 60_000 };

test('every file of src imports only what its folder may', LIMIT, () => {
	const files = listFiles().filter((file) => file.startsWith('src/') && isCode(file));
	expect(files.length).toBeGreaterThan(10);
	expect(files.flatMap((file) => checkImports(file, readText(file) ?? ''))).toEqual([]);
});

test('every package that is imported is listed in package.json, so that it stays when others change', LIMIT, () => {
	const { dependencies, devDependencies } = JSON.parse(readText('package.json') ?? '') as Record<string, object>;
	const listed = new Set(Object.keys({ ...dependencies, ...devDependencies }));
	const unlisted = listFiles()
		.filter(isCode)
		.flatMap((file) =>
			findImports(file, readText(file) ?? '').flatMap(({ specifier = '', line }) => {
				const name = packageOf(specifier);
				return name && !listed.has(name) ? [`${file}:${line} imports '${specifier}'`] : [];
			})
		);
	expect(unlisted).toEqual([]);
});

describe('the check itself', () => {
	const refused: [file: string, source: string, says: RegExp][] = [
		[
			'src/core/base/a.ts',
			"import x from '../protocol/b.ts';",
			/a\.ts:1 imports '\.\.\/protocol\/b\.ts': that is core\/protocol/
		],
		['src/core/base/a.ts', "\n\nimport '#core/audio/b.ts';", /a\.ts:3 imports '#core\/audio\/b\.ts'/],
		['src/core/base/a.ts', "import fs from 'node:fs';", /package is not for this folder.*packages: nothing/],
		['src/core/audio/a.ts', "export * from '../session/b.ts';", /core\/session/],
		['src/core/audio/a.ts', "export type { B } from '../session/b.ts';", /core\/session/],
		['src/core/audio/a.ts', "import type { B } from '../session/b.ts';", /core\/session/],
		['src/core/audio/a.ts', "type B = import('../session/b.ts').B;", /core\/session/],
		['src/core/audio/a.ts', "const b = await import('../session/b.ts');", /core\/session/],
		['src/core/audio/a.ts', 'const b = await import(`../session/b.ts`);', /core\/session/],
		['src/core/audio/a.ts', 'const b = await import(name);', /computed/],
		['src/core/protocol/a.ts', "import OpenAI from 'openai';", /package is not for/],
		['src/core/protocol/a.ts', "import { type A, b } from 'openai';", /package is not for/],
		['src/core/session/a.ts', "import { x } from '../timeline/b.ts';", /core\/timeline/],
		['src/core/session/a.ts', "import { x } from '../recording/b';", /file extension/],
		['src/browser/connection/a.ts', "import '../store/b.ts';", /browser\/store/],
		['src/browser/connection/a.ts', "import { openDB } from 'idb';", /package is not for/],
		['src/browser/store/a.ts', "import { tick } from 'svelte';", /package is not for/],
		['src/console/state/a.svelte.ts', "import '#console/events/b.ts';", /console\/events/],
		[
			'src/console/events/A.svelte',
			"<p>hi</p>\n<script>\n\timport B from '../waveform/B.svelte';\n</script>",
			/A\.svelte:3/
		],
		['src/console/events/A.svelte', "<script module>import '#browser/store/b.ts'</script>", /browser\/store/],
		['src/console/events/A.svelte', "<script>import 'monaco-editor';</script>", /package is not for/],
		['src/console/editor/A.svelte', "<script>import 'wavesurfer.js';</script>", /package is not for/],
		['src/console/events/A.svelte', "<script>import { goto } from '$app/navigation';</script>", /package is not for/],
		['src/console/ui/A.svelte', "<script>import { x } from '#core/base/x.ts';</script>", /core\/base/],
		['src/console/ui/A.svelte', "<script>import { x } from '../state/x.ts';</script>", /console\/state/],
		['src/simulator/a.ts', "import '../relay/b.ts';", /relay/],
		['src/simulator/a.ts', "import 'vite';", /package is not for/],
		['src/relay/a.ts', "import '#simulator/b.ts';", /simulator/],
		['src/host/a.ts', "import '#core/session/b.ts';", /core\/session/],
		['src/routes/+page.svelte', "<script>import '#core/base/b.ts';</script>", /core\/base/],
		['src/core/base/a.test.ts', "import '#browser/store/b.ts';", /browser\/store/],
		['src/browser/store/a.browser.test.ts', "import 'node:fs';", /package is not for/],
		['src/browser/store/a.ts', "import './testing/fixtures.ts';", /for tests only/],
		['src/lib/a.ts', '', /no rule/],
		['src/core/a.ts', '', /no rule/]
	];
	test.each(refused)('refuses in %s: %s', (file, source, says) => {
		const messages = checkImports(file, source);
		expect(messages).toHaveLength(1);
		expect(messages[0]).toMatch(says);
	});

	const allowed: [file: string, source: string][] = [
		['src/core/base/a.ts', "import { x } from './b.ts'; import y from './data.json' with { type: 'json' };"],
		['src/core/protocol/a.ts', "import type { RealtimeClientEvent } from 'openai/resources/realtime/realtime';"],
		['src/core/protocol/a.ts', "import { type A, type B } from 'openai';"],
		['src/core/timeline/a.ts', "import { x } from '#core/session/b.ts';"],
		['src/core/timeline/a.ts', "const text = \"import x from 'node:fs'\"; // import('node:fs')"],
		['src/browser/store/a.ts', "import { openDB } from 'idb'; import '#core/recording/b.ts';"],
		['src/browser/audio-device/a.ts', "import url from './speaker.worklet.ts?worker&url';"],
		['src/console/state/a.svelte.ts', "import '#browser/store/b.ts'; import { SvelteMap } from 'svelte/reactivity';"],
		[
			'src/console/editor/A.svelte',
			"<script>import 'monaco-editor/editor'; import '#console/ui/Button.svelte';</script>"
		],
		['src/console/workbench/A.svelte', "<script>import B from '../events/B.svelte';</script>"],
		['src/simulator/deep/a.ts', "import ws from 'ws'; import '../b.ts'; import fs from 'node:fs/promises';"],
		['src/host/a.ts', 'await import(moduleUrl);'],
		[
			'src/routes/recordings/+page.svelte',
			"<script>import '#console/workbench/W.svelte'; import '$app/state';</script>"
		],
		['src/core/base/a.test.ts', "import { test } from 'vitest'; import '#core/session/b.ts'; import 'node:fs';"],
		['src/browser/store/testing/a.ts', "import { expect } from 'vitest';"],
		['src/browser/store/a.browser.test.ts', "import './testing/fixtures.ts';"],
		['src/host/a.test.ts', "import { startTestHost } from '../../tests/host.ts';"],
		['src/app.d.ts', "import type { X } from '@sveltejs/kit';"]
	];
	test.each(allowed)('allows in %s: %s', (file, source) => {
		expect(checkImports(file, source)).toEqual([]);
	});
});
