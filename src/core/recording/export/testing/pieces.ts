/** The text that an exporter writes. */
export async function textOf(pieces: AsyncIterable<string> | Iterable<string>): Promise<string> {
	const texts: string[] = [];
	for await (const piece of pieces) texts.push(piece);
	return texts.join('');
}

/** The bytes that an exporter writes. */
export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
	const parts: Uint8Array[] = [];
	for await (const piece of pieces) parts.push(piece);
	return new Uint8Array(Buffer.concat(parts));
}
