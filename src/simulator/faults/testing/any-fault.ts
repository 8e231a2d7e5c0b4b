/** For tests: faults of every kind, as somebody may write them. */
import fc from 'fast-check';

const SERVER_TYPES = ['any', 'session.created', 'response.created', 'response.output_audio.delta', 'response.done'];
const CLIENT_TYPES = ['any', 'input_audio_buffer.append', 'response.create'];

type Written = Record<string, unknown>;

/** Small numbers: what counts to a million never happens in a test. */
const nth = fc.integer({ min: 1, max: 6 });
const ms = fc.integer({ min: 1, max: 3000 });

function sometimes(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Written> {
	return fc.record(fields, { requiredKeys: [] });
}

function moment(required: Record<string, fc.Arbitrary<unknown>>, counted = {}): fc.Arbitrary<Written> {
	const chance = { probability: fc.double({ min: 0, max: 1, noNaN: true }), every: fc.boolean() };
	return fc.tuple(fc.record(required), sometimes({ ...counted, ...chance })).map(([a, b]) => ({ ...a, ...b }));
}

const wireMoment = fc.oneof(
	moment({ afterMs: ms }),
	moment({ event: fc.constantFrom(...SERVER_TYPES) }, { nth }),
	moment({ clientEvent: fc.constantFrom(...CLIENT_TYPES) }, { nth })
);
const responseMoment = moment({ response: nth });

function fault(
	kind: string,
	required: Record<string, fc.Arbitrary<unknown>>,
	optional: Record<string, fc.Arbitrary<unknown>>
): fc.Arbitrary<Written> {
	return fc.tuple(fc.record(required), sometimes(optional)).map(([a, b]) => ({ fault: kind, ...a, ...b }));
}

/** Any fault that the parser takes. */
export function anyFault(): fc.Arbitrary<Written> {
	return fc.oneof(
		fault('delay', { ms }, { jitterMs: ms, when: wireMoment }),
		fault('drop', {}, { code: fc.constantFrom(1000, 1006, 1011, 3000, 4999), when: wireMoment }),
		fault('drop', { code: fc.constantFrom(1011, 4000) }, { reason: fc.constantFrom('', 'bye'), when: wireMoment }),
		fault('rate_limit', {}, { when: responseMoment }),
		fault('server_error', {}, { as: fc.constant('response'), when: responseMoment }),
		fault('server_error', { as: fc.constant('event') }, { when: fc.oneof(wireMoment, responseMoment) }),
		fault('malformed', {}, { as: fc.constantFrom('cut', 'html'), when: wireMoment }),
		fault('expire', {}, { announce: fc.boolean(), when: wireMoment }),
		fault('slow_consumer', {}, { forMs: ms, when: wireMoment }),
		fault('silence', {}, { forMs: ms, when: wireMoment })
	);
}
