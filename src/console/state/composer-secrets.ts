import type { ComposedKind } from '#core/protocol/saved-events.ts';

/**
 * What looks like a key, a token or a password in a composed text, in words: `api key at session.update tools[0]…`; `null`
 * when there is none. Such a text is sent when its writer wants it, and never kept in the browser. Loaded when it is
 * needed: it is large.
 */
export async function findSecretIn(kind: ComposedKind, text: string): Promise<string | null> {
	const { createRedactor } = await import('#core/recording/redaction/redactor.ts');
	const redactor = createRedactor({});
	if (kind === 'base64') redactor.binary('client', text);
	else redactor.message('client', text);
	const found = redactor.found.find((redaction) => redaction.kind !== 'ip address');
	return found ? `${found.kind}, ${found.hint}, at ${found.where}` : null;
}
