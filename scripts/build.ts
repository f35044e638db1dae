/** `npm run build`: deletes and remakes `dist/`. The same sources give the same bytes. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, root } from './bundle.ts';
import { licenseTexts } from './licenses.ts';

await rm(join(root, 'dist'), { recursive: true, force: true });
const { metafile } = await bundle(true);
await writeFile(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), await licenseTexts(metafile));
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`dist: ${Object.keys(metafile.outputs).length} files, ${(bytes / 1e6).toFixed(2)} MB`);
