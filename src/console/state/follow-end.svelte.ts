/** How near to its end a list counts as being at it, px. */
const NEAR_PX = 48;

/**
 * Whether a growing list keeps its newest row in sight: until the reader scrolls up, and again from the end on. A list
 * that grows, or whose pane changes its size, is not a reader who scrolls.
 */
export class FollowEnd {
	isFollowing = $state(true);
	#offsetPx = 0;
	#contentPx = 0;
	#viewPx = 0;

	/** Takes note of a scroll event. */
	scrolled(offsetPx: number, contentPx: number, viewPx: number): void {
		if (contentPx - offsetPx - viewPx < NEAR_PX) this.isFollowing = true;
		else if (offsetPx < this.#offsetPx - 1 && contentPx === this.#contentPx && viewPx === this.#viewPx) {
			this.isFollowing = false;
		}
		this.#offsetPx = offsetPx;
		this.#contentPx = contentPx;
		this.#viewPx = viewPx;
	}
}
