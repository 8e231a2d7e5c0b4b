const LF = 0x0a;

/** Counts the lines of a text that have words and no JSON object on them. Rules alone (`-----`, `],`) are no words. */
export class ProseLines {
	count = 0;
	/** The first of them, from 1; 0 while there is none. */
	first = 0;
	/** The line whose words have come and whose end has not; 0 when there is none. */
	#open = 0;
	/** The last line on which an object began or ended. */
	#objectLine = 0;

	/** `bytes[from..to)` came on `line` and those behind it, between objects. */
	pass(bytes: Uint8Array, from: number, to: number, line: number): void {
		let at = line;
		for (let index = from; index < to; index++) {
			const byte = bytes[index]!;
			if (byte === LF) at++;
			else if (at !== this.#open && at !== this.#objectLine && isOfWord(byte)) {
				this.end();
				this.#open = at;
			}
		}
	}

	/** An object stood on these lines, whole or not. */
	passObject(firstLine: number, lastLine: number): void {
		if (this.#open === firstLine) this.#open = 0;
		this.#objectLine = lastLine;
	}

	/** The line whose words came last has ended. */
	end(): void {
		if (this.#open === 0) return;
		this.count++;
		if (this.first === 0) this.first = this.#open;
		this.#open = 0;
	}
}

/** Letters and digits, and all that is not ASCII. */
function isOfWord(byte: number): boolean {
	const lower = byte | 0x20;
	return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte >= 0x80;
}
