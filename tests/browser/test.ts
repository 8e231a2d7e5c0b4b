// Import `test` and `expect` from here: one host per worker is running, `page.goto('/')` opens its site, and a test
// fails when the page breaks its own content security policy or throws.
import { test as base, expect } from 'playwright/test';
import type { ConsoleMessage } from 'playwright/test';
import { startTestHost } from '../host.ts';
import type { TestHost } from '../host.ts';

interface Fixtures {
	/** What went wrong in the page. A test that provokes an error empties it: `pageErrors.length = 0`. */
	pageErrors: string[];
}

export const test = base.extend<Fixtures, { host: TestHost }>({
	host: [
		// Playwright reads the names of a fixture's needs from this pattern, and this one needs none.
		async ({}, use) => {
			const host = await startTestHost();
			await use(host);
			await host.dispose();
		},
		{ scope: 'worker' }
	],
	baseURL: async ({ host }, use) => use(host.url),
	pageErrors: [
		async ({ page }, use) => {
			const errors: string[] = [];
			page.on('pageerror', (error) => errors.push(`uncaught: ${error.message}`));
			page.on('console', (message: ConsoleMessage) => {
				if (/content security policy/i.test(message.text())) errors.push(message.text());
			});
			await use(errors);
			expect(errors, 'errors in the page').toEqual([]);
		},
		{ auto: true }
	]
});

export { expect };
