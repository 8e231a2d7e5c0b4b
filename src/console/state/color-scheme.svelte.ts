import { MediaQuery } from 'svelte/reactivity';

const dark = new MediaQuery('(prefers-color-scheme: dark)');

/** The system's theme, for what is drawn rather than styled: canvas and editor. */
export const colorScheme = {
	get isDark(): boolean {
		return dark.current;
	}
};
