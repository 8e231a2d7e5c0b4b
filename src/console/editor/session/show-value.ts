/** A value in few words, for a line of text: names bare, everything else as JSON, long ones cut. */
export function showValue(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (typeof value === 'string' && /^[\w.:/-]{1,60}$/.test(value)) return value;
	const text = spell(value);
	return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}

const MOST_SHOWN = 120;

function spell(value: unknown): string {
	try {
		return JSON.stringify(value);
	} catch {
		// What a server nests deeper than the browser can spell is no value to read.
		return 'a value that is nested too deep to show';
	}
}
