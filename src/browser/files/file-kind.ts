/** What the first bytes of a file say of its container. */
export type FileKind = 'zip' | 'gzip' | 'audio' | 'utf-16le' | 'utf-16be' | 'text' | 'empty';

/** Bytes that are enough to tell. */
export const HEAD_BYTES = 65_536;

/**
 * Tells a file's container by its first bytes, never by its name.
 *
 * Sources: PKWARE APPNOTE 4.3 (zip), RFC 1952 (gzip), RIFF, ID3v2 and MPEG audio frame sync, ISO 14496-12 `ftyp`, Ogg
 * RFC 3533, EBML RFC 8794, FLAC RFC 9639.
 */
export function kindOfFile(head: Uint8Array): FileKind {
	if (head.length === 0) return 'empty';
	if (hasBytes(head, 0, 'PK\x03\x04') || hasBytes(head, 0, 'PK\x05\x06')) return 'zip';
	if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
	if (hasBytes(head, 0, 'RIFF') && hasBytes(head, 8, 'WAVE')) return 'audio';
	if (hasBytes(head, 0, 'RF64') && hasBytes(head, 8, 'WAVE')) return 'audio';
	if (['ID3', 'OggS', 'fLaC', '\x1a\x45\xdf\xa3'].some((magic) => hasBytes(head, 0, magic))) return 'audio';
	if (hasBytes(head, 4, 'ftyp')) return 'audio';
	// Byte order marks, which some shells write; the first one would pass for a frame of MPEG audio.
	if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
	if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
	// An MPEG audio frame: eleven set bits, then neither the reserved version nor the reserved layer.
	const [first = 0, second = 0] = head;
	if (first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) !== 0) return 'audio';
	return 'text';
}

function hasBytes(head: Uint8Array, at: number, text: string): boolean {
	return head.length >= at + text.length && [...text].every((char, i) => head[at + i] === char.charCodeAt(0));
}
