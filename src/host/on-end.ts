/** How long the end may take before we go without it. */
const PATIENCE_MS = 3_000;

/**
 * Runs `dispose` once and then exits, when a signal says so or when the process that started us is gone. npm does not
 * pass SIGTERM on, so whoever starts us keeps an IPC channel open, and its closing is the sign that works always.
 */
export function onEnd(dispose: () => Promise<void>): void {
	let ending = false;
	const end = () => {
		if (ending) return;
		ending = true;
		setTimeout(() => process.exit(0), PATIENCE_MS).unref();
		dispose().then(
			() => process.exit(0),
			(error: unknown) => {
				console.error(error);
				process.exit(1);
			}
		);
	};
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
	if (process.channel) {
		process.on('disconnect', end);
		if (!process.connected) end();
	}
}
