/**
 * For tests: two recordings of what a server sent, compared; as a rule one of the service and one of the simulator that was
 * given the same client's lines.
 *
 * Compared are the order of the event types, the fields of every event (deep, their order included), and the values. What
 * depends on the words said, or on chance, is compared by its rule:
 *
 *   ids            their shape, and that the same ones come at the same places
 *   expires_at     that it stays the same
 *   deltas         that they add up to the same words, and that delta and obfuscation have 16 characters together; neither
 *                  how many there are nor what sound is in them
 *   usage          that the parts add up; audio and images of the input to the token, of text and of the answer's sound
 *                  only whether there is any; cached tokens in whole steps of 64
 *   rate limits    that they are numbers
 *   transcriptions as a sequence of their own, because they interleave freely with the answer
 */
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

export type WireEvent = JsonObject & { type: string };

export interface Difference {
	/** The event's type, and which one of its type it is: `response.done 2`. */
	event: string;
	/** What differs, as a sentence without its end. */
	what: string;
}

/** An event, or all deltas of one kind in one item. */
interface Step {
	type: string;
	name: string;
	/** With ids and what depends on words replaced. */
	events: JsonObject[];
	/** The words of all deltas. */
	words: string | undefined;
}

/** Every difference between what was recorded and what was simulated, in the order of the recording. */
export function compareEvents(recorded: readonly WireEvent[], simulated: readonly WireEvent[]): Difference[] {
	const [theirs, ours] = [normalise(recorded), dropLastLimits(normalise(simulated), recorded)];
	return [false, true].flatMap((ofCaller) => {
		const isWanted = ({ type }: WireEvent): boolean => isTranscription(type) === ofCaller;
		return compareSteps(toSteps(theirs.filter(isWanted)), toSteps(ours.filter(isWanted)));
	});
}

/** Whether the order of such an event is its own affair. */
export function isTranscription(type: string): boolean {
	return type.startsWith('conversation.item.input_audio_transcription.');
}

/** A recorder that hangs up at the last response.done does not see what comes after it. */
function dropLastLimits(simulated: WireEvent[], recorded: readonly WireEvent[]): WireEvent[] {
	const last = simulated.findLastIndex(({ type }) => !isTranscription(type));
	const hungUp = recorded.findLast(({ type }) => !isTranscription(type))?.type === 'response.done';
	return hungUp && simulated[last]?.type === 'rate_limits.updated' ? simulated.toSpliced(last, 1) : simulated;
}

/** The fields of an event and of what is in it, as paths in their order: `response.usage.input_tokens`. */
export function fieldsOf(event: WireEvent): string[] {
	return [...leavesOf(event).keys()];
}

// --- Ids and what depends on words ----------------------------------------------------------------------------------

const ID_SHAPE = /^(?:(item|resp|conv|sess)_[0-9A-Za-z]{21}|(call)_[0-9A-Za-z]{16})$/;
const EVENT_ID_SHAPE = /^event_[0-9A-Za-z]{21}$/;

/** The ids in events, each with its name: `<item 2>` is the second item id that appears. Of other shapes there are none. */
export function nameIds(events: readonly WireEvent[]): Map<string, string> {
	const names = new Map<string, string>();
	const counts = new Map<string, number>();
	visitStrings(events, (text) => {
		const match = ID_SHAPE.exec(text);
		const kind = match?.[1] ?? match?.[2];
		if (kind === undefined || names.has(text)) return;
		const count = (counts.get(kind) ?? 0) + 1;
		counts.set(kind, count);
		names.set(text, `<${kind} ${count}>`);
	});
	return names;
}

function visitStrings(value: unknown, visit: (text: string) => void): void {
	if (typeof value === 'string') visit(value);
	else if (typeof value === 'object' && value !== null) {
		for (const inner of Object.values(value)) visitStrings(inner, visit);
	}
}

/** A copy with every string replaced. */
export function mapStrings(value: unknown, change: (text: string) => string): unknown {
	if (typeof value === 'string') return change(value);
	if (Array.isArray(value)) return value.map((inner) => mapStrings(inner, change));
	if (!isJsonObject(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, change)]));
}

