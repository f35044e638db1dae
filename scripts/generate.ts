/** `npm run generate`: writes what is derived, so that it cannot drift: JSON Schemas and the tables in READMEs. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './bundle.ts';
import { generatedFiles } from './generated-files.ts';

const files = await generatedFiles();
await mkdir(join(root, 'schemas'), { recursive: true });
for (const file of await readdir(join(root, 'schemas'))) {
  if (!files.has(`schemas/${file}`)) await rm(join(root, 'schemas', file));
}
for (const [path, text] of files) await writeFile(join(root, path), text);
console.log(`${files.size} files written`);
