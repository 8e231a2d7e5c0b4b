// The console is a static site that runs in the browser only.
export const ssr = false;
export const prerender = true;
