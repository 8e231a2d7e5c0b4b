// The types whose JSON Schemas the editors use: one exported name for each schema file, and what their overlay refers to.
import type * as realtime from 'openai/resources/realtime/realtime';

export type Session = realtime.RealtimeSessionCreateRequest | realtime.RealtimeTranscriptionSessionCreateRequest;
export type ClientEvent = realtime.RealtimeClientEvent;
export type Tools = realtime.RealtimeToolsConfig;
/** Only inside the input of `response.create`; the API takes it there, `RealtimeResponseCreateParams` leaves it out. */
export type ItemReference = realtime.ResponseItemReference;
