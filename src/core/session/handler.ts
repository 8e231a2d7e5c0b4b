import type { JsonObject } from '../base/json.ts';
import type { LogEntry } from '../recording/recorded-event.ts';
import type { Session } from './session-model.ts';

/** Folds one event's body into the session. Reads every field with care: the body came from outside. */
export type EventHandler = (session: Session, body: JsonObject, entry: LogEntry) => void;
