import { expect, test } from 'vitest';
import { FollowEnd } from './follow-end.svelte.ts';

test('a list follows until its reader scrolls up, and again from the end on', () => {
	const follow = new FollowEnd();
	follow.scrolled(500, 1000, 500);
	follow.scrolled(400, 1000, 500);
	expect(follow.isFollowing).toBe(false);
	follow.scrolled(450, 1000, 500);
	expect(follow.isFollowing).toBe(false);
	follow.scrolled(490, 1000, 500);
	expect(follow.isFollowing).toBe(true);
});

test('growing, or another size of the pane, is no scrolling', () => {
	const follow = new FollowEnd();
	follow.scrolled(500, 1000, 500);
	follow.scrolled(500, 1400, 500);
	expect(follow.isFollowing).toBe(true);
	follow.scrolled(430, 1400, 560);
	expect(follow.isFollowing).toBe(true);
});
