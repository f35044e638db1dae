/** A metric of two classes on one class of several (or one label) against the rest. */
import { oneAgainstRest } from './class-scores.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { noValue, type Rows } from './rows.ts';

/** @param definition a metric of two classes. @param name of the class or label, as in the data. */
export function ofClass(definition: MetricDefinition, name: string): MetricDefinition {
  return {
    ...definition,
    prepare: (rows) => rowsOfClass(rows, name),
    compute: (rows) =>
      rows.classes || rows.labels ? noValue(whyNoClass(rows, name)) : definition.compute(rows),
  };
}

/** Unchanged where there is no such class, which `compute` then explains. */
function rowsOfClass(rows: Rows, name: string): Rows {
  const index = namesOf(rows).indexOf(name);
  if (index < 0) return rows;
  if (rows.classes) return oneAgainstRest(rows, index);
  const { truth, predicted, score } = rows.labels![index]!;
  return { truth, predicted, score, weight: rows.weight, clusters: rows.clusters };
}

const namesOf = (rows: Rows): readonly string[] =>
  rows.classes ?? rows.labels?.map((label) => label.name) ?? [];

const SHOWN = 20;

function whyNoClass(rows: Rows, name: string): string {
  const names = namesOf(rows);
  const more = names.length > SHOWN ? ' …' : '';
  const kind = rows.labels ? 'label' : 'class';
  return `there is no ${kind} ${name}; there are ${names.slice(0, SHOWN).join(', ')}${more}`;
}
