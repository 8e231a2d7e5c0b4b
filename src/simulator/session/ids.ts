/** Seeded random numbers and the ids made from them. */

/** A function that returns the next number from 0 up to 1. */
export type RandomSource = () => number;

/** The digits of the service's ids, in their order. Source: recorded ids, whose time prefix counts in it. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * What the service's time prefix counts from, in unix seconds. Source: recorded GA sessions, where
 * `E6U0u` goes with a creation time of 1785214048 and the last character goes up by one each second.
 */
const PREFIX_EPOCH_S = 1_576_800_000;

function hashText(textToHash: string): number {
	let hash = 2166136261;
	for (let i = 0; i < textToHash.length; i++) hash = Math.imul(hash ^ textToHash.charCodeAt(i), 16777619);
	return hash >>> 0;
}

/** A reproducible random source (mulberry32): the same seed gives the same numbers everywhere. Not for secrets. */
export function createRandom(seed: string): RandomSource {
	let state = hashText(seed);
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

export function randomBase62(random: RandomSource, length: number): string {
	let out = '';
	for (let i = 0; i < length; i++) out += BASE62[Math.floor(random() * 62)];
	return out;
}

function timePrefix(nowMs: number): string {
	let value = Math.max(0, Math.floor(nowMs / 1000) - PREFIX_EPOCH_S);
	let prefix = '';
	for (let i = 0; i < 5; i++) {
		prefix = BASE62[value % 62] + prefix;
		value = Math.floor(value / 62);
	}
	return prefix;
}

/** Makes `event_E6U0upa15CBe8gAnApXCO`: the kind, five characters for the second and sixteen random ones. */
export function createIdMaker(random: RandomSource, nowMs: () => number): (kind: string) => string {
	return (kind) => `${kind}_${timePrefix(nowMs())}${randomBase62(random, 16)}`;
}
