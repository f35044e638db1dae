/**
 * Rows in the order of their scores, found once whichever metrics, curves and limits ask for it. Walking rows in that
 * order jumps about in memory, which at a million rows costs more than the arithmetic; so what metrics need is laid
 * out in that order.
 */
import { ascendingOrder } from '../stats/sort-order.ts';
import type { Rows } from './rows.ts';

/** One entry per position, from the lowest score to the highest. */
export interface RankedRows {
  /** The row at each position. */
  order: Uint32Array;
  /** 1 where the row is positive. */
  positive: Uint8Array;
  /** 1 where the next position has another score. */
  endsTie: Uint8Array;
  weight?: Float64Array;
}

/** Columns of predictions are never changed, so what is known of one stays true. */
const orders = new WeakMap<Float64Array, Uint32Array>();
const ranked = new WeakMap<Rows, RankedRows>();

/** @throws RangeError when a score is NaN. */
export function rankRows(rows: Rows): RankedRows {
  const known = ranked.get(rows);
  if (known) return known;
  const order = scoreOrder(rows.score!);
  const { truth, weight } = rows;
  const positive = new Uint8Array(order.length);
  for (let position = 0; position < order.length; position++) {
    positive[position] = truth[order[position]!] === 1 ? 1 : 0;
  }
  const found: RankedRows = {
    order,
    positive,
    endsTie: tieEnds(rows.score!, order),
    weight: weight && inOrder(weight, order),
  };
  ranked.set(rows, found);
  return found;
}

function scoreOrder(scores: Float64Array): Uint32Array {
  const order = orders.get(scores) ?? ascendingOrder(scores);
  orders.set(scores, order);
  return order;
}

function inOrder(values: Float64Array, order: Uint32Array): Float64Array {
  const sorted = new Float64Array(order.length);
  for (let position = 0; position < order.length; position++) sorted[position] = values[order[position]!]!;
  return sorted;
}

function tieEnds(scores: Float64Array, order: Uint32Array): Uint8Array {
  const sorted = inOrder(scores, order);
  const ends = new Uint8Array(order.length);
  for (let position = 0; position < ends.length; position++) {
    ends[position] = sorted[position] === sorted[position + 1] ? 0 : 1;
  }
  return ends;
}

/**
 * Tells parts of a column their order, which is that of the whole: so a slice need not be sorted again.
 * @param partOf the part of each row of the whole, −1 for none; rows of a part keep their order.
 */
export function inheritOrder(whole: Float64Array, partOf: Int32Array, parts: readonly Float64Array[]): void {
  const order = orders.get(whole);
  if (!order) return;
  const place = new Uint32Array(partOf.length);
  const filled = new Uint32Array(parts.length);
  for (let row = 0; row < partOf.length; row++) {
    const part = partOf[row]!;
    if (part >= 0) place[row] = filled[part]!++;
  }
  const ofParts = parts.map((part) => new Uint32Array(part.length));
  filled.fill(0);
  for (let position = 0; position < order.length; position++) {
    const row = order[position]!;
    const part = partOf[row]!;
    if (part >= 0) ofParts[part]![filled[part]!++] = place[row]!;
  }
  parts.forEach((part, index) => {
    orders.set(part, ofParts[index]!);
  });
}
