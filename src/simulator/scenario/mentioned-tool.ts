/** Which of the offered tools a text is about, by the words of its name. */
import type { CallableTool } from '#simulator/session/ports.ts';

/** Words that many tools have in their names and that tell nothing about one of them. */
const PLAIN_WORDS = new Set(
	(
		'a an and api by call check create current do execute fetch find for from function get in is list load look lookup ' +
		'make my of on perform query read request retrieve run search set show the to tool up update use with'
	).split(' ')
);

/** `getOrderStatus` and `get-order_status` are get, order, status. */
function splitName(name: string): string[] {
	return name
		.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
		.replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
		.toLowerCase()
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== '');
}

/** One form for one and many: order, orders. */
const singular = (word: string): string => (word.length > 3 ? word.replace(/s$/, '') : word);

/** How much of a tool's name the text says: 0 when not enough of it, Infinity for the name as it is. */
function rate(name: string, wholes: ReadonlySet<string>, words: ReadonlySet<string>): number {
	if (wholes.has(name.toLowerCase())) return Infinity;
	const all = splitName(name);
	const telling = all.filter((word) => !PLAIN_WORDS.has(word));
	const asked = telling.length > 0 ? telling : all;
	return asked.length > 0 && asked.every((word) => words.has(singular(word))) ? asked.length : 0;
}

/** The tool that the text says most of; of equals the first. Undefined when it mentions none. */
export function findMentionedTool(text: string | undefined, tools: readonly CallableTool[]): CallableTool | undefined {
	if (!text) return undefined;
	const wholes = new Set(text.toLowerCase().match(/[\p{L}\p{N}_-]+/gu));
	const words = new Set(splitName(text).map(singular));
	let best: { tool: CallableTool; rating: number } | undefined;
	for (const tool of tools) {
		const rating = rate(tool.name, wholes, words);
		if (rating > (best?.rating ?? 0)) best = { tool, rating };
	}
	return best?.tool;
}
