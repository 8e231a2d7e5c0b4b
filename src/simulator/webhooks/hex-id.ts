/** Ids of webhooks and of what they tell of. */
import { randomBytes } from 'node:crypto';

/**
 * `evt_685343a1381c819085d44c354e1b330e`: a kind and 32 hexadecimal digits, which begin with the unix time. Random also
 * where a seed makes other ids reproducible: receivers drop a webhook whose id they have seen. Source: the examples of the
 * service's documentation.
 */
export function newHexId(kind: 'evt' | 'wh' | 'rtc', nowMs: number): string {
	const timeS = Math.floor(nowMs / 1000)
		.toString(16)
		.padStart(8, '0');
	return `${kind}_${timeS}${randomBytes(12).toString('hex')}`;
}
