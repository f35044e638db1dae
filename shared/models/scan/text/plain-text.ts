import type { ScanContext, ScanInput } from '../scan-input.ts';
import { NamedCode } from './named-code.ts';
import { reportOnce } from './once.ts';
import { findSecrets, secretWords } from './secrets.ts';
import { textParts } from './text-parts.ts';
import { judgeTorchScript } from './torch-script.ts';

/**
 * Looks for keys and passwords in a text, for what a configuration names to be run, and for what reads or writes files in
 * the code of TorchScript.
 * @param begun given what came before in the same text, where that was taken for JSON.
 */
export async function scanText(input: ScanInput, context: ScanContext, begun?: NamedCode): Promise<void> {
  const report = reportOnce(context.report);
  const named = begun ?? new NamedCode(report, input.place);
  for await (const { text, line, offset, fresh, signs } of textParts(input, context)) {
    for (const secret of findSecrets(text, line, signs))
      report({ rule: 'secret', offset: null, what: secretWords(secret) });
    for (const found of judgeTorchScript(text, offset)) report(found);
    named.push(fresh);
  }
  named.finish();
}

/** Nobody writes so many blanks first: what follows is to be taken for something else than it is. */
export async function refuseBlanks(_input: ScanInput, { report }: ScanContext): Promise<void> {
  report({
    rule: 'cannot-look-into',
    offset: 0,
    what: 'The file begins with thousands of blanks, which hide what it is.',
  });
}
