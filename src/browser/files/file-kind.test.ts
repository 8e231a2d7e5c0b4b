import { expect, test } from 'vitest';
import { kindOfFile, type FileKind } from './file-kind.ts';

const bytes = (...parts: (string | number[])[]) =>
	Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)));

const FILES: [string, Uint8Array, FileKind][] = [
	['nothing', bytes(), 'empty'],
	['a zip', bytes('PK\x03\x04 and so on'), 'zip'],
	['an empty zip', bytes('PK\x05\x06'), 'zip'],
	['gzip', bytes([0x1f, 0x8b, 8, 0]), 'gzip'],
	['a WAV', bytes('RIFF', [1, 2, 3, 4], 'WAVEfmt '), 'audio'],
	['an AVI', bytes('RIFF', [1, 2, 3, 4], 'AVI LIST'), 'text'],
	['a large WAV', bytes('RF64', [255, 255, 255, 255], 'WAVEds64'), 'audio'],
	['an MP3 with a tag', bytes('ID3', [4, 0, 0]), 'audio'],
	['a bare MP3', bytes([0xff, 0xfb, 0x90, 0x00]), 'audio'],
	['UTF-16, which begins like an MP3', bytes([0xff, 0xfe, 0x7b, 0x00]), 'utf-16le'],
	['UTF-16 the other way round', bytes([0xfe, 0xff, 0x00, 0x7b]), 'utf-16be'],
	['an M4A', bytes([0, 0, 0, 32], 'ftypM4A '), 'audio'],
	['an Ogg', bytes('OggS', [0, 2]), 'audio'],
	['a WebM', bytes([0x1a, 0x45, 0xdf, 0xa3, 1]), 'audio'],
	['a FLAC', bytes('fLaC', [0, 0]), 'audio'],
	['a HAR', bytes('{"log":{"version":"1.2"'), 'text'],
	['a PK that is prose', bytes('PK is a name'), 'text']
];

test.each(FILES)('%s is known by its bytes', (_what, head, kind) => {
	expect(kindOfFile(head)).toBe(kind);
});
