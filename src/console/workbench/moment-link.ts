/** Reads the moment in a link such as `#t=41.200&seq=812`: seconds, and an event's number. */
export function parseMoment(hash: string): { ms: number | null; seq: number | null } {
	const fields = new URLSearchParams(hash.replace(/^#/, ''));
	const seconds = Number(fields.get('t') ?? NaN);
	const seq = Number(fields.get('seq') ?? NaN);
	return {
		ms: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
		seq: Number.isInteger(seq) && seq >= 0 ? seq : null
	};
}
