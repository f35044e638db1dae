/** The command that gives this record on another machine. */
import { shellWord } from '../../../shared/programs/shell-words.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import { blocks, codeBlock, md } from '../../../shared/report/markdown.ts';
import { operations } from '../inputs.ts';
import type { Part } from './slices.ts';

export function commandPart(record: Evaluation): Part {
  const { policy } = record;
  const note =
    policy?.change && policy.from === 'base'
      ? md`The policy that judged is the base branch's version of ${policy.file}, not the one of this pull request.`
      : '';
  return { title: 'Run it yourself', body: blocks(codeBlock(commandOf(record), 'sh'), note) };
}

/** As they are written: `baseline-predictions`. What a record was made from beside them cannot be given. */
const INPUTS = new Set<string>(
  operations.evaluate.map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
);

/** The inputs by role are the inputs by name; what programs were run is not kept, so their places are named. */
export function commandOf(record: Evaluation): string {
  const isFromRegistry = record.baseline.from !== null && record.baseline.digest !== null;
  const byRole = new Map<string, string[]>();
  for (const { role, name } of record.inputs) {
    // What a program wrote, or a registry stored, is made again.
    if (role === 'predictions' && record.judgedFrom === 'predict-command') continue;
    if (role === 'baseline-predictions' && isFromRegistry) continue;
    if (INPUTS.has(role)) byRole.set(role, [...(byRole.get(role) ?? []), name]);
  }
  const words = [...byRole].map(([role, names]) => `--${role} ${shellWord(names.join(','))}`);
  if (isFromRegistry) words.push(`--baseline ${shellWord(record.baseline.from!)}`);
  if (record.judgedFrom === 'predict-command') words.push('--predict-command COMMAND');
  if (record.load?.from === 'serve-command') words.push('--serve-command COMMAND');
  if (record.load?.from === 'endpoint' && !byRole.has('endpoint')) words.push('--endpoint URL');
  if (record.calibrate) words.push(`--draws ${record.calibrate.draws}`);
  const operation = record.operation === 'calibrate' ? ['--operation calibrate'] : [];
  return ['npx mlops-actions evaluate-gate', `--name ${shellWord(record.name)}`, ...operation, ...words].join(
    ' \\\n  ',
  );
}
