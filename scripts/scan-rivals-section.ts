/** The part of docs/scan.md that sets the safety scan beside picklescan, modelscan and fickling. */
import record from '../action-test/heavy/scan-rivals.json' with { type: 'json' };
import {
  FAMILIES,
  type Family,
  RIVALS,
  type Rival,
  type RivalsRecord,
  type RivalsRow,
  type Tally,
  VERDICTS,
} from '../action-test/heavy/scan-rivals.ts';

const { versions, evil, good }: RivalsRecord = record as RivalsRecord;

const WORDS = { error: 'could not be read', skipped: 'not looked at' } as const;

const sizeOf = (tally: Tally): number => VERDICTS.reduce((sum, verdict) => sum + tally[verdict], 0);

function sum(tallies: readonly Tally[]): Tally {
  const total: Tally = { refused: 0, clean: 0, error: 0, skipped: 0 };
  for (const tally of tallies) for (const verdict of VERDICTS) total[verdict] += tally[verdict];
  return total;
}

/** `31 of 40 (5 could not be read, 4 not looked at)`: what is left was called clean. */
function said(tally: Tally): string {
  const rest = (['error', 'skipped'] as const)
    .filter((verdict) => tally[verdict] > 0)
    .map((verdict) => `${tally[verdict]} ${WORDS[verdict]}`);
  return `${tally.refused}${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`;
}

const claims = (rival: Rival, family: Family): boolean =>
  (FAMILIES[family].claimedBy as readonly Rival[]).includes(rival);

const count = (rows: readonly RivalsRow[], what: 'files' | 'refusedHere'): number =>
  rows.reduce((total, row) => total + row[what], 0);

function row(title: string, rows: readonly RivalsRow[]): string {
  const cells = RIVALS.map((rival) => said(sum(rows.map((one) => one[rival]))));
  return `| ${[title, count(rows, 'files'), count(rows, 'refusedHere'), ...cells].join(' | ')} |`;
}

/** As `row`, with `not claimed` where a tool does not say that it looks into such files. */
function familyRow(family: Family): string {
  const rows = evil.filter((one) => one.family === family);
  const cells = RIVALS.map((rival) => {
    const tally = sum(rows.map((one) => one[rival]));
    if (claims(rival, family)) return said(tally);
    return tally.refused > 0 ? `not claimed (refuses ${tally.refused})` : 'not claimed';
  });
  return `| ${[FAMILIES[family].title, count(rows, 'files'), count(rows, 'refusedHere'), ...cells].join(' | ')} |`;
}

const head = (first: string): string[] => [
  `| ${first} | files | refused by this scan | ${RIVALS.map((rival) => `${rival} ${versions[rival]}`).join(' | ')} |`,
  '|---|---|---|---|---|---|',
];

export function rivalsSection(): string[] {
  const families = (Object.keys(FAMILIES) as Family[]).filter((family) =>
    evil.some((one) => one.family === family),
  );
  const pickles = evil.filter(({ family }) => family === 'pickle');
  const total = sum(evil.map(({ picklescan }) => picklescan));
  return [
    '## Beside other scanners',
    '',
    `What three open scanners say of the same ${sizeOf(total)} evil files. **Read it with care:** the files were written beside this scan,`,
    'by its authors, and whatever it missed at first was mended until it refused all of them. The authors of the others',
    'never saw them. So the table says what there is to be missed, and not how good a scanner is with files that nobody',
    'has seen. Each tool ran with its default settings, on each file by itself. *Not claimed*: its documentation does not',
    'say that it looks into such files. A file that a tool could not read or did not look at was not refused; modelscan',
    'and picklescan go by the extension, and some files have another on purpose. Otherwise, what was not refused was',
    'called clean. fickling means to call clean only what it knows, so that it refuses most of what libraries save.',
    '',
    ...head('evil files'),
    ...families.map(familyRow),
    '',
    'Pickles by themselves and in zips, which all three say they look into, by the way in which the danger is hidden:',
    '',
    ...head('technique'),
    ...pickles.map((one) => row(one.title, [one])),
    row('**all of these**', pickles),
    '',
    'And what common libraries save, in which a scanner should refuse nothing; the number is of files refused:',
    '',
    ...head('good files, saved by'),
    ...good.map((one) => row(one.title, [one])),
    '',
    'Recorded by `npm test -- --project heavy scan-rivals -u`; the heavy tier holds the record to a fresh run.',
    '',
  ];
}
