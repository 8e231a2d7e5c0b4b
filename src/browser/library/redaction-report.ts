import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import type { Redactor } from '#core/recording/redaction/redaction-options.ts';
import type { RedactionReport } from './library-api.ts';

const MOST_FOUND = 500;

/** What several redactors took out, as one account. */
export function mergeRedactions(redactors: readonly Redactor[]): RedactionReport {
	return addReports(redactors.map(({ counts, found }) => ({ counts: Object.fromEntries(counts), found })));
}

/** Several accounts as one. */
export function addReports(reports: readonly RedactionReport[]): RedactionReport {
	const counts: Record<string, number> = {};
	for (const report of reports) {
		for (const [kind, count] of Object.entries(report.counts)) counts[kind] = (counts[kind] ?? 0) + count;
	}
	return { counts, found: reports.flatMap(({ found }) => found).slice(0, MOST_FOUND) };
}

/** A header without the secrets that its texts hold. */
export function redactHeader(header: RecordingHeader, redactor: Redactor): RecordingHeader {
	return {
		...header,
		title: redactor.text(header.title, 'title'),
		endpoint: redactor.text(header.endpoint, 'endpoint'),
		transport: redactor.text(header.transport, 'transport'),
		model: redactor.text(header.model, 'model'),
		redacted: header.redacted.map((kind) => redactor.text(kind, 'redacted')),
		...(header.source !== undefined && { source: redactor.text(header.source, 'source') }),
		...(header.note !== undefined && { note: redactor.text(header.note, 'note') }),
		...(header.tags && { tags: header.tags.map((tag) => redactor.text(tag, 'tag')) })
	};
}
