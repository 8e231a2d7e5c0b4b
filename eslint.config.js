import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const builtinHtml = 'Text of models, tools and other people reaches this page: put it in as text, never as markup.';

export default ts.config(
	{ ignores: ['build/', '.svelte-kit/', 'test-results/', 'node_modules/', '**/*.generated.*'] },
	...ts.configs.recommended,
	...svelte.configs.recommended,
	...svelte.configs.prettier,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			// Of ESLint's own rules those that find what the compiler does not.
			'no-debugger': 'error',
			'no-control-regex': 'error',
			'no-empty': 'error',
			'no-loss-of-precision': 'error',
			'no-self-compare': 'error',
			'no-template-curly-in-string': 'error',
			'no-unsafe-finally': 'error',
			'no-useless-escape': 'error',
			'no-useless-return': 'error',
			'no-eval': 'error',
			'no-implied-eval': 'error',
			'no-new-func': 'error',
			eqeqeq: 'error',
			'prefer-const': 'error',
			'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
			'no-restricted-properties': [
				'error',
				...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'srcdoc'].map((property) => ({
					property,
					message: builtinHtml
				}))
			],
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true }
			],
			'@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }]
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts', '**/*.svelte.js'],
		languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
		rules: {
			'svelte/no-at-html-tags': 'error',
			'prefer-const': 'off',
			'svelte/prefer-const': 'error', // the same, but knows that $props are declared by let
			'svelte/no-navigation-without-resolve': 'off', // the site has no base path to resolve
			'max-lines-per-function': 'off' // a component's script is no function
		}
	},
	{ files: ['src/core/**', 'src/console/**', 'src/routes/**'], rules: { 'no-console': 'error' } },
	{
		files: ['**/*.test.ts', 'tests/**'],
		rules: { 'max-lines-per-function': 'off' } // a describe block is one function
	}
);
