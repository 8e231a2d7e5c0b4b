const due = new Set<() => void>();

/**
 * Does something before the next picture is painted, once however often it is asked for. What asks the browser for places
 * and sizes belongs here: all of it needs one layout then, where each for itself would have the page laid out anew.
 */
export function beforePaint(work: () => void): void {
	if (due.size === 0) requestAnimationFrame(run);
	due.add(work);
}

/** It is not to be done any more. */
export function notBeforePaint(work: () => void): void {
	due.delete(work);
}

function run(): void {
	const works = [...due];
	due.clear();
	for (const work of works) work();
}
