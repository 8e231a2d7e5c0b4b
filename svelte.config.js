import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		adapter: adapter({ pages: 'build', assets: 'build', fallback: 'fallback.html', precompress: true }),
		output: { bundleStrategy: 'split' },
		// In every page as a <meta>, with the hashes of its inline scripts, so it holds on any static server. What a <meta>
		// cannot say (frame-ancestors, isolation) is in the headers that the host sets: src/host/guard.ts.
		csp: {
			mode: 'hash',
			directives: {
				'default-src': ['none'],
				'script-src': ['self', 'wasm-unsafe-eval'],
				'style-src': ['self', 'unsafe-inline'],
				'img-src': ['self', 'data:', 'blob:'],
				'font-src': ['self', 'data:'],
				'media-src': ['self', 'blob:'],
				'connect-src': ['self'],
				'worker-src': ['self'],
				'frame-src': ['self'], // static/tool-sandbox.html, which has a policy of its own
				'base-uri': ['none'],
				'form-action': ['none']
			}
		}
	}
};
