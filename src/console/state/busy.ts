/**
 * Whether work is pending, as `<html data-busy>`: connecting, loading, an answer on its way, audio being played, a flush.
 * Browser tests and other tools wait on it instead of sleeping.
 */
let pending = 0;

/** Marks the page busy until the returned function is called; calling it again does nothing. */
export function beginWork(): () => void {
	pending++;
	show();
	let isDone = false;
	return () => {
		if (isDone) return;
		isDone = true;
		pending--;
		show();
	};
}

/** A switch over one piece of work that may begin and end many times. */
export class BusySwitch {
	#end: (() => void) | null = null;

	set(isBusy: boolean): void {
		if (isBusy && !this.#end) this.#end = beginWork();
		if (!isBusy && this.#end) {
			this.#end();
			this.#end = null;
		}
	}
}

/** Called once by the page when it has started: until then `app.html` says busy. */
export function show(): void {
	document.documentElement.dataset['busy'] = pending > 0 ? 'true' : 'false';
}
