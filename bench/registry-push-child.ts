/** One registration as a process of its own: prints what it took and the largest memory it had. */
import { modelDigest } from '../shared/models/digest.ts';
import { openRegistry, parseRegistry } from '../shared/registries/registry.ts';

const [registry = '', folder = ''] = process.argv.slice(2);
let uploads = 0;
const counting: typeof fetch = (input, init) => {
  if (init?.method === 'POST' && String(input).includes('/blobs/uploads/')) uploads++;
  return fetch(input, init);
};
const opened = await openRegistry(parseRegistry(registry, 'model'), { env: process.env, fetch: counting });
const begin = performance.now();
const hashed = await modelDigest(folder);
const pushing = performance.now();
await opened.pushModel(hashed);
const end = performance.now();
const result = {
  hashSeconds: (pushing - begin) / 1000,
  pushSeconds: (end - pushing) / 1000,
  bytes: process.resourceUsage().maxRSS * 1024,
  uploads,
};
process.stdout.write(JSON.stringify(result));
