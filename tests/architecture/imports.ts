// Finds what a source file imports, by the compiler's own parser: in TypeScript, JavaScript and Svelte components.
import ts from 'typescript';

export interface Import {
	/** As written; undefined when it is computed (`import(name)`). */
	specifier: string | undefined;
	/** `import type`, `export type ... from`, `typeof import('...')`: gone after compilation. */
	typeOnly: boolean;
	/** Line in the file, from 1. */
	line: number;
}

/** Every import of a file: static, dynamic, re-exports and types. */
export function findImports(file: string, source: string): Import[] {
	const text = file.endsWith('.svelte') ? scriptsOf(source) : source;
	const tree = ts.createSourceFile(file.replace(/\.svelte$/, '.ts'), text, ts.ScriptTarget.Latest, true);
	const found: Import[] = [];
	const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean) => {
		const name = specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
		found.push({ specifier: name, typeOnly, line: tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1 });
	};
	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeOnlyImport(node.importClause));
		else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node, node.moduleSpecifier, node.isTypeOnly);
		else if (ts.isImportTypeNode(node))
			add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
		else if (ts.isCallExpression(node) && isImportOrRequire(node.expression)) add(node, node.arguments[0], false);
		ts.forEachChild(node, visit);
	};
	visit(tree);
	return found;
}

/** The scripts of a component, with everything else blanked out so that lines keep their numbers. */
function scriptsOf(component: string): string {
	const blank = (text: string) => text.replace(/[^\n]/g, ' ');
	let text = '';
	let end = 0;
	for (const match of component.matchAll(/(<script\b[^>]*>)(.*?)<\/script>/gs)) {
		const start = match.index + (match[1] ?? '').length;
		const script = match[2] ?? '';
		text += blank(component.slice(end, start)) + script;
		end = start + script.length;
	}
	return text + blank(component.slice(end));
}

/** `import type {...}`, and `import { type A, type B }` where every name is a type. */
function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
	if (!clause) return false;
	if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
	const bindings = clause.namedBindings;
	if (clause.name || !bindings || !ts.isNamedImports(bindings) || bindings.elements.length === 0) return false;
	return bindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

function isImportOrRequire(callee: ts.Expression): boolean {
	return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}
