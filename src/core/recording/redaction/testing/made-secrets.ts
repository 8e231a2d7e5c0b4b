/** Makes secrets that look like real ones and open nothing. Each is unlike all others, so that a hit tells where it was. */

/** A secret, and what of it must be found nowhere. */
export interface MadeSecret {
	/** `OpenAI project key` */
	readonly what: string;
	readonly text: string;
	/** Its distinctive parts. Finding one of them means that something usable is left. */
	readonly needles: readonly string[];
}

/** A kind of secret that shows by its looks, wherever it stands. */
export interface SecretKind {
	readonly what: string;
	/** It has no beginning that tells it before all of it is there. */
	readonly showsAtItsEnd?: true;
	readonly make: (random: Random) => { readonly begins: string; readonly body: string; readonly ends?: string };
}

/** Draws characters; always the same for the same seed. */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	next(below: number): number {
		this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
		return (this.#state >>> 12) % below;
	}

	characters(alphabet: string, length: number): string {
		return Array.from({ length }, () => alphabet[this.next(alphabet.length)]!).join('');
	}
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const ALPHANUMERIC = UPPER + LOWER + DIGITS;
const HEX = `${DIGITS}abcdef`;

const simple = (what: string, begins: string, length: number, alphabet = ALPHANUMERIC): SecretKind => ({
	what,
	// A digit and a capital are in every key of such a length; here they are for sure.
	make: (random) => ({ begins, body: `${random.characters(alphabet, length - 2)}${alphabet === HEX ? 'a7' : 'Q7'}` })
});

export const SECRET_KINDS: readonly SecretKind[] = [
	simple('OpenAI key', 'sk-', 48),
	simple('OpenAI project key', 'sk-proj-', 120, `${ALPHANUMERIC}_-`),
	simple('OpenAI service account key', 'sk-svcacct-', 60),
	simple('OpenAI admin key', 'sk-admin-', 60),
	simple('client secret', 'ek_', 32, HEX),
	simple('xAI key', 'xai-', 80),
	simple('Anthropic key', 'sk-ant-api03-', 90),
	simple('ElevenLabs key', 'sk_', 48, HEX),
	simple('Google key', 'AIza', 35),
	simple('GitHub token', 'ghp_', 36),
	simple('GitHub fine-grained token', 'github_pat_', 82),
	simple('Slack token', 'xoxb-', 44),
	simple('AWS key id', 'AKIA', 16, UPPER + DIGITS),
	simple('Twilio key', 'SK', 32, HEX),
	simple('Groq key', 'gsk_', 52),
	simple('Hugging Face token', 'hf_', 34),
	simple('webhook secret', 'whsec_', 32),
	{
		what: 'Azure key',
		showsAtItsEnd: true,
		make: (random) => ({
			begins: '',
			body: `${random.characters(ALPHANUMERIC, 52)}JQQJ99${random.characters(ALPHANUMERIC, 26)}`
		})
	},
	{
		what: 'web token',
		make: (random) => ({
			begins: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ',
			body: random.characters(ALPHANUMERIC, 40),
			ends: `.${random.characters(ALPHANUMERIC, 43)}`
		})
	}
];

/** A secret of a kind. */
export function makeSecret({ what, make }: SecretKind, random: Random): MadeSecret {
	const { begins, body, ends = '' } = make(random);
	return { what, text: begins + body + ends, needles: [body.slice(0, 10), body.slice(-10)] };
}

/** A secret that nothing tells but the name under which it stands: a password, an older Azure key. */
export function makeNamedSecret(what: string, random: Random, isHex = false): MadeSecret {
	const text = random.characters(isHex ? HEX : LOWER + DIGITS, isHex ? 32 : 20);
	return { what, text, needles: [text.slice(0, 10), text.slice(-10)] };
}
