/** From how few rows on the large-sample intervals are not to be trusted (found by simulation of their coverage). */
import type { MetricDefinition } from './metric-definition.ts';
import type { Rows } from './rows.ts';

const ROWS_PER_LABEL = 50;
const DISCORDANT_ROWS = 25;
const CLUSTERS = 20;

/** Says what is too few for the value's and for the change's interval; undefined where all is well. */
export function whyTooFew(
  definition: MetricDefinition,
  champion: Rows | undefined,
  challenger: Rows,
): { tooFewForValue: string | undefined; tooFewForChange: string | undefined } {
  const clusters = challenger.clusters;
  if (clusters && clusters.count < CLUSTERS) {
    const why = `${clusters.count} clusters, and at least ${CLUSTERS} are needed`;
    return { tooFewForValue: why, tooFewForChange: why };
  }
  if (definition.task !== 'binary') return { tooFewForValue: undefined, tooFewForChange: undefined };
  // Score intervals hold with any number of rows.
  const exactEnough = definition.rate !== undefined && !challenger.weight && !clusters;
  if (exactEnough) return { tooFewForValue: undefined, tooFewForChange: undefined };
  const value = fewOfALabel(challenger.truth, 'labelled') ?? fewPredicted(definition, challenger);
  const championFew = champion && fewPredicted(definition, champion);
  return {
    tooFewForValue: value,
    tooFewForChange: value ?? championFew ?? fewDiscordant(definition, champion, challenger),
  };
}

function fewOfALabel(labels: Float64Array, verb: string): string | undefined {
  let positive = 0;
  for (const label of labels) positive += label;
  const [fewer, word] =
    positive < labels.length - positive ? [positive, 'positive'] : [labels.length - positive, 'negative'];
  return fewer < ROWS_PER_LABEL
    ? `${fewer} rows ${verb} ${word}, and at least ${ROWS_PER_LABEL} are needed`
    : undefined;
}

const fewPredicted = (definition: MetricDefinition, rows: Rows): string | undefined =>
  definition.intervalMethod === 'infinitesimal jackknife'
    ? fewOfALabel(rows.predicted!, 'predicted')
    : undefined;

/** Two models that decide alike in all rows are the same model to this metric: their difference is exactly zero. */
function fewDiscordant(
  definition: MetricDefinition,
  champion: Rows | undefined,
  challenger: Rows,
): string | undefined {
  if (!champion || definition.needs !== 'labels') return undefined;
  let discordant = 0;
  for (let row = 0; row < challenger.truth.length; row++) {
    if (challenger.predicted![row] !== champion.predicted![row]) discordant++;
  }
  return discordant > 0 && discordant < DISCORDANT_ROWS
    ? `the models differ in ${discordant} rows, and at least ${DISCORDANT_ROWS} are needed`
    : undefined;
}
