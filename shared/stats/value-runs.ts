/** The distinct values of a list of numbers in their order, and how often each occurs: all that a sketch is made of. */
import { decimalRuns } from './decimal-runs.ts';
import { isAscending, sortNumbers } from './sort-numbers.ts';
import { runsOfSorted, type ValueRuns } from './sorted-runs.ts';

/** Fewer numbers are sorted before all decimals are counted. */
const FEW = 4096;

/**
 * Takes the memory of its arguments for what it returns.
 * @param numbers in any order. @param spare room for as many numbers at least.
 */
export function valueRuns(numbers: Float64Array, spare: Float64Array): ValueRuns {
  if (isAscending(numbers)) return runsOfSorted(numbers, spare);
  const counted = numbers.length < FEW ? undefined : decimalRuns(numbers, spare);
  if (counted) return counted;
  sortNumbers(numbers, spare);
  return runsOfSorted(numbers, spare);
}
