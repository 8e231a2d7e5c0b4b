// Writes the JSON Schemas of the editors, and that of server events, from the types of the installed `openai` package: `npm run schemas`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateSchemas, SCHEMA_FOLDER } from './generate-schemas.ts';

for (const [file, text] of await generateSchemas()) {
	writeFileSync(path.join(SCHEMA_FOLDER, file), text);
	console.log(`${file}: ${text.length} characters`);
}
