import { assert } from '../../base/assert.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import { BROKEN, JsonSkipper, NOT_YET } from './json-skipper.ts';
import { ByteHold } from './byte-hold.ts';

/** Who takes what a `JsonScanner` finds. Paths are those that were asked for. */
export interface JsonScanHandlers {
	/** A wanted value, spelled as in the file. `bytes` may be looked at during the call only. */
	value(path: string, bytes: Uint8Array): void;
	/** A wanted value begins. */
	begin?(path: string): void;
	/** A wanted value of more than `maxValueBytes`, which was passed over. */
	tooLong(path: string, byteLength: number): void;
	/** An object or list at one of the `marks` begins. */
	enter?(path: string): void;
	/** It ends. Not called when the file ends first. */
	leave?(path: string): void;
}

export interface JsonScannerOptions {
	/**
	 * Paths of the values that are wanted: keys joined by dots, `[*]` for every item of a list:
	 * `log.entries[*].request.url`, `[*]`.
	 */
	readonly values: readonly string[];
	/** Paths of objects and lists on the way to them whose beginning and end are told. */
	readonly marks?: readonly string[];
	readonly handlers: JsonScanHandlers;
	/** 64 MiB unless told. */
	readonly maxValueBytes?: number;
}

/** Why a scan did not come to the end of one JSON value. */
export interface JsonScanProblem {
	readonly kind: 'empty' | 'truncated' | 'damaged' | 'trailing';
	/** Byte of the file at which it was seen. */
	readonly offset: number;
	/** A sentence for the page. */
	readonly message: string;
}

/** A step of the wanted paths. */
interface Step {
	readonly keys: Map<string, Step>;
	item: Step | undefined;
	value: string | undefined;
	mark: string | undefined;
}

/** An object or list that leads to wanted values, and that is open. */
interface Frame {
	readonly step: Step;
	readonly isList: boolean;
}

type State = 'value' | 'inside' | 'after-key' | 'skipping' | 'done' | 'broken';

const MAX_KEY_BYTES = 1024;
const SPACES = [0x20, 0x09, 0x0a, 0x0d];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const NOTHING: Step = { keys: new Map(), item: undefined, value: undefined, mark: undefined };

/**
 * Reads one JSON value of any size, given as UTF-8 in pieces of any size, and hands over the values at the wanted paths
 * as they come. Holds one wanted value at most, and passes over all others without looking into them.
 *
 * It is forgiving: what is inside a wanted value is for its taker to judge, and damage there costs that value only.
 */
export class JsonScanner {
	readonly #handlers: JsonScanHandlers;
	readonly #maxValueBytes: number;
	readonly #skipper = new JsonSkipper({ isStrict: false });
	readonly #hold: ByteHold;
	readonly #frames: Frame[] = [];
	#state: State = 'value';
	/** What the next value is for. */
	#step: Step;
	/** What is being skipped: a key, a wanted value, or neither. */
	#skips: 'key' | 'wanted' | 'unwanted' = 'unwanted';
	/** Bytes of the file before the piece at hand. */
	#before = 0;
	#problem: JsonScanProblem | undefined;

	constructor({ values, marks = [], handlers, maxValueBytes = 64 * 2 ** 20 }: JsonScannerOptions) {
		this.#handlers = handlers;
		this.#maxValueBytes = maxValueBytes;
		this.#hold = new ByteHold(maxValueBytes);
		this.#step = compile(values, marks);
	}

	/** The next bytes of the file. They are not kept: the caller may use their buffer again. */
	push(bytes: Uint8Array): void {
		this.#skipper.give(bytes);
		let at = 0;
		while (at < bytes.length && this.#state !== 'broken') {
			at = this.#state === 'skipping' ? this.#skip(bytes, at) : this.#read(bytes, at);
		}
		this.#before += bytes.length;
	}

