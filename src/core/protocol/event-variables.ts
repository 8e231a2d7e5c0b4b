/** Variables in what a user writes: `{{last.item_id}}` stands for a value of the running session. */

/** What a variable stands for. `undefined`: there is no variable of this name; `null`: it has no value now. */
export type VariableValue = string | number | null | undefined;

export interface FilledText {
	readonly text: string;
	/** The variables that have no value now, each once, in the order in which they stand in the text. */
	readonly missing: readonly string[];
	/** Names that begin as variables do and are none: they stay as they are written. */
	readonly unknown: readonly string[];
}

/** A string that is a variable and nothing else, or a variable anywhere in the text. */
const VARIABLE = /"\{\{([a-z][a-z_.]*)\}\}"|\{\{([a-z][a-z_.]*)\}\}/g;

/**
 * Puts values in the place of variables. Text is escaped as in a JSON string, so that no value can end the string that it
 * stands in. A number takes the place of a string that is its variable alone, quotes included: `"{{last.played_ms}}"`
 * becomes `1840`. What has no value, and braces that are no variable, stay as they are written; in JSON `\u007b{` says two
 * braces that are never a variable.
 */
export function fillVariables(text: string, valueOf: (name: string) => VariableValue): FilledText {
	const missing = new Set<string>();
	const unknown = new Set<string>();
	const filled = text.replace(VARIABLE, (written, quoted: string | undefined, bare: string | undefined) => {
		const name = quoted ?? bare ?? '';
		const value = valueOf(name);
		if (value === undefined) unknown.add(name);
		else if (value === null) missing.add(name);
		else if (typeof value === 'number') return String(value);
		else return quoted === undefined ? escaped(value) : `"${escaped(value)}"`;
		return written;
	});
	return { text: filled, missing: [...missing], unknown: [...unknown] };
}

function escaped(value: string): string {
	return JSON.stringify(value).slice(1, -1);
}
