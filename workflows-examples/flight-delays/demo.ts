/**
 * The demo: a real model goes through all six actions, well and badly. `npm run demo` starts it (through
 * scripts/demo.mjs, which brings Node 24); it needs python3 and, the first time, a network. Nothing is imported but
 * Node's own modules and the part that makes Python environments, so that it runs in a clone without node_modules.
 *
 * Usage: demo.ts [FOLDER]   where everything goes that is made; default mlops-demo in the repository's root.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { PULL_REQUEST, startPlot } from './demo/plot.ts';
import { readRegistry } from './demo/registry.ts';
import { NAME, Scene, UnexpectedResult } from './demo/scene.ts';
import { partBetter, partData, partDrift, partFirst, partStopped } from './demo/story.ts';
import { Terminal } from './demo/terminal.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = resolve(process.argv[2] ?? join(root, 'mlops-demo'));
const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mlops-actions');
const terminal = new Terminal(Number(process.env.MLOPS_DEMO_STARTED) || Date.now());
const stopped = new AbortController();

async function main(): Promise<number> {
  terminal.text(
    'Will this flight be more than 15 minutes late? Real US flights of January to June 2001, a model in',
  );
  terminal.text(
    'scikit-learn, six actions, no account. ✓ is what the story says: verdicts of fail are right there too.',
  );
  mkdirSync(folder, { recursive: true });
  const scene = await Scene.open({ root, folder, cacheFolder, terminal, signal: stopped.signal });
  try {
    const plot = startPlot(scene);
    await partData(scene, plot);
    await partFirst(scene, plot);
    await partBetter(scene, plot);
    await partStopped(scene, plot);
    await partDrift(scene, plot);
    checkRegistry(scene, (await plot.registered.better).outputs.digest ?? '');
  } finally {
    terminal.progress('stopping the servers');
    await scene.close();
  }
  tellWhereThingsAre(scene);
  return terminal.surprises === 0 ? 0 : 1;
}

/** Three models were let in, whichever run of the demo this is, and the alias names the one that won. */
function checkRegistry(scene: Scene, champion: string): void {
  const { versions, aliases } = readRegistry(scene.made('mlops-registry', NAME));
  terminal.heading('At the end');
  terminal.fact(
    versions.length === 3,
    `the registry holds ${versions.length} versions of ${NAME}: the worse one never got in`,
  );
  terminal.fact(
    aliases.champion === champion,
    `${NAME}@champion is gradient boosting with airports, ${champion.slice(0, 19)}`,
  );
}

function tellWhereThingsAre(scene: Scene): void {
  const path = (...parts: string[]) => relative(process.cwd(), scene.made(...parts)) || '.';
  const comment = scene.github.commentFile(PULL_REQUEST.better);
  terminal.text('');
  terminal.text(`  report    ${path('mlops-records/report.html')}`);
  terminal.text(`  records   ${path('mlops-records', NAME)}`);
  terminal.text(`  registry  ${path('mlops-registry', NAME)} (an OCI image layout)`);
  if (existsSync(comment))
    terminal.text(`  comment   ${relative(process.cwd(), comment)}, as it would have been posted`);
  terminal.text(`  logs      ${path('logs')}`);
  terminal.text(`\n${terminal.seconds().toFixed(0)} seconds.`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopped.signal.aborted) return;
    terminal.progress('stopping');
    stopped.abort(new Error('stopped by you'));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = stopped.signal.aborted ? 130 : 1;
  const known = error instanceof UnexpectedResult || stopped.signal.aborted;
  const message = error instanceof Error ? (!known && error.stack) || error.message : String(error);
  terminal.text(`\nThe demo did not come to its end: ${message}`);
}
