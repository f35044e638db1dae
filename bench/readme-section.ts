/** The README's tables of benchmarks, as text in and text out. */
import { UserError } from '../shared/errors.ts';
import type { Benchmark } from './measure.ts';

const START = '<!-- benchmarks:start -->';
const END = '<!-- benchmarks:end -->';

/** What the numbers were measured on. */
export interface Machine {
  cores: number;
  /** As the processor calls itself. */
  processor: string;
  /** Of Node, without the `v`. */
  node: string;
}

/**
 * The README with these tables between its markers, in place of what stood there. Nothing in it tells the day, so that
 * the same numbers give the same text.
 * @throws UserError where the markers are missing or in the wrong order.
 */
export function withBenchmarks(
  readme: string,
  benchmarks: readonly Pick<Benchmark, 'title' | 'table'>[],
  { cores, processor, node }: Machine,
): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < start) {
    throw new UserError('The README has no place for the benchmarks.', {
      where: { file: 'README.md' },
      fix: `Write ${START} and, below it, ${END} where they belong.`,
    });
  }
  const tables = benchmarks.map(({ title, table }) => `**${title}**\n\n${table.trim()}`);
  const machine = `Measured on ${cores} core${cores === 1 ? '' : 's'} (${processor.replace(/\s+/g, ' ').trim()}) with Node ${node}: whole processes, medians, everything in one table in one run.`;
  return `${readme.slice(0, start)}${START}\n${[machine, ...tables].join('\n\n')}\n${readme.slice(end)}`;
}
