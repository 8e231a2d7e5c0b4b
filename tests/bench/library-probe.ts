// What is watched inside the console's page: when things appear in it, and what keeps it from answering.

/** What the probe saw. Times are of the page's `performance.now()`. */
export interface Seen {
	/** When each thing was there first, and when it was painted; absent while it has not come. */
	readonly marks: Readonly<Partial<Record<ProbeMark, { readonly atMs: number; readonly paintedMs: number }>>>;
	/** Tasks of the page over 50 ms. */
	readonly longTasks: readonly { readonly atMs: number; readonly ms: number }[];
	/** When a file was chosen. */
	readonly chosenMs: number;
}

export type ProbeMark = 'firstRow' | 'storing' | 'stored' | 'eventRow' | 'playhead' | 'loaded';

/** Something that was done in the page: until the next frame shows something of it, and until all of it is shown. */
export interface Reaction {
	readonly frameMs: number;
	readonly shownMs: number;
}

export interface Probe {
	seen(): Seen;
	/** Does something, and waits until the page shows a state without work pending. */
	react(work: () => void, isShown: () => boolean): Promise<Reaction>;
	/** Waits for a press of the mouse from now on, and then as `react` does; `pressed` is what came of it. */
	awaitPress(): void;
	pressed: Promise<Reaction>;
	/** Milliseconds of each frame while a list is scrolled through. */
	scroll(list: Element, stepPx: number, frames: number): Promise<number[]>;
}

/** Installs `probe` in a page before its own scripts. Runs there from its source text: it can use nothing from outside. */
export function installProbe(): void {
	const MARKS: Readonly<Record<ProbeMark, string>> = {
		firstRow: '[data-first-row="0"]',
		storing: '[role=progressbar][aria-label^="Storing"]',
		// The report of an import takes the place of its progress, or all of it goes.
		stored: 'html:not(:has(section[aria-label^="Reading "] [role=progressbar]))',
		eventRow: '[role=row][data-seq]',
		playhead: '[role=slider][aria-label="Playhead"]',
		// All of a recording has come and is folded.
		loaded: 'html[data-busy="false"]:has([role=row][data-seq]):not(:has(progress))'
	};
	const marks: Partial<Record<ProbeMark, { atMs: number; paintedMs: number }>> = {};
	const longTasks: { atMs: number; ms: number }[] = [];
	let chosenMs = 0;

	/** Resolves behind the next frame. */
	const painted = () =>
		new Promise<number>((resolve) => {
			requestAnimationFrame(() => {
				const { port1, port2 } = new MessageChannel();
				port1.onmessage = () => resolve(performance.now());
				port2.postMessage(null);
			});
		});
	const look = () => {
		for (const name of Object.keys(MARKS) as ProbeMark[]) {
			if (marks[name] || (name === 'stored' && !marks.storing) || !document.querySelector(MARKS[name])) continue;
			const mark = { atMs: performance.now(), paintedMs: NaN };
			marks[name] = mark;
			// For whoever looks at a trace of the browser.
			performance.mark(name);
			void painted().then((ms) => (mark.paintedMs = ms));
		}
	};
	new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
	new PerformanceObserver((list) => {
		for (const { startTime, duration } of list.getEntries()) longTasks.push({ atMs: startTime, ms: duration });
	}).observe({ type: 'longtask', buffered: true });
	const choose = () => (chosenMs = performance.mark('chosen').startTime);
	addEventListener('change', choose, { capture: true });

	const isIdle = () => document.documentElement.dataset['busy'] === 'false';
	const reaction = async (startMs: number, isShown: () => boolean) => {
		let nowMs = await painted();
		const frameMs = nowMs - startMs;
		while (!isIdle() || !isShown()) nowMs = await painted();
		return { frameMs, shownMs: nowMs - startMs };
	};
	const probe: Probe = {
		seen: () => ({ marks, longTasks, chosenMs }),
		react(work, isShown) {
			const startMs = performance.now();
			work();
			return reaction(startMs, isShown);
		},
		pressed: new Promise(() => undefined),
		awaitPress() {
			probe.pressed = new Promise((resolve) => {
				const take = () => resolve(reaction(performance.now(), () => true));
				addEventListener('pointerdown', take, { capture: true, once: true });
			});
		},
		async scroll(list, stepPx, frames) {
			const times: number[] = [];
			let lastMs = await painted();
			for (let frame = 0; frame < frames; frame++) {
				list.scrollTop += stepPx;
				const nowMs = await painted();
				times.push(nowMs - lastMs);
				lastMs = nowMs;
			}
			return times;
		}
	};
	Object.assign(globalThis, { probe });
}
