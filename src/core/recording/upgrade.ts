import { assertPresent } from '../base/assert.ts';
import type { JsonObject } from '../base/json.ts';

/** The version of `*.earshot.jsonl` that is written, and the highest that is read. See docs/recording-format.md. */
export const RECORDING_FORMAT = 1;

/**
 * How the header and the lines of one format version become those of the next.
 *
 * The message needs no upgrade: it is what crossed the wire. A version that names its member otherwise hands the same
 * object or text on under the new name.
 */
export interface Upgrader {
	readonly header: (header: JsonObject) => JsonObject;
	readonly line: (line: JsonObject) => JsonObject;
}

/** Which version is read, and how each version before it becomes it. */
export interface UpgradeTable {
	/** The version that the last upgrader makes. */
	readonly format: number;
	/** By the version that they read: one for each from 1 up to the one before `format`. */
	readonly upgraders: ReadonlyMap<number, Upgrader>;
}

/**
 * To change the format: raise `RECORDING_FORMAT`, add here the upgrader of the version before it, and add a fixture of the
 * old version to tests/fixtures, which stays for ever.
 */
export const UPGRADES: UpgradeTable = { format: RECORDING_FORMAT, upgraders: new Map() };

/** The fields of a header or a line of an old version, as those of the table's version. */
export function upgrade(fields: JsonObject, version: number, part: keyof Upgrader, table: UpgradeTable): JsonObject {
	let upgraded = fields;
	for (let v = version; v < table.format; v++) {
		const upgrader = assertPresent(table.upgraders.get(v), `the upgrader of format ${v}`);
		upgraded = upgrader[part](upgraded);
	}
	return upgraded;
}
