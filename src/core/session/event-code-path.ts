/** The way to a member of an event: names of members, and places in lists from 0. */
export type JsonPath = readonly (string | number)[];

/** A path as `jq` has it: `.item.content[0].text`, and `.` for the whole. */
export function formatJqPath(path: JsonPath): string {
	const steps = path.map((step, index) => {
		if (typeof step === 'number') return index === 0 ? `.[${step}]` : `[${step}]`;
		if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(step)) return `.${step}`;
		return index === 0 ? `.[${quoteJq(step)}]` : `[${quoteJq(step)}]`;
	});
	return steps.length === 0 ? '.' : steps.join('');
}

/** A string of JSON is one of jq, but for what begins an interpolation, which JSON never leaves unescaped. */
function quoteJq(text: string): string {
	return JSON.stringify(text);
}
