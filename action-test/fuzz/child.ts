/**
 * Fuzzes one parser until its time is over, in a process of its own. What it tells are lines of JSON on standard output;
 * the case in work lies in a file, so that whoever sees this process end knows which one it was.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { writeCase } from './case-file.ts';
import { measureCoverage } from './coverage.ts';
import { Dice } from './dice.ts';
import { fuzz } from './fuzz.ts';
import { lookWith } from './look.ts';
import type { Order, Told } from './protocol.ts';
import { allSeeds } from './seeds.ts';
import type { Watched } from './watchdog.ts';

const order = JSON.parse(process.argv[2]!) as Order;
const temporaryFolder = join(order.folder, 'temporary');
mkdirSync(temporaryFolder, { recursive: true });
const caseFile = openSync(join(order.folder, 'case'), 'w');
const turn = new Int32Array(new SharedArrayBuffer(4));
const watched: Watched = { turn, seconds: order.secondsPerCase, megabytes: order.megabytes };
const watchdog = new Worker(new URL('watchdog.ts', import.meta.url), { workerData: watched });
const tell = (told: Told) => writeSync(1, `${JSON.stringify(told)}\n`);

const endOfCoverage = order.hasCoverage
  ? measureCoverage(new URL('../../shared/models/scan/', import.meta.url).href)
  : undefined;
const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
let current: Uint8Array = new Uint8Array();
let since = processorSeconds();
const slowest = { seconds: 0, bytes: current };
const endCase = () => {
  const now = processorSeconds();
  if (now - since > slowest.seconds) Object.assign(slowest, { seconds: now - since, bytes: current });
  since = now;
};
const end = Date.now() + order.milliseconds;
const begin = performance.now();
const { cases, corpus } = await fuzz({
  parser: order.parser,
  seeds: allSeeds(order.seeds).get(order.parser)!,
  dice: new Dice(order.seed),
  look: lookWith(temporaryFolder),
  temporaryFolder,
  begins(bytes) {
    endCase();
    current = bytes;
    writeCase(caseFile, bytes);
    Atomics.add(turn, 0, 1);
  },
  failed: (fault, bytes) => tell({ fault, input: Buffer.from(bytes).toString('base64') }),
  isOver: () => Date.now() >= end,
});
endCase();
const { seconds, bytes } = slowest;
tell({
  ...{ cases, corpus, seconds: (performance.now() - begin) / 1000 },
  slowest: { seconds, input: Buffer.from(bytes).toString('base64') },
  reached: endOfCoverage?.(),
});
closeSync(caseFile);
await watchdog.terminate();
