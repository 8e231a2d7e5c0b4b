import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import type { TestProjectConfiguration } from 'vitest/config';
import { earshotHost } from './src/host/vite-plugin.ts';

export default defineConfig(async () => ({
	plugins: [earshotHost(), sveltekit()],
	build: {
		// A file that is small enough to become a data: URL would be refused by the page's policy (worklets, workers).
		assetsInlineLimit: 0,
		chunkSizeWarningLimit: 5000, // kB; the editor is one lazy chunk
		rolldownOptions: { checks: { pluginTimings: false } }
	},
	test: { projects: process.env.VITEST ? [unitProject, await browserProject()] : [] }
}));

const browserTests = 'src/**/*.browser.test.ts';

const LONGEST_TEST_MS = 60_000;

const unitProject: TestProjectConfiguration = {
	extends: true,
	test: {
		name: 'unit',
		environment: 'node',
		include: [
			'src/**/*.test.ts',
			'tests/architecture/**/*.test.ts',
			'tests/contract/**/*.test.ts',
			'tests/demos/**/*.test.ts'
		],
		exclude: [browserTests],
		// Only what hangs is stopped: a machine that is busy with other things fails no test.
		testTimeout: LONGEST_TEST_MS
	}
};

/** Loaded for tests only: Playwright takes its time, and no build or development server needs it. */
async function browserProject(): Promise<TestProjectConfiguration> {
	const { playwright } = await import('@vitest/browser-playwright');
	const { chromiumLaunchOptions } = await import('./tests/chromium.ts');
	return {
		extends: true,
		// Found in the middle of a run, they would reload the page under a test.
		optimizeDeps: { include: ['comlink', '@zip.js/zip.js/lib/zip-core-native.js', 'fast-check', 'idb'] },
		// Isolated, as our host makes the page: without it there is no shared memory to test.
		server: {
			headers: {
				'Cross-Origin-Opener-Policy': 'same-origin',
				'Cross-Origin-Embedder-Policy': 'require-corp',
				'Cross-Origin-Resource-Policy': 'same-origin'
			}
		},
		test: {
			name: 'browser',
			testTimeout: LONGEST_TEST_MS,
			include: [browserTests],
			browser: {
				enabled: true,
				headless: true,
				screenshotFailures: false,
				provider: playwright({ launchOptions: chromiumLaunchOptions() }),
				instances: [{ browser: 'chromium' }]
			}
		}
	};
}
