/** `node test/golden/update.ts [CASE …]`: writes out.yaml anew. Read the difference before you commit it. */
import { writeFileSync } from 'node:fs';
import { caseNames, outputOf, outputPath, readCase } from './cases.ts';

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : caseNames()) writeFileSync(outputPath(name), outputOf(readCase(name)));
