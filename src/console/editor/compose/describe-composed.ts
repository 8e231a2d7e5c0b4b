import { isObject, parseJson, stringAt } from '#core/base/json.ts';
import { formatCount } from '#core/base/words.ts';
import type { ComposedKind } from '#core/protocol/saved-events.ts';
import { parseBinaryText } from '#core/recording/binary-text.ts';

export const KIND_WORDS: Readonly<Record<ComposedKind, string>> = {
	event: 'an event',
	script: 'a script',
	hex: 'a binary frame',
	base64: 'a binary frame'
};

const MOST_SHOWN = 200;

/** One line for a list: an event's type and what it holds, a script's length, a frame's bytes. */
export function describeComposed({ kind, text }: { readonly kind: ComposedKind; readonly text: string }): string {
	if (kind === 'event') return describeEvent(text);
	if (kind === 'script') {
		const steps = parseJson(text);
		return Array.isArray(steps) ? `script, ${formatCount(steps.length, 'step')}` : 'script, not JSON';
	}
	const bytes = parseBinaryText(text, kind);
	return bytes.ok ? `binary, ${formatCount(bytes.value.length, 'byte')}` : `binary, not ${kind}`;
}

function describeEvent(text: string): string {
	const event = parseJson(text);
	const type = stringAt(event, 'type');
	if (!isObject(event) || type === undefined) return text.trim().slice(0, MOST_SHOWN) || '(empty)';
	const others = Object.entries(event).filter(([key]) => key !== 'type');
	if (others.length === 0) return type;
	return `${type} ${JSON.stringify(Object.fromEntries(others)).slice(0, MOST_SHOWN)}`;
}
