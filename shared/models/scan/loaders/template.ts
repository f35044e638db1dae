import type { ScanContext, ScanInput } from '../scan-input.ts';
import { judgeTemplate } from '../text/jinja.ts';
import { wholeText } from './whole-text.ts';

/** In bytes: no chat template is longer. */
const MOST_BYTES = (1 << 20) - 1;

/** Looks into a chat template in a file of its own, as transformers has saved it since 2025. */
export async function scanTemplate(input: ScanInput, { report }: ScanContext): Promise<void> {
  const text = await wholeText(input, MOST_BYTES);
  const problems = text === undefined ? [`has more than ${MOST_BYTES} bytes`] : judgeTemplate(text);
  for (const problem of problems)
    report({ rule: 'template-code', offset: null, what: `The template ${problem}.` });
}
