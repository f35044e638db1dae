import type { ScanContext, ScanInput } from '../scan-input.ts';

/** `CBM1`, and the length of the model itself as a number of 32 bits. */
const HEAD_BYTES = 8;

/**
 * Looks into what CatBoost saves as `cbm` (`TFullModel::Save` of catboost/libs/model): a header with a length, trees and
 * parts with tables. No code is in it; its length has to fit.
 */
export async function scanCatBoost({ reader }: ScanInput, { report }: ScanContext): Promise<void> {
  const head = await reader.take(HEAD_BYTES);
  if (head === undefined) {
    report({ rule: 'cut-off', offset: reader.offset, what: 'The file ends within its header.' });
    return;
  }
  const length = new DataView(head.buffer, head.byteOffset).getUint32(4, true);
  const passed = await reader.skip(length);
  if (passed === length) return;
  const what = `The model is said to be ${length} bytes long, and only ${passed} follow.`;
  report({ rule: 'cut-off', offset: reader.offset, what });
}
