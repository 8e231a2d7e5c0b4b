/** Bytes per millisecond of 24 kHz PCM16 mono, the Realtime API's own format. */
export const PCM16_BYTES_PER_MS = 48;
