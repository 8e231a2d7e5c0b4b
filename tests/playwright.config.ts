// The browser tests: the built site on the real host, in the Chromium that tests/chromium.ts finds.
// By hand: npm run build, then: npx playwright test -c tests
import path from 'node:path';
import { defineConfig } from 'playwright/test';
import { chromiumLaunchOptions } from './chromium.ts';

export default defineConfig({
	testDir: path.join(import.meta.dirname, 'browser'),
	outputDir: path.join(import.meta.dirname, '../test-results/playwright'),
	workers: 2,
	retries: 0, // a test that passes the second time has found something
	forbidOnly: Boolean(process.env.CI),
	timeout: 120_000,
	expect: { timeout: 20_000 },
	reporter: 'list',
	use: {
		browserName: 'chromium',
		launchOptions: chromiumLaunchOptions(),
		viewport: { width: 1440, height: 900 },
		trace: 'retain-on-failure',
		video: 'off', // needs a program of Playwright's own, which a system browser lacks
		screenshot: 'only-on-failure'
	}
});