function normalise(events: readonly WireEvent[]): WireEvent[] {
	const names = nameIds(events);
	const expiries: unknown[] = [];
	return events.map((event) => {
		const named = mapStrings(event, (text) => names.get(text) ?? (EVENT_ID_SHAPE.test(text) ? '<event>' : text));
		const copy = named as WireEvent & { session?: JsonObject; response?: JsonObject };
		if (typeof copy.session?.['expires_at'] === 'number') {
			const expiry = copy.session['expires_at'];
			if (!expiries.includes(expiry)) expiries.push(expiry);
			copy.session['expires_at'] = `<time ${expiries.indexOf(expiry) + 1}>`;
		}
		if (isJsonObject(copy.response?.['usage'])) copy.response['usage'] = normaliseUsage(copy.response['usage']);
		if (copy.type === 'rate_limits.updated') copy['rate_limits'] = normaliseLimits(copy['rate_limits']);
		return copy;
	});
}

const numbersOf = (object: unknown): number[] =>
	isJsonObject(object) ? Object.values(object).filter((value) => typeof value === 'number') : [];
const sumOf = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0);
const someOrNone = (value: unknown): unknown => (typeof value === 'number' && value > 0 ? '<some>' : value);

function normaliseUsage(usage: JsonObject): JsonObject {
	const copy = structuredClone(usage) as JsonObject;
	const input = isJsonObject(copy['input_token_details']) ? copy['input_token_details'] : {};
	const output = isJsonObject(copy['output_token_details']) ? copy['output_token_details'] : {};
	const cached = isJsonObject(input['cached_tokens_details']) ? input['cached_tokens_details'] : {};
	const { cached_tokens: _cached, ...own } = input;
	const replaceSum = (object: JsonObject, field: string, sum: number): void => {
		if (object[field] === sum) object[field] = '<sum>';
	};
	replaceSum(copy, 'total_tokens', sumOf(numbersOf({ in: copy['input_tokens'], out: copy['output_tokens'] })));
	replaceSum(copy, 'input_tokens', sumOf(numbersOf(own)));
	replaceSum(copy, 'output_tokens', sumOf(numbersOf(output)));
	replaceSum(input, 'cached_tokens', sumOf(numbersOf(cached)));
	for (const [field, value] of Object.entries(cached)) {
		const isStep = typeof value === 'number' && value % 64 === 0 && value <= (input[field] as number);
		if (isStep) cached[field] = '<steps of 64>';
	}
	input['text_tokens'] = someOrNone(input['text_tokens']);
	for (const field of Object.keys(output)) output[field] = someOrNone(output[field]);
	return copy;
}

function normaliseLimits(limits: unknown): unknown {
	if (!Array.isArray(limits)) return limits;
	const replace = (value: unknown): unknown => (typeof value === 'number' ? '<number>' : value);
	return limits.map((limit: unknown) =>
		isJsonObject(limit)
			? Object.fromEntries(Object.entries(limit).map(([field, value]) => [field, replace(value)]))
			: limit
	);
}

// --- Order ----------------------------------------------------------------------------------------------------------

/** All deltas of one kind in one item are one step, where the first of them is: those of words and sound interleave. */
function toSteps(events: readonly WireEvent[]): Step[] {
	const groups = new Map<string, Step>();
	const counts = new Map<string, number>();
	const steps: Step[] = [];
	for (const event of events) {
		const { type } = event;
		const group = type.endsWith('.delta') ? `${type} ${String(event['item_id'])}` : undefined;
		let step = group === undefined ? undefined : groups.get(group);
		if (!step) {
			const count = (counts.get(type) ?? 0) + 1;
			counts.set(type, count);
			step = { type, name: `${type} ${count}`, events: [], words: undefined };
			steps.push(step);
			if (group !== undefined) groups.set(group, step);
		}
		step.events.push(group === undefined ? event : normaliseDelta(event, step));
	}
	return steps;
}

function normaliseDelta(event: WireEvent, step: Step): JsonObject {
	const { delta, obfuscation } = event;
	if (typeof delta !== 'string') return event;
	if (event.type === 'response.output_audio.delta') return { ...event, delta: '<sound>' };
	step.words = (step.words ?? '') + delta;
	const copy = { ...event, delta: '<words>' };
	if (typeof obfuscation !== 'string') return copy;
	const isRight = delta.length + obfuscation.length === 16;
	return { ...copy, obfuscation: isRight ? '<16 with delta>' : `${obfuscation.length} beside ${delta.length}` };
}

