import { DefaultReporter } from 'vitest/node';

/** Vitest's own reporter without the list of what passed: it shows the failures, each with its error, and the sums. */
export default class extends DefaultReporter {
	override printTestModule(): void {}
}
