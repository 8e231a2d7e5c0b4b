/** A cell: text of other people, or a number or word of ours. */
export type Cell = { readonly text: string } | number | string | null;

/** What a file in UTF-8 begins with, so that spreadsheets do not take it for another encoding. */
export const BYTE_ORDER_MARK = '\uFEFF';

/**
 * One row as RFC 4180 has it, with its CRLF. `null` makes an empty cell; numbers have at most three decimals.
 *
 * Text that a spreadsheet would calculate begins with an apostrophe, which spreadsheets do not show. Source: OWASP, "CSV
 * Injection".
 */
export function formatRow(cells: readonly Cell[]): string {
	return `${cells.map((cell) => quote(plainText(cell))).join(',')}\r\n`;
}

function plainText(cell: Cell): string {
	if (cell === null) return '';
	if (typeof cell === 'string') return cell;
	if (typeof cell === 'number') return String(Number.isFinite(cell * 1000) ? Math.round(cell * 1000) / 1000 : cell);
	const text = cell.text.toWellFormed();
	return isFormula(text) ? `'${text}` : text;
}

/** Some programs pass over what is not seen in front of the sign; some take the wide signs of East Asia for the others. */
function isFormula(text: string): boolean {
	return /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]/u.test(text) || /^[\t\r\n]/.test(text);
}

function quote(text: string): string {
	return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