/** The longest common subsequence of the types, as pairs of indexes. */
function align(theirs: readonly Step[], ours: readonly Step[]): [number, number][] {
	const lengths = Array.from({ length: theirs.length + 1 }, () => new Array<number>(ours.length + 1).fill(0));
	const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
	for (let i = theirs.length - 1; i >= 0; i--) {
		for (let j = ours.length - 1; j >= 0; j--) {
			const isSame = theirs[i]?.type === ours[j]?.type;
			(lengths[i] as number[])[j] = isSame ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
		}
	}
	const pairs: [number, number][] = [];
	for (let i = 0, j = 0; i < theirs.length && j < ours.length;) {
		if (theirs[i]?.type === ours[j]?.type) pairs.push([i++, j++]);
		else if (at(i + 1, j) >= at(i, j + 1)) i++;
		else j++;
	}
	return pairs;
}

function compareSteps(theirs: readonly Step[], ours: readonly Step[]): Difference[] {
	const differences: Difference[] = [];
	let [nextTheirs, nextOurs] = [0, 0];
	for (const [i, j] of [...align(theirs, ours), [theirs.length, ours.length] as const]) {
		const missing = theirs.slice(nextTheirs, i).map((step) => ({ step, kind: 'recorded, not simulated' }));
		const extra = ours.slice(nextOurs, j).map((step) => ({ step, kind: 'simulated, not recorded' }));
		const place = theirs[nextTheirs - 1] ? `after ${theirs[nextTheirs - 1]?.name}` : 'at the start';
		for (const { step, kind } of [...missing, ...extra]) {
			const said = (step.events[0]?.['error'] as { message?: string } | undefined)?.message;
			differences.push({ event: step.name, what: `${kind}, ${place}${said === undefined ? '' : `: ${said}`}` });
		}
		const [a, b] = [theirs[i], ours[j]];
		if (a && b) differences.push(...compareStep(a, b).map((what) => ({ event: a.name, what })));
		[nextTheirs, nextOurs] = [i + 1, j + 1];
	}
	return differences;
}

// --- Fields and values ----------------------------------------------------------------------------------------------

function compareStep(theirs: Step, ours: Step): string[] {
	const found = new Set<string>();
	const [theirFirst, ourFirst] = [theirs.events[0], ours.events[0]];
	// Each event of a run against the first of the other, so that not one delta goes unseen.
	for (const event of theirs.events) for (const what of compareEvent(event, ourFirst)) found.add(what);
	for (const event of ours.events) for (const what of compareEvent(theirFirst, event)) found.add(what);
	if (theirs.words !== ours.words) found.add(`deltas add up to ${show(theirs.words)}, simulated: ${show(ours.words)}`);
	return [...found];
}

function compareEvent(theirs: JsonObject | undefined, ours: JsonObject | undefined): string[] {
	const [theirLeaves, ourLeaves] = [leavesOf(theirs), leavesOf(ours)];
	const lacking = outermost([...theirLeaves.keys()].filter((path) => !ourLeaves.has(path)));
	const added = outermost([...ourLeaves.keys()].filter((path) => !theirLeaves.has(path)));
	const found = [
		...lacking.map((path) => `field ${path} is recorded, not simulated`),
		...added.map((path) => `field ${path} is simulated, not recorded`)
	];
	const [theirCommon, ourCommon] = [[...theirLeaves.keys()], [...ourLeaves.keys()]].map((paths, side) =>
		paths.filter((path) => (side === 0 ? ourLeaves : theirLeaves).has(path))
	) as [string[], string[]];
	const swapped = theirCommon.findIndex((path, index) => path !== ourCommon[index]);
	if (swapped >= 0) found.push(`field ${theirCommon[swapped]} is recorded where ${ourCommon[swapped]} is simulated`);
	for (const path of theirCommon) {
		const [a, b] = [theirLeaves.get(path), ourLeaves.get(path)];
		if (a !== b) found.push(`${path} is ${show(a)}, simulated: ${show(b)}`);
	}
	return found;
}

/** Without what is inside of another one of them. */
function outermost(paths: string[]): string[] {
	return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}.`) || path.startsWith(`${other}[`)));
}

/** Every field with its path, in order; an object or a list counts as `{}` or `[]`. */
function leavesOf(value: unknown, path = '', leaves = new Map<string, unknown>()): Map<string, unknown> {
	if (typeof value !== 'object' || value === null) return leaves.set(path, value);
	if (path !== '') leaves.set(path, Array.isArray(value) ? '[]' : '{}');
	for (const [key, inner] of Object.entries(value)) {
		leavesOf(inner, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`, leaves);
	}
	return leaves;
}

function show(value: unknown): string {
	const text = JSON.stringify(value) ?? 'nothing';
	return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
