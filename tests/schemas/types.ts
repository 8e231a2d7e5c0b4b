// The types that JSON Schemas are made of: one exported name for each schema file, and what the overlay refers to.
import type * as realtime from 'openai/resources/realtime/realtime';

export type Session = realtime.RealtimeSessionCreateRequest | realtime.RealtimeTranscriptionSessionCreateRequest;
export type ClientEvent = realtime.RealtimeClientEvent;
export type Tools = realtime.RealtimeToolsConfig;
/** Only inside the input of `response.create`; the API takes it there, `RealtimeResponseCreateParams` leaves it out. */
export type ItemReference = realtime.ResponseItemReference;
/** What the service sends, in realtime, transcription and translation sessions. */
export type ServerEvent = realtime.RealtimeServerEvent | realtime.RealtimeTranslationServerEvent;
