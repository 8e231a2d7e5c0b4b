// A recording's id is known only to the browser that keeps it: the fallback page serves this route.
export const prerender = false;
