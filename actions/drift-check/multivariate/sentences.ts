/** What columns show together, in words. */
import type { DriftCorrelations, DriftMultivariate } from '../../../shared/records/drift-check.ts';
import { listNames } from '../list-names.ts';

interface Together {
  multivariate?: DriftMultivariate;
  correlations?: DriftCorrelations;
}

const NAMED_PAIRS = 3;

/** `all columns together tell the data from the reference (area 0.613), most by x and y` */
function describeMultivariate({ auc, columns }: DriftMultivariate): string {
  const names = columns.length > 0 ? `, most by ${listNames(columns.map(({ name }) => name))}` : '';
  return `all columns together tell the data from the reference (AUC ${auc!.toFixed(3)})${names}`;
}

function describeCorrelations({ largest, changed }: DriftCorrelations): string {
  const pairs = largest.slice(0, Math.min(changed, NAMED_PAIRS)).map(({ columns }) => columns.join(' with '));
  const more = changed > pairs.length ? ` and ${changed - pairs.length} more` : '';
  return `correlations changed: ${pairs.join(', ')}${more}`;
}

/** Reasons, where the policy makes them some. */
export function togetherFindings({
  multivariate,
  correlations,
}: Together): { part: 'multivariate' | 'correlations'; reason: string }[] {
  const found: ReturnType<typeof togetherFindings> = [];
  if (multivariate?.decides && multivariate.status === 'drifts')
    found.push({ part: 'multivariate', reason: describeMultivariate(multivariate) });
  if (correlations?.decides && correlations.status === 'drifts')
    found.push({ part: 'correlations', reason: describeCorrelations(correlations) });
  return found;
}

/** Sentences for whoever reads on; nothing of what was steady and not asked for. */
export function togetherSentences({ multivariate, correlations }: Together): string[] {
  const capital = (text: string) => `${text.replace(/^./, (letter) => letter.toUpperCase())}.`;
  const sentences: string[] = [];
  if (multivariate?.status === 'drifts') sentences.push(capital(describeMultivariate(multivariate)));
  else if (multivariate?.status === 'steady' && multivariate.decides)
    sentences.push(
      `All columns together do not tell the data from the reference (AUC ${multivariate.auc!.toFixed(3)}).`,
    );
  if (correlations?.status === 'drifts') sentences.push(capital(describeCorrelations(correlations)));
  return sentences;
}
