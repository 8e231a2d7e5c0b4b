/** When a message was seen: on a clock on the wall, or since some moment that the file does not name. */
export interface MessageTime {
	/** `day` counts from midnight of a day that is not told. */
	readonly kind: 'wall' | 'day' | 'relative';
	/** `wall`: ms since 1970, with fractions. */
	readonly ms: number;
}

const DAY_MS = 24 * 3_600_000;
/** A smaller number is no time since 1970 that a session could have had: in seconds it is in 1973. */
const LEAST_EPOCH = 1e8;

/**
 * Milliseconds since 1970, of a number that counts seconds, ms, µs or ns since then: which of them its size says, from
 * 1973 to 5138. `undefined` for numbers that count from elsewhere.
 */
export function epochMsOf(value: number): number | undefined {
	if (!(value >= LEAST_EPOCH) || value >= 1e20) return undefined;
	if (value < 1e11) return value * 1000;
	if (value < 1e14) return value;
	return value < 1e17 ? value / 1e3 : value / 1e6;
}

/** A date and a time of day, as ISO 8601, logs of Python and others write them. */
const ISO = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\d*\s?(Z\b|UTC\b|[+-]\d\d:?\d\d(?!\d))?/;
const TIME_OF_DAY = /(?<![\d:.-])([0-2]?\d):([0-5]\d):([0-5]\d)(?:[.,](\d{1,9}))?\d*(?:\s?([AaPp])\.?[Mm])?(?![\d:])/;

/**
 * The time in a text that holds one: a date with a time of day (UTC where it names no zone), or a time of day alone.
 * Fractions of a millisecond are kept.
 */
export function timeInText(text: string): MessageTime | undefined {
	const iso = ISO.exec(text);
	if (iso) {
		const [, date, time, fraction = '', zone = 'Z'] = iso;
		const ms = Date.parse(`${date}T${time}${zoneOf(zone)}`);
		if (!Number.isNaN(ms)) return { kind: 'wall', ms: ms + fractionMs(fraction) };
	}
	const clock = TIME_OF_DAY.exec(text);
	if (!clock) return undefined;
	const [, hours = '', minutes, seconds, fraction = '', half] = clock;
	const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
	if (hour > 23) return undefined;
	return { kind: 'day', ms: (hour * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000 + fractionMs(fraction) };
}

/** The text without the time that `timeInText` reads. */
export function withoutTime(text: string): string {
	const withoutDate = text.replace(ISO, '');
	return withoutDate === text ? text.replace(TIME_OF_DAY, '') : withoutDate;
}

/** A number as a time: since 1970 when its size says so, else as ms since an unknown moment. */
export function timeOfNumber(value: number): MessageTime | undefined {
	const epochMs = epochMsOf(value);
	if (epochMs !== undefined) return { kind: 'wall', ms: epochMs };
	return value >= 0 && value < LEAST_EPOCH ? { kind: 'relative', ms: value } : undefined;
}

function zoneOf(zone: string): string {
	if (zone === 'UTC') return 'Z';
	return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

function fractionMs(digits: string): number {
	return Number(`0.${digits}0`) * 1000;
}

/** No session is longer: a time that lies further ahead is a mistake of whoever wrote it. */
const MAX_AT_MS = 7 * DAY_MS;

/**
 * Lays the times of a file's messages on the line of one connection, whose zero is its first message. A message without
 * a time stands with the one before it; while none has had a time, messages stand a millisecond apart.
 */
export class ConnectionClock {
	#kind: MessageTime['kind'] | undefined;
	/** What of the file's time is zero. */
	#zeroMs = 0;
	#lastAt = -1;

	/** Whether a time was seen: until then there is only an order. */
	get hasTime(): boolean {
		return this.#kind !== undefined;
	}

	/** Wall time of the zero, ISO 8601, where the file tells it. */
	get startedAt(): string | null {
		return this.#kind === 'wall' ? new Date(this.#zeroMs).toISOString() : null;
	}

	/** Where the next message stands, in ms since the connection's zero. */
	next(time: MessageTime | undefined): number {
		if (time && this.#kind === undefined) {
			this.#kind = time.kind;
			this.#zeroMs = time.ms - (this.#lastAt + 1);
			return ++this.#lastAt;
		}
		if (this.#kind === undefined) return ++this.#lastAt;
		let at = time?.kind === this.#kind ? time.ms - this.#zeroMs : this.#lastAt;
		if (this.#kind === 'day' && at < this.#lastAt - DAY_MS / 2) {
			this.#zeroMs -= DAY_MS;
			at += DAY_MS;
		}
		if (at < this.#lastAt || at > MAX_AT_MS) return this.#lastAt;
		this.#lastAt = at;
		return at;
	}
}
