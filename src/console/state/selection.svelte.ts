/** What the user has chosen to look at: an event, and a tab of the right-hand column. */
export class Selection {
	seq = $state<number | null>(null);
	tab = $state('session');

	/** Chooses an event and shows it. */
	choose(seq: number): void {
		this.seq = seq;
		this.tab = 'event';
	}
}
