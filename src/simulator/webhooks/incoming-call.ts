/** The event that tells a developer's server of a telephone call: `realtime.call.incoming`. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { newHexId } from '#simulator/webhooks/hex-id.ts';

export interface SipHeader {
	name: string;
	value: string;
}

export interface IncomingCall {
	/** A telephone number (`+14255550100`) or a SIP address. */
	from: string;
	to: string;
	/** More headers of the INVITE, in their order and with their repeats. */
	sipHeaders: readonly SipHeader[];
	/** How the sound of the call is protected. Left out where nobody knows. */
	mediaSecurity?: 'rtp' | 'srtp';
}

/** The host of the examples in the service's documentation. */
function sipAddress(caller: string): string {
	return /^<?(sips?|tel):|<(sips?|tel):/i.test(caller) ? caller : `sip:${caller}@sip.example.com`;
}

/**
 * The event, with keys in the order of the service's documentation. `callId` is `rtc_...`. Source: openai 7.55 types
 * (RealtimeCallIncomingWebhookEvent); the three first headers are those of the documentation's example.
 */
export function describeIncomingCall(call: IncomingCall, callId: string, nowMs: number): JsonObject {
	const { from, to, sipHeaders, mediaSecurity } = call;
	return {
		object: 'event',
		id: newHexId('evt', nowMs),
		type: 'realtime.call.incoming',
		created_at: Math.floor(nowMs / 1000),
		data: {
			call_id: callId,
			sip_headers: [
				{ name: 'From', value: sipAddress(from) },
				{ name: 'To', value: sipAddress(to) },
				// The telephone system's own, and not the API's `call_id`.
				{ name: 'Call-ID', value: randomUUID() },
				...sipHeaders
			],
			...(mediaSecurity === undefined ? {} : { sip_media_security: mediaSecurity })
		}
	};
}
