/** Cuts rows into slices: one per combination of values of some features. */
import { type Rows, selectRows } from '../../../shared/metrics/rows.ts';
import { inheritOrder } from '../../../shared/metrics/score-order.ts';

export interface Slice {
  values: Record<string, string>;
  /** As many as training runs. */
  champion: Rows[] | undefined;
  challenger: Rows[];
}

export interface Runs {
  champion: Rows[] | undefined;
  challenger: Rows[];
}

/** Slices by their size, largest first; an empty value is a value. @param limit how many are kept. */
export function cutSlices(
  keys: readonly string[],
  features: Record<string, (string | null)[]>,
  runs: Runs,
  limit: number,
): { slices: Slice[]; count: number } {
  const { groupOf, groups } = groupRows(keys.map((key) => features[key]!));
  const sizes = new Int32Array(groups.length);
  for (let row = 0; row < groupOf.length; row++) sizes[groupOf[row]!]!++;
  const chosen = groups
    .map((values, group) => ({ values, group, size: sizes[group]!, key: JSON.stringify(values) }))
    .sort((a, b) => b.size - a.size || (a.key < b.key ? -1 : 1))
    .slice(0, limit);
  const indices = new Map(chosen.map(({ group, size }) => [group, new Int32Array(size)]));
  const filled = new Int32Array(groups.length);
  const targets = groups.map((_, group) => indices.get(group));
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row]!;
    const target = targets[group];
    if (target) target[filled[group]!++] = row;
  }
  const slices = chosen.map(({ values, group }): Slice => {
    const picked = new Map<Float64Array, Float64Array>();
    const select = (rows: Rows): Rows => selectRows(rows, indices.get(group)!, picked);
    return {
      values: Object.fromEntries(keys.map((name, index) => [name, values[index] ?? '(empty)'])),
      champion: runs.champion?.map(select),
      challenger: runs.challenger.map(select),
    };
  });
  const sliceOf = new Int32Array(groups.length).fill(-1);
  chosen.forEach(({ group }, index) => {
    sliceOf[group] = index;
  });
  const sliceOfRow = groupOf.map((group) => sliceOf[group]!);
  const tellOrder = (whole: Rows, parts: Rows[]): void => {
    if (whole.score)
      inheritOrder(
        whole.score,
        sliceOfRow,
        parts.map((part) => part.score!),
      );
  };
  for (const [run, whole] of runs.challenger.entries())
    tellOrder(
      whole,
      slices.map((slice) => slice.challenger[run]!),
    );
  for (const [run, whole] of runs.champion?.entries() ?? [])
    tellOrder(
      whole,
      slices.map((slice) => slice.champion![run]!),
    );
  return { slices, count: groups.length };
}

/** Numbers the combinations of values that occur. */
export function groupRows(columns: readonly (string | null)[][]): {
  groupOf: Int32Array;
  groups: (string | null)[][];
} {
  const [first, ...others] = columns;
  let groups: (string | null)[][] = [];
  const groupOf = new Int32Array(first!.length);
  const ofValue = new Map<string | null, number>();
  for (let row = 0; row < groupOf.length; row++) {
    const value = first![row]!;
    let group = ofValue.get(value);
    if (group === undefined) {
      group = groups.length;
      ofValue.set(value, group);
      groups.push([value]);
    }
    groupOf[row] = group;
  }
  for (const column of others) {
    const refined: (string | null)[][] = [];
    const ofPair = groups.map(() => new Map<string | null, number>());
    for (let row = 0; row < groupOf.length; row++) {
      const value = column[row]!;
      const ofSecond = ofPair[groupOf[row]!]!;
      let group = ofSecond.get(value);
      if (group === undefined) {
        group = refined.length;
        ofSecond.set(value, group);
        refined.push([...groups[groupOf[row]!]!, value]);
      }
      groupOf[row] = group;
    }
    groups = refined;
  }
  return { groupOf, groups };
}
