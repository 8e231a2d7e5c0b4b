/**
 * Monaco with its workers bundled and the schemas of the Realtime API. Loaded when an editor is first shown: it is by far
 * the largest part of the page.
 */
import * as monaco from 'monaco-editor/editor';
// All features, and before the first editor: the JSON language brings the rest in later anyway (through its worker
// client), and a feature that registers its services after the first editor was made breaks every editor after it.
import 'monaco-editor/features/register.all';
// 0.57 does not register the suggest controller with its features: without this line there are no completions.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController';
import * as json from 'monaco-editor/languages/features/json/register';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import JsonWorker from 'monaco-editor/language/json/json.worker?worker';
import eventSchema from '#core/protocol/schemas/client-event.schema.json';
import sessionSchema from '#core/protocol/schemas/session.schema.json';
import toolsSchema from '#core/protocol/schemas/tools.schema.json';
import { scriptSchema, withVariables } from './compose/composer-schemas.ts';

self.MonacoEnvironment = {
	getWorker: (_id, label) => (label === 'json' ? new JsonWorker() : new EditorWorker())
};

json.jsonDefaults.setDiagnosticsOptions({
	validate: true,
	allowComments: false,
	enableSchemaRequest: false,
	// Newer fields than the types know are shown, not refused.
	schemaValidation: 'warning',
	schemas: [
		{ uri: 'earshot://session', fileMatch: ['*/session.json'], schema: sessionSchema },
		{ uri: 'earshot://event', fileMatch: ['*/event.json'], schema: withVariables(eventSchema) },
		{ uri: 'earshot://tools', fileMatch: ['*/tools.json'], schema: toolsSchema },
		{ uri: 'earshot://script', fileMatch: ['*/script.json'], schema: scriptSchema('earshot://event') }
	]
});

/** Which of the schemas a document is checked with. */
export type DocumentName = 'session' | 'event' | 'tools' | 'script';

export interface JsonEditor {
	/** Replaces the text; Ctrl+Z brings back what was there. */
	setText(text: string): void;
	/** Writes where the cursor is, over what is selected; `make` gets what stands before it on its line. */
	insert(make: (before: string) => string): void;
	setTheme(isDark: boolean): void;
	focus(): void;
	dispose(): void;
}

interface JsonEditorOptions {
	readonly document: DocumentName;
	readonly label: string;
	readonly text: string;
	readonly isDark: boolean;
	onchange(text: string): void;
	/** Ctrl+Enter (Cmd+Enter on a Mac). */
	onsubmit(): void;
}

/** Opens an editor inside `element`. The caller disposes it. */
export function openJsonEditor(element: HTMLElement, options: JsonEditorOptions): JsonEditor {
	defineThemes();
	const uri = monaco.Uri.parse(`inmemory://earshot/${options.document}.json`);
	monaco.editor.getModel(uri)?.dispose();
	const model = monaco.editor.createModel(options.text, 'json', uri);
	model.updateOptions({
		tabSize: 2,
		insertSpaces: true,
		bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false }
	});
	const editor = monaco.editor.create(element, {
		model,
		ariaLabel: options.label,
		automaticLayout: true,
		// Writing over a selection replaces it; the default puts the first bracket around it.
		autoSurround: 'never',
		autoClosingBrackets: 'never',
		autoClosingQuotes: 'never',
		fixedOverflowWidgets: true,
		fontSize: 12,
		lineHeight: 19,
		lineNumbersMinChars: 3,
		minimap: { enabled: false },
		overviewRulerLanes: 0,
		padding: { top: 8, bottom: 8 },
		renderFinalNewline: 'on',
		scrollBeyondLastLine: false,
		// Tab goes to the next control, so that nobody is caught in the editor; Ctrl+M makes it indent.
		tabFocusMode: true,
		theme: themeName(options.isDark),
		wordWrap: 'on'
	});
	const changes = model.onDidChangeContent(() => options.onchange(model.getValue()));
	editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => options.onsubmit());
	return {
		setText: (text) => {
			if (model.getValue() === text) return;
			model.pushStackElement();
			model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
			model.pushStackElement();
		},
		insert: (make) => {
			const range = editor.getSelection() ?? model.getFullModelRange().collapseToStart();
			const before = model.getLineContent(range.startLineNumber).slice(0, range.startColumn - 1);
			editor.executeEdits('insert', [{ range, text: make(before), forceMoveMarkers: true }]);
			editor.focus();
		},
		setTheme: (isDark) => monaco.editor.setTheme(themeName(isDark)),
		focus: () => editor.focus(),
		dispose: () => {
			changes.dispose();
			editor.dispose();
			model.dispose();
		}
	};
}

function themeName(isDark: boolean): string {
	return isDark ? 'earshot-dark' : 'earshot-light';
}

/** The page's colours, so that the editor is part of it. */
function defineThemes(): void {
	monaco.editor.defineTheme('earshot-dark', {
		base: 'vs-dark',
		inherit: true,
		rules: [
			{ token: 'string.key.json', foreground: '6aa9ff' },
			{ token: 'string.value.json', foreground: '3fc5b7' },
			{ token: 'number.json', foreground: 'a48bff' },
			{ token: 'keyword.json', foreground: 'a48bff' }
		],
		colors: { 'editor.background': '#141920', 'editorLineNumber.foreground': '#818c9b' }
	});
	monaco.editor.defineTheme('earshot-light', {
		base: 'vs',
		inherit: true,
		rules: [
			{ token: 'string.key.json', foreground: '1a5fc7' },
			{ token: 'string.value.json', foreground: '0a756b' },
			{ token: 'number.json', foreground: '6244cf' },
			{ token: 'keyword.json', foreground: '6244cf' }
		],
		colors: { 'editor.background': '#ffffff', 'editorLineNumber.foreground': '#606b7a' }
	});
}
