/** `npm run build`: deletes and remakes `dist/`. The same sources give the same bytes. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, root } from './bundle.ts';
import { licenseTexts } from './licenses.ts';

await rm(join(root, 'dist'), { recursive: true, force: true });
const { metafile, files } = await bundle(true);
await writeFile(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), await licenseTexts(metafile));
const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
console.log(`dist: ${files.size} files, ${(bytes / 1e6).toFixed(2)} MB`);
