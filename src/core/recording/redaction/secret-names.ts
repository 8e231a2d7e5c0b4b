/** What the name of a member, a header or a parameter tells of its value. */
import { isMark } from './finding.ts';
import type { RedactionKind } from './redaction-options.ts';

/** Where a name stands: in headers and addresses some names mean a secret that mean nothing elsewhere. */
export type NamePlace = 'member' | 'header' | 'parameter';

interface NameRule {
	/** Of the name in lower case, without what is neither letter nor digit. */
	readonly name: RegExp;
	readonly kind: RedactionKind;
	readonly places?: readonly NamePlace[];
}

const KEYS =
	'api|access|secret|subscription|account|auth|master|admin|signing|encryption|shared|functions?|service|storage|server|app';
/** What a language model, a list of results or a cancelled request calls a token. */
const OTHER_TOKENS =
	'page|next|prev|previous|continuation|cursor|sync|eos|bos|pad|unk|sep|cls|mask|stop|start|end|special|cancel|cancellation|per|first|last|max|min|text|audio|image|cached|input|output|next|prompt';

/** The first that fits decides. */
const RULES: readonly NameRule[] = [
	{ name: /clientsecrets?$/, kind: 'client secret' },
	{ name: new RegExp(`(?:${KEYS})keys?$|^xikey$`), kind: 'api key' },
	{ name: /(?:secret|secretvalue|credentials?|privatekey|connectionstring)$/, kind: 'secret' },
	{ name: new RegExp(`(?<!${OTHER_TOKENS})token$|jwt$`), kind: 'token' },
	{ name: /(?:password|passwd|passphrase|passcode|pwd)$/, kind: 'password' },
	{ name: /(?:authorization|authorisation|^auth|xauth|bearer)$/, kind: 'authorization' },
	{ name: /cookies?$/, kind: 'cookie' },
	{ name: /^(?:key|sig|signature|pass|session|sid)$|signature$/, kind: 'secret', places: ['parameter'] },
	{ name: /(?:signature|session|auth)$/, kind: 'secret', places: ['header'] }
];

/** Headers whose names end in `key` and that open nothing. Source: RFC 6455, 11.3; IETF draft idempotency-key-header. */
const OPEN_KEYS =
	/^(?:sec-websocket-key\d?|(?:x-)?(?:idempotency|cache|surrogate|partition|routing|sort|public)-key)$/i;

const LONGEST_NAME = 100;
const MOST_REMEMBERED = 4000;
const remembered: Readonly<Record<NamePlace, Map<string, RedactionKind | null>>> = {
	member: new Map(),
	header: new Map(),
	parameter: new Map()
};

/** The kind of secret that a name announces, in any spelling: `api_key`, `apiKey`, `X-Api-Key`. `undefined`: none. */
export function kindOfName(name: string, place: NamePlace): RedactionKind | undefined {
	if (name.length > LONGEST_NAME) return undefined;
	const known = remembered[place].get(name);
	if (known !== undefined) return known ?? undefined;
	const kind = judge(name, place);
	if (remembered[place].size >= MOST_REMEMBERED) remembered[place].clear();
	remembered[place].set(name, kind ?? null);
	return kind;
}

function judge(name: string, place: NamePlace): RedactionKind | undefined {
	// A mark within a name is what is left of a secret, and announces none.
	if (name.includes('[redacted') || OPEN_KEYS.test(name)) return undefined;
	const letters = name
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '')
		.replace(/\d$/, '');
	const rule = RULES.find((each) => (!each.places || each.places.includes(place)) && each.name.test(letters));
	if (rule) return rule.kind;
	return place === 'header' && /[-_]key$/i.test(name) ? 'api key' : undefined;
}

/** Headers of a tool's requests that hold no secret; any other may, whatever its name. */
const HARMLESS_HEADERS =
	/^(?:accept|accept-.+|user-agent|host|origin|connection|content-(?:type|length|encoding|language)|cache-control|date|mcp-protocol-version|openai-beta|x-request-id|traceparent)$/i;

/** What the name of a header says that is sent to a tool's server: the user put it there, mostly to get in. */
export function kindOfToolHeader(name: string): RedactionKind | undefined {
	return HARMLESS_HEADERS.test(name) ? undefined : (kindOfName(name, 'header') ?? 'secret');
}

/** Headers that tell a client's address. Source: RFC 7239, and the usual proxies. */
export function isAddressHeader(name: string): boolean {
	return /^(?:forwarded|x-forwarded-for|x-real-ip|(?:cf|true|x|fastly)-(?:connecting|client)-ip)$/i.test(name);
}

const NOTHING = new RegExp(
	[
		String.raw`^[*•.…xX\s-]*$`, // masked
		String.raw`^[[<({]*(?:redacted|sanitized|scrubbed|removed|hidden|masked|omitted)[\])>}]*$`,
		String.raw`^(?:\$\{[^}]*\}|\{\{[^}]*\}\}|\$[A-Z_]+|<[A-Za-z _-]+>)$`, // to be filled in
		String.raw`^(?:none|null|undefined|true|false|include|omit|same-origin|required|optional|always|never|auto|default|enabled|disabled|string|bearer|basic)$`
	].join('|'),
	'i'
);

/** Whether a value that should be secret is none: empty, masked, a mark of a redaction, or a word for its absence. */
export function isPlaceholder(value: string): boolean {
	return value.length <= LONGEST_NAME ? NOTHING.test(value) || isMark(value) : isMark(value);
}

const SCHEME =
	/^\s{0,8}(?:bearer|basic|token|apikey|api-key|key|digest|negotiate|ntlm|dpop|hawk|oauth|aws4-hmac-sha256)\s{1,8}/i;

/** How many characters of a header's value name the way of getting in (`Bearer `), before what is secret. */
export function schemeLength(value: string): number {
	return SCHEME.exec(value)?.[0].length ?? 0;
}
