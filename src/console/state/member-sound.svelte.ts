/** Plays the audio of one member of an event at a time. */
export class MemberSound {
	/** What plays; `null` while nothing does. */
	playing = $state<string | null>(null);
	#audio: HTMLAudioElement | null = null;

	/** Plays a WAV file from its start, in place of what plays. Rejects as the browser does when it will not play. */
	async play(name: string, wav: Blob): Promise<void> {
		this.stop();
		const audio = new Audio(URL.createObjectURL(wav));
		this.#audio = audio;
		this.playing = name;
		audio.onended = () => {
			if (this.#audio === audio) this.stop();
		};
		try {
			await audio.play();
		} catch (error) {
			// It was stopped before it began, which is no failure.
			if (this.#audio !== audio) return;
			this.stop();
			throw error;
		}
	}

	stop(): void {
		if (this.#audio) {
			this.#audio.pause();
			URL.revokeObjectURL(this.#audio.src);
		}
		this.#audio = null;
		this.playing = null;
	}
}
