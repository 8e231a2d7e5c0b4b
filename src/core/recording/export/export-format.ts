/** What a recording can be saved as. */
export type ExportFormat =
	'earshot.jsonl' | 'earshot.zip' | 'har' | 'wav-stereo' | 'wav-caller' | 'wav-model' | 'markdown' | 'csv';

/** How the name of each file ends. */
export const EXPORT_SUFFIXES: Readonly<Record<ExportFormat, string>> = {
	'earshot.jsonl': '.earshot.jsonl',
	'earshot.zip': '.earshot.zip',
	har: '.har',
	'wav-stereo': '.wav',
	'wav-caller': '.caller.wav',
	'wav-model': '.model.wav',
	markdown: '.md',
	csv: '.csv'
};
