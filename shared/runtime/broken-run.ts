/**
 * What a run that broke says where its verdict would have stood. Without it the comment and the check run would keep
 * the verdict of an earlier commit, and look as if it held for this one.
 */
import { describeLocation, UserError } from '../errors.ts';
import type { ActionId } from '../records/envelope.ts';
import { blocks, code, type Inline, link, md } from '../report/markdown.ts';
import type { ReportSection } from '../report/section.ts';

const HEADINGS: Record<ActionId, string> = {
  'validate-data': 'the data could not be checked',
  'train-on-gpu-runner': 'the training broke off',
  'evaluate-gate': 'this commit could not be judged',
  'register-model': 'the registration broke off',
  'canary-deploy': 'the rollout broke off',
  'drift-check': 'drift could not be judged',
};

/** Of each text, which a stranger's file may have made long. */
const MOST_CHARACTERS = 1000;

/**
 * The section of a run that ended by `error`. GitHub masks secrets in a log and not in a comment, so of a mistake no
 * further lines are told, which may be what a program printed, and of a bug only its kind.
 */
export function sectionOfBrokenRun(
  action: ActionId,
  name: string,
  error: unknown,
  place: { headSha: string; runUrl: string | undefined } | undefined,
): ReportSection {
  return {
    action,
    name,
    verdict: 'error',
    cell: 'error',
    heading: HEADINGS[action],
    summary: blocks(...(error instanceof UserError ? mistake(error) : bug(error)), STALE),
    details: [],
    footer: [
      ...(place ? [md`commit ${code(place.headSha.slice(0, 12))}`] : []),
      ...(place?.runUrl ? [link('log of the run', place.runUrl)] : []),
    ],
  };
}

const IN_LOG = 'The log of the run says more.';
const STALE = 'A verdict on an earlier commit does not hold for this one.';

function mistake({ message, where, fix }: UserError): Inline[] {
  const [first, ...more] = message.split('\n');
  const location = describeLocation(where);
  return [
    md`**${shortened(first!)}**`,
    more.length > 0 ? IN_LOG : '',
    location === '' ? '' : md`Where: ${code(shortened(location))}`,
    fix === '' ? '' : md`How to mend it: ${shortened(fix)}`,
  ];
}

function bug(error: unknown): Inline[] {
  const kind = error instanceof Error ? error.name : 'an unknown error';
  return [
    md`**The action itself broke: ${shortened(kind)}.**`,
    `${IN_LOG} Should it happen again, report it with that log.`,
  ];
}

const shortened = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
