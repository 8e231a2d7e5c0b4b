/** What the workbench's keys do; a key that has no action in the present mode is left to the browser. */
export interface KeyActions {
	readonly playOrPause?: () => void;
	readonly startTalking?: () => void;
	readonly stopTalking?: () => void;
	readonly stepEvent?: (direction: 1 | -1) => void;
	readonly stepTurn?: (direction: 1 | -1) => void;
	readonly pan: (fraction: number) => void;
	readonly zoom: (factor: number) => void;
	readonly showAll: () => void;
	readonly focusFilter: () => void;
	readonly showKeys: () => void;
}

/** The list that `?` shows. */
export const KEY_LIST: readonly (readonly [keys: string, does: string])[] = [
	['Space', 'Play or pause (replay)'],
	['V, held', 'Talk while it is held (live)'],
	['J  K', 'Next and previous event'],
	[']  [', 'Next and previous turn (replay)'],
	['W  S', 'Zoom in and out'],
	['A  D', 'Move left and right'],
	['F', 'Show the whole session'],
	['/', 'Filter events'],
	['Ctrl+Enter', 'Apply the session, or send the event (in an editor)'],
	['?', 'This list']
];

/** Whether a key press belongs to what is focused: text fields, Monaco, and controls that use the key themselves. */
function isTaken(event: KeyboardEvent): boolean {
	const target = event.target instanceof HTMLElement ? event.target : null;
	if (!target || event.ctrlKey || event.metaKey || event.altKey) return true;
	if (target.closest('input, textarea, select, [contenteditable], .monaco-editor, dialog[open]')) return true;
	return event.key === ' ' && target.closest('button, a, [role="tab"]') !== null;
}

/** Listens for the workbench's keys. Returns what takes the listeners away again. */
export function attachKeys(actions: KeyActions): () => void {
	const bindings: Record<string, (() => void) | undefined> = {
		' ': actions.playOrPause,
		j: actions.stepEvent && (() => actions.stepEvent?.(1)),
		k: actions.stepEvent && (() => actions.stepEvent?.(-1)),
		']': actions.stepTurn && (() => actions.stepTurn?.(1)),
		'[': actions.stepTurn && (() => actions.stepTurn?.(-1)),
		w: () => actions.zoom(1 / 1.5),
		s: () => actions.zoom(1.5),
		a: () => actions.pan(-0.2),
		d: () => actions.pan(0.2),
		f: actions.showAll,
		'/': actions.focusFilter,
		'?': actions.showKeys
	};
	const onkeydown = (event: KeyboardEvent) => {
		if (isTaken(event)) return;
		const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
		if (key === 'v') {
			if (!event.repeat) actions.startTalking?.();
			return;
		}
		const action = bindings[key];
		if (!action) return;
		event.preventDefault();
		action();
	};
	const onkeyup = (event: KeyboardEvent) => {
		if (event.key.toLowerCase() === 'v') actions.stopTalking?.();
	};
	// A key that is let go in another window is never heard of.
	const onblur = () => actions.stopTalking?.();
	window.addEventListener('keydown', onkeydown);
	window.addEventListener('keyup', onkeyup);
	window.addEventListener('blur', onblur);
	return () => {
		window.removeEventListener('keydown', onkeydown);
		window.removeEventListener('keyup', onkeyup);
		window.removeEventListener('blur', onblur);
	};
}

export function focusFilter(): void {
	document.querySelector<HTMLInputElement>('input[aria-label="Filter events"]')?.focus();
}
