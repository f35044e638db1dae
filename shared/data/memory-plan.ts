/** How much memory data of a size are worth: a runner has little, and the programs beside this one need some. */
import { totalmem } from 'node:os';
import type { FoundData } from './data-files.ts';
import type { MemoryPlan } from './engine.ts';
import { packingOf } from './file-reading.ts';

/** What is read faster than it could fill memory. */
const SMALL = { text: 400e6, parquet: 200e6 };
/** The engine's share of the size of the data: text is held as a table, of Parquet only what a question needs. */
const LIMIT = { text: { share: 0.25, least: 250e6 }, parquet: { share: 0.2, least: 80e6 } };
/** Bytes of text for each that lies on the disk, roughly. */
const UNPACKED = 5;
/** The engine's own limit. */
const LARGEST_SHARE = 0.8;

/** The plan for data that are about to be loaded; empty for small data, which are faster without. */
export function memoryPlan({ files, format }: Pick<FoundData, 'files' | 'format'>): MemoryPlan {
  const kind = format === 'parquet' ? 'parquet' : 'text';
  const bytes = files.reduce((sum, file) => sum + file.bytes * (packingOf(file.path) ? UNPACKED : 1), 0);
  if (bytes < SMALL[kind]) return {};
  const { share, least } = LIMIT[kind];
  const wanted = Math.max(least, share * bytes);
  const memoryLimitBytes = wanted < LARGEST_SHARE * totalmem() ? Math.round(wanted) : undefined;
  return { compressTables: kind === 'text', ...(memoryLimitBytes !== undefined && { memoryLimitBytes }) };
}
