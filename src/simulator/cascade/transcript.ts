/** The words of one turn, as a transcription server gives them: streamed in one of several forms, or all at once. */
import { listAt, objectAt, stringAt } from '#core/base/json.ts';

export class Transcript {
	#words = '';
	#isComplete = false;
	#hasEvents = false;

	/** What was told so far. */
	get words(): string {
		return this.#words;
	}

	/** The server said that this is all. */
	get isComplete(): boolean {
		return this.#isComplete;
	}

	/** Whether it said anything in a form that we know; it may have said that there are no words. */
	get hasEvents(): boolean {
		return this.#hasEvents;
	}

	/**
	 * Takes one event of a stream and returns the words that are new. Sources: openai 7.55 types (`transcript.text.delta` and
	 * `.done`), vLLM (`transcription.chunk`, in the form of a chat chunk), servers that send a `{text}` for each segment.
	 */
	takeEvent(event: unknown): string {
		const type = stringAt(event, 'type');
		if (type === 'transcript.text.done') return this.#finish(stringAt(event, 'text') ?? '');
		const text =
			type === 'transcript.text.delta'
				? stringAt(event, 'delta')
				: (stringAt(objectAt(listAt(event, 'choices')[0], 'delta'), 'content') ??
					(type === undefined ? stringAt(event, 'text') : undefined));
		if (text === undefined) return '';
		this.#hasEvents = true;
		return this.#add(text);
	}

	/** Takes a whole answer and returns its words. */
	takeWhole(text: string): string {
		return this.#finish(text);
	}

	#add(text: string): string {
		// Recognisers begin with the space between two words.
		const words = this.#words === '' ? text.trimStart() : text;
		this.#words += words;
		return words;
	}

	/** The full text gives what the deltas left out. Where it corrects them, what was told stays. */
	#finish(text: string): string {
		this.#hasEvents = true;
		this.#isComplete = true;
		const full = text.trim();
		return full.startsWith(this.#words) ? this.#add(full.slice(this.#words.length)) : '';
	}
}
