/** How long a slice of long work takes: less than a frame, so that the page draws and answers its user in between. */
const SLICE_MS = 12;

/** How long work is cut into slices. Tests bring their own. */
export interface Slicing {
	/** Milliseconds of any monotonic clock. */
	nowMs(): number;
	/** Resolves in a task of its own, behind those that wait already. */
	rest(): Promise<void>;
}

/** A slice that begins now: the function says whether it is over. */
export function beginSlice(slicing: Slicing): () => boolean {
	const endMs = slicing.nowMs() + SLICE_MS;
	return () => slicing.nowMs() >= endMs;
}

let channel: MessageChannel | null = null;
const resting: (() => void)[] = [];

/**
 * Slices of the page's own time. A message is a task like others and is not delayed as timers are; `scheduler.yield` would
 * let the work go on before the worker's messages and before the page is drawn.
 */
export const PAGE_SLICES: Slicing = {
	nowMs: () => performance.now(),
	rest: () =>
		new Promise((resolve) => {
			channel ??= openChannel();
			resting.push(resolve);
			channel.port2.postMessage(null);
		})
};

function openChannel(): MessageChannel {
	const opened = new MessageChannel();
	opened.port1.onmessage = () => resting.shift()?.();
	return opened;
}