	/** The file has ended. Returns what was wrong with it, if anything was. */
	end(): JsonScanProblem | undefined {
		if (this.#state === 'skipping' && this.#frames.length === 0) this.#endRootScalar();
		if (this.#problem || this.#state === 'done') return this.#problem;
		const isEmpty = this.#state === 'value' && this.#frames.length === 0;
		const [kind, message] = isEmpty ? (['empty', EMPTY] as const) : (['truncated', TRUNCATED] as const);
		return { kind, message, offset: this.#before };
	}

	/** One byte between values. Returns the index after it. */
	#read(bytes: Uint8Array, at: number): number {
		const byte = bytes[at]!;
		const offset = this.#before + at;
		if (SPACES.includes(byte) || (offset < 3 && byte === BYTE_ORDER_MARK[offset])) return at + 1;
		switch (this.#state) {
			case 'done':
				return this.#fail('trailing', at, TRAILING);
			case 'after-key':
				if (byte !== COLON) return this.#fail('damaged', at, damaged(offset));
				this.#state = 'value';
				return at + 1;
			case 'value':
				return this.#beginValue(bytes, at);
			default:
				return this.#readInside(bytes, at);
		}
	}

	/** In an object or list on the way: its next key or item, or its end. */
	#readInside(bytes: Uint8Array, at: number): number {
		const { step, isList } = this.#frames.at(-1)!;
		const byte = bytes[at]!;
		if (byte === COMMA) return at + 1;
		if (byte === (isList ? CLOSE_LIST : CLOSE_OBJECT)) {
			this.#frames.pop();
			this.#state = this.#frames.length === 0 ? 'done' : 'inside';
			if (step.mark !== undefined) this.#handlers.leave?.(step.mark);
			return at + 1;
		}
		if (isList) {
			this.#step = step.item ?? NOTHING;
			return this.#beginValue(bytes, at);
		}
		if (byte !== QUOTE) return this.#fail('damaged', at, damaged(this.#before + at));
		return this.#beginSkip('key', at);
	}

	#beginValue(bytes: Uint8Array, at: number): number {
		const step = this.#step;
		const byte = bytes[at]!;
		if (byte === CLOSE_OBJECT || byte === CLOSE_LIST || byte === COMMA || byte === COLON) {
			return this.#fail('damaged', at, damaged(this.#before + at));
		}
		if (step.value !== undefined) {
			this.#handlers.begin?.(step.value);
			return this.#beginSkip('wanted', at);
		}
		const isList = byte === OPEN_LIST;
		const leadsOn = isList ? step.item !== undefined : byte === OPEN_OBJECT && step.keys.size > 0;
		const isMarked = step.mark !== undefined && (isList || byte === OPEN_OBJECT);
		if (!leadsOn && !isMarked) return this.#beginSkip('unwanted', at);
		this.#frames.push({ step, isList });
		this.#state = 'inside';
		if (step.mark !== undefined) this.#handlers.enter?.(step.mark);
		return at + 1;
	}

	#beginSkip(what: 'key' | 'wanted' | 'unwanted', at: number): number {
		this.#skips = what;
		this.#state = 'skipping';
		this.#skipper.begin();
		return at;
	}

	/** Goes on to the end of the value that is being skipped, as far as the piece reaches. */
	#skip(bytes: Uint8Array, from: number): number {
		const end = this.#skipper.skip(from);
		if (end === BROKEN) {
			const { brokenAt } = this.#skipper;
			return this.#fail('damaged', brokenAt, damaged(this.#before + brokenAt));
		}
		const isHeld = this.#skips !== 'unwanted';
		if (end === NOT_YET) {
			if (isHeld) this.#hold.add(bytes, from, bytes.length);
			return bytes.length;
		}
		if (!isHeld) this.#afterValue();
		else if (this.#hold.isEmpty) this.#take(bytes.subarray(from, end), end - from);
		else {
			this.#hold.add(bytes, from, end);
			this.#takeHeld();
		}
		return end;
	}

	#takeHeld(): void {
		const { length } = this.#hold;
		this.#take(this.#hold.take(), length);
	}

	#take(bytes: Uint8Array, length: number): void {
		if (this.#skips === 'key') {
			this.#step = this.#frames.at(-1)!.step.keys.get(length > MAX_KEY_BYTES ? '' : keyOf(bytes)) ?? NOTHING;
			this.#state = 'after-key';
			return;
		}
		const path = this.#step.value;
		assert(path !== undefined, 'only a wanted value is taken');
		this.#afterValue();
		if (length > this.#maxValueBytes) this.#handlers.tooLong(path, length);
		else this.#handlers.value(path, bytes);
	}

	#afterValue(): void {
		this.#state = this.#frames.length === 0 ? 'done' : 'inside';
	}

	/** A number, `true` and the like that are all of the file end where it ends. */
	#endRootScalar(): void {
		this.#skipper.give(LINE_END);
		if (this.#skipper.skip(0) !== 0) return;
		if (this.#skips === 'wanted') this.#takeHeld();
		else this.#afterValue();
	}

	#fail(kind: JsonScanProblem['kind'], at: number, message: string): number {
		this.#problem = { kind, message, offset: this.#before + at };
		this.#state = 'broken';
		return at;
	}
}

const LINE_END = new Uint8Array([0x20]);
const EMPTY = 'The file is empty.';
const TRUNCATED =
	'The file ends in the middle: it was cut off while it was written or copied. What came before was read.';
const TRAILING = 'Something follows after the end of the JSON in this file; it was not read.';

function damaged(offset: number): string {
	const place = (offset + 1).toLocaleString('en-US');
	return `The file is damaged at byte ${place}: what stands there is no JSON. What came before was read.`;
}

/** The key that the bytes spell, quotes and escapes included; a key that nobody could want when they spell none. */
function keyOf(bytes: Uint8Array): string {
	const text = decodeUtf8(bytes);
	if (!text.includes('\\')) return text.slice(1, -1);
	try {
		return String(JSON.parse(text));
	} catch {
		return text;
	}
}

function compile(values: readonly string[], marks: readonly string[]): Step {
	const root = newStep();
	for (const path of values) stepAt(root, path).value = path;
	for (const path of marks) stepAt(root, path).mark = path;
	return root;
}

function stepAt(root: Step, path: string): Step {
	let step = root;
	for (const [, key] of path.matchAll(/\[\*\]|([^.[\]]+)/g)) {
		if (key === undefined) step = step.item ??= newStep();
		else {
			const next = step.keys.get(key) ?? newStep();
			step.keys.set(key, next);
			step = next;
		}
	}
	return step;
}

function newStep(): Step {
	return { keys: new Map(), item: undefined, value: undefined, mark: undefined };
}
