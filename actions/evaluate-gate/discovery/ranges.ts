/** Ranges of a number, written so that a reader can cut the same ones. */

/** The fewest digits, three at least, that keep all edges apart: what is written is then exactly what is cut. */
export function shortened(edges: readonly number[]): number[] {
  for (let digits = 3; digits < 17; digits++) {
    const short = edges.map((edge) => Number(edge.toPrecision(digits)));
    if (new Set(short).size === edges.length) return short;
  }
  return [...edges];
}

/**
 * One label more than edges, each of which ends its range: `up to 16`, `17 to 20`, `21 or more`; of fractions
 * `up to 0.31`, `over 0.31 to 0.52`, `over 0.52`.
 */
export function rangeLabels(edges: readonly number[], isWhole: boolean): string[] {
  return [...edges, undefined].map((edge, index) => {
    const below = edges[index - 1];
    if (below === undefined) return `up to ${edge}`;
    if (edge === undefined) return isWhole ? `${below + 1} or more` : `over ${below}`;
    if (!isWhole) return `over ${below} to ${edge}`;
    return below + 1 === edge ? `${edge}` : `${below + 1} to ${edge}`;
  });
}
