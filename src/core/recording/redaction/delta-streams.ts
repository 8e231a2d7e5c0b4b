import { numberAt, stringAt } from '../../base/json.ts';
import { parseEvent } from '../../protocol/parse-event.ts';
import type { From } from '../recorded-event.ts';
import { REST_MARK, type Finding } from './finding.ts';

/** A piece of a text that comes in several events. */
export interface TextDelta {
	/** Tells the texts apart that come at the same time. */
	readonly stream: string;
	/** The event's type. */
	readonly type: string;
	readonly text: string;
}

/** What is audio rather than text: GA and beta names, and translation's. */
const AUDIO_DELTA = /audio\.delta$/;

/** The piece of a text that an event brings, if it is such an event. */
export function readTextDelta(from: From, raw: string): TextDelta | undefined {
	if (!raw.includes('.delta"') || raw.includes('"delta":""')) return undefined;
	const event = parseEvent(raw);
	if (!event.ok) return undefined;
	const { type, body } = event.value;
	const text = stringAt(body, 'delta');
	if (!text || !type.endsWith('.delta') || AUDIO_DELTA.test(type)) return undefined;
	const item = stringAt(body, 'item_id') ?? stringAt(body, 'call_id') ?? stringAt(body, 'response_id') ?? '';
	return {
		stream: `${from} ${type} ${numberAt(body, 'content_index') ?? ''} ${item.slice(0, LONGEST_ID)}`,
		type,
		text
	};
}

const LONGEST_ID = 200;

/** What of a text is remembered. */
interface Stream {
	/** Its last characters, among them the beginning of what has begun. */
	readonly tail: string;
	/** A secret has begun and was taken out so far. */
	readonly isOpen: boolean;
}

const MOST_STREAMS = 256;
const TAIL = 256;
/** Of what has begun: its beginning, with what came before, and its end. */
const BEFORE = 96;
const PART = 96;

/** Remembers the ends of texts that come in pieces, so that a secret is found that no piece holds as a whole. */
export class DeltaStreams {
	readonly #streams = new Map<string, Stream>();

	/**
	 * What is to be taken out of a piece because of what came before it, or because it only begins here. Positions are those
	 * in the piece.
	 * @param find looks through a text that goes on, in order and apart
	 */
	next({ stream, text }: TextDelta, find: (joined: string) => readonly Finding[]): Finding[] {
		const { tail, isOpen } = this.#streams.get(stream) ?? { tail: '', isOpen: false };
		const joined = tail + text;
		const findings = find(joined);
		this.#remember(stream, joined, findings.at(-1));
		return findings
			.filter(({ end }) => end > tail.length)
			.map((finding) => {
				const start = finding.start - tail.length;
				const end = finding.end - tail.length;
				if (start >= 0) return { ...finding, start, end };
				return { ...finding, start: 0, end, ...(isOpen && { mark: REST_MARK, isRest: true as const }) };
			});
	}

	#remember(stream: string, joined: string, last: Finding | undefined): void {
		const isOpen = last !== undefined && last.end === joined.length;
		// Those that were not heard of for the longest time are forgotten first.
		this.#streams.delete(stream);
		this.#streams.set(stream, {
			tail: copy(isOpen ? aroundBeginning(joined, last.start) : joined.slice(-TAIL)),
			isOpen
		});
		if (this.#streams.size <= MOST_STREAMS) return;
		for (const oldest of this.#streams.keys()) {
			this.#streams.delete(oldest);
			return;
		}
	}
}

function aroundBeginning(text: string, start: number): string {
	const head = text.slice(Math.max(0, start - BEFORE), start + PART);
	return head + text.slice(Math.max(start + PART, text.length - PART));
}

/** A string that does not keep the long one alive of which it is a part. */
function copy(text: string): string {
	return text.split('').join('');
}
