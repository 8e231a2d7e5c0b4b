// Reads a file with one format's reader and keeps all that its sink is told.
import type { From } from '../../recorded-event.ts';
import type { ConnectionStart, FormatReader, ImportFormat, ImportSink, SkippedPart } from '../import-sink.ts';

export interface ReadMessage {
	from: From;
	at: number;
	raw: string;
	binary?: true;
}

export interface ReadConnection {
	start: ConnectionStart;
	messages: ReadMessage[];
}

export interface ReadResult {
	connections: ReadConnection[];
	skipped: SkippedPart[];
	notes: string[];
}

/** The sizes of pieces in which every reader must read the same. */
export const PIECE_SIZES = [1, 2, 3, 7, 64];

/** @param pieceBytes how much is pushed at once: everything unless told */
export function readWhole(format: ImportFormat, file: string | Uint8Array, pieceBytes?: number): ReadResult {
	const result: ReadResult = { connections: [], skipped: [], notes: [] };
	const reader = format.open(sinkInto(result));
	pushAll(reader, file, pieceBytes);
	reader.end();
	return result;
}

/**
 * Pushes a file into a reader. The bytes of a piece hold until the next one, as those of a file's slices do: then others lie
 * in their place.
 *
 * @param pieceBytes how much is pushed at once: everything unless told
 */
export function pushAll(reader: Pick<FormatReader, 'push'>, file: string | Uint8Array, pieceBytes?: number): void {
	const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
	const size = pieceBytes ?? Math.max(1, bytes.length);
	for (let start = 0; start < bytes.length; start += size) {
		// A copy: `slice` of a Buffer is none.
		const piece = new Uint8Array(bytes.subarray(start, start + size));
		reader.push(piece);
		piece.fill(OTHER_BYTE);
	}
}

/** `X`: no part of any grammar, so that what is read again in a piece that was given back is noticed. */
const OTHER_BYTE = 0x58;

function sinkInto(result: ReadResult): ImportSink {
	return {
		begin: (start) => {
			const connection: ReadConnection = { start, messages: [] };
			result.connections.push(connection);
			return {
				message: (from, at, raw) => void connection.messages.push({ from, at, raw }),
				binary: (from, at, raw) => void connection.messages.push({ from, at, raw, binary: true }),
				update: (known) => {
					connection.start = { ...connection.start, ...known };
				}
			};
		},
		skip: (part) => void result.skipped.push(part),
		note: (text) => void result.notes.push(text)
	};
}

/** Messages as tests speak of them: `140 client {"type":"response.create"}`. */
export function spoken({ messages }: ReadConnection): string[] {
	return messages.map(({ from, at, raw, binary }) => `${at} ${from} ${binary ? 'binary ' : ''}${raw}`);
}
