/** `docs/scan.md`, from the rules of the safety scan, the files that they are tested by, and what other scanners say of them. */
import { BOUNDS } from '../action-test/scan/catalogue/bounds.ts';
import { CATALOGUE, CATALOGUE_FILES } from '../action-test/scan/catalogue/catalogue.ts';
import type { CatalogueEntry } from '../action-test/scan/catalogue/entry.ts';
import { FORMATS } from '../action-test/scan/catalogue/formats.ts';
import type { Looked } from '../action-test/scan/told-scan.ts';
import { type FindingRule, RULES, type Rule } from '../shared/models/scan/rules.ts';
import { rivalsSection } from './scan-rivals-section.ts';

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{', '&#123;');
const formats = Object.keys(FORMATS) as Looked[];

const LEVELS: Record<Rule['level'], string> = {
  error: 'error: the model is refused',
  warning: 'warning: stored, verdict `warn`',
  note: 'note: only said',
};

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

const START = `
# The safety scan

A pickle is a program, and whoever loads it runs it. So are parts of other formats. \`register-model\` looks into every
file of a model before anything is stored, \`canary-deploy\` before anything is served, and \`operation: scan\` on its
own; [the README of register-model](../actions/register-model/README.md#the-safety-scan) says how it is switched on and
off. This page lists what it finds.

## My file was refused: what now?

1. **Read the finding.** The report, the log and the record name the file and, where it is an archive, the member in it,
   what was found there, and at which byte. [What the findings mean](#what-the-findings-mean) has each by its name.
2. **Find your case:**

| your case | what to do |
|---|---|
| A model from the internet | Do not load it, not even to look. Take the same model as safetensors, ONNX or GGUF, or from another source. |
| A pickle or joblib file with a class or function of your own (\`pickle-import\` names it) | Read that code, then [vouch for it](#classes-of-your-own), or save what it holds in a format without code. |
| A pickle of a library, and \`pickle-import\` names something of that library | Where it is plain data or an estimator, tell us: the list of harmless names is not complete. Until then vouch for the name. |
| PyTorch | Save \`model.state_dict()\`, not the model; better still by \`safetensors.torch.save_file\`. |
| Keras with a \`Lambda\` layer or a class of its own | Write the layer as a registered class and vouch for it, or export to ONNX. |
| \`named-code\`: MLflow, skops or a server is told to import code of your own | Give that code as the input \`code\` of register-model, outside of the model, or [vouch for the name](#classes-of-your-own). |
| \`cannot-look-into\` | Save the file without the encryption or the nesting that the finding names. |
| \`cut-off\`, \`unreadable\`, \`pickle-broken\`, \`header-does-not-fit\` | The file is damaged, most often by a broken download or a full disk: get it again, and compare its digest. |
| \`archive-…\` | Make the archive again from its files, with an ordinary tool. |
| \`secret\` | Withdraw the key first: it has been where the model has been. |

3. **Is it harmless all the same?** Then it is a false alarm, and we want to know of it: the finding and the lines of
   code that saved the file are enough. \`scan: warn\` stores the model in the meantime and keeps the finding in its
   record. No \`override-reason\` lets a refused model through.

## What it promises

- **Nothing is loaded or run.** The scan is its own reader of each format. A pickle is followed opcode by opcode by a
  machine that knows what would lie on the stack, and calls nothing.
- **The content tells the format, never the name.** A pickle called \`model.safetensors\` is a pickle. What a loader
  opens by its name, such as \`MLmodel\`, is looked into as that loader reads it, and by its content as well.
- **Everything is looked into to the bottom:** archives in archives, compressed streams, pickles behind the end of
  pickles, bytes that no member of an archive owns. Where two loaders read a file differently, both readings are looked
  into, and that they differ is a finding.
- **A part of a known format that cannot be looked into is refused,** not passed over. Of bytes of no known format
  [nothing is said](#what-it-does-not-look-at).
- **Of pickles, what is known to be harmless is let through, and nothing else.** The list has the names that
  scikit-learn, NumPy, SciPy, pandas, joblib, PyTorch, XGBoost, LightGBM, CatBoost and Python itself need for what they
  save; a test saves every estimator of scikit-learn, and models of the others, and nothing may be found in them.
- **It ends.** Memory does not grow with the file.
`;

const OWN_CLASSES = `
## Classes of your own

Findings that name a class, function or module (\`pickle-import\`, \`keras-module\`, \`named-code\`, …) are let through by
a file that says so, with a reason, until a day, and for one file if you like:
[\`scan-allow\`](../actions/register-model/README.md#the-safety-scan). The name is written as the finding has it, in
full; there are no patterns. Vouch for a class when you have read it, and for nothing that takes code or commands as an
argument: \`builtins.eval\` does what the file says. What is let through stands in the record. Nothing else can be let
through: mend the file.
`;

const LIMITS = `
## Limits

Of one file at most ${BOUNDS.streams.toLocaleString('en-US')} streams are looked into, at most ${BOUNDS.depth} deep. Any stretch of it may unpack to
${BOUNDS.freeBytes / 2 ** 20} MiB, or to ${BOUNDS.freeRatio} times the size of the file where that is more, and to ${BOUNDS.ratio} bytes beyond that for each of its
own. What is more is the finding \`too-much\`, an error; so is a file of more than ${BOUNDS.errors.toLocaleString('en-US')} errors, of which the rest is not
looked into. A record keeps the 1,000 gravest findings, and counts the others.

## What it does not look at

| not looked at | why, and what to do |
|---|---|
| The numbers | A model that was trained to do harm does it with numbers that look like any others. Judge what it predicts (evaluate-gate), and know where it comes from ([provenance](provenance.md)). |
| Python files and notebooks beside the model | They are code, and are run by those who mean to. Keys in them are found; \`remote-code\` says where a loader would run them, \`notebook-shell\` where a notebook calls the shell. |
| Code that a model needs and does not bring | Classes that you vouch for, operators of libraries (\`unknown-operator\`), registered Keras classes: the finding names them, their code is elsewhere. |
| Expressions of MONAI | Its loader evaluates every text of a bundle that begins with \`$\`: such a bundle is code. Those that reach for the machine openly are \`named-code\`; read the others before you load a bundle. |
| Keys of the sample inputs of an exported program | Where a condition (\`guards_code\`) of a \`.pt2\` file names an input by its number, PyTorch writes the key of that sample input into code, unescaped. Names, expressions and conditions themselves are judged (\`python-expression\`), these keys are not. |
| Errors in loaders | A file that follows its format to the letter may still crash a library that reads it wrongly. Lengths, offsets and counts are held to the file where formats are known for that. Keep libraries up to date. |
| Bytes of no known format | No finding names them: the record counts them as \`unknown\`. Some are formats whose loaders read only numbers; compiled Python (\`.pyc\`), 7z archives, Java’s objects and engines of TensorRT do run or hold code. Keep those out of a model. Programs and libraries of Linux, Windows and macOS are told: \`machine-code\`. |
| Whether a harmless name is used harmlessly | Names on the list do no harm whatever they are called with, as far as we know. One that does is an error of ours: please report it. |
`;

/** In which formats there is a finding, as links to their sections. */
function ruleSection(rule: FindingRule): string[] {
  const { level, title, why, mend } = RULES[rule];
  const found = formats.filter((format) =>
    CATALOGUE.some((one) => one.format === format && one.rule === rule),
  );
  const links = found.map((format) => `[${format}](#${anchorOf(FORMATS[format].title)})`);
  return [
    `### ${rule}`,
    '',
    `**${title}** (${LEVELS[level]}). ${why}`,
    '',
    `*Mend it:* ${mend}`,
    '',
    `*Found in:* ${links.join(', ')}`,
    '',
  ];
}

const fileLink = (name: string, source: string): string => {
  const folder = name.startsWith('evil/') ? 'evil' : `catalogue/${source}`;
  return `[\`${name}\`](../action-test/scan/${folder})`;
};

function entryRow({ rule, says, passing, failing }: CatalogueEntry, source: string): string {
  const finding = `[${rule}](#${rule}) (${RULES[rule].level})`;
  return `| ${finding} | ${cell(says)} | ${fileLink(failing.name, source)} | ${fileLink(passing.name, source)} |`;
}

function formatSection(format: Looked): string[] {
  const rows = Object.entries(CATALOGUE_FILES).flatMap(([source, entries]) =>
    entries.filter((entry) => entry.format === format).map((entry) => entryRow(entry, source)),
  );
  if (rows.length === 0) return [];
  return [
    `### ${FORMATS[format].title}`,
    '',
    '| finding | the file that has it | fails | passes |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
}

function toldBy(): string[] {
  const rows = formats.map((format) => {
    const { title, toldBy } = FORMATS[format];
    const isThere = CATALOGUE.some((entry) => entry.format === format);
    const name = isThere ? `[${title}](#${anchorOf(title)})` : title;
    return `| ${name} | \`${format}\` | ${cell(toldBy)} |`;
  });
  return [
    '## How formats are told',
    '',
    'By the bytes alone; the only names that count are those by which loaders open files. What an archive, a stream or an',
    'array holds is told anew, as if it were a file. In an archive of PyTorch, `data.pkl` is a pickle whatever it looks',
    'like, since its loader takes it for one.',
    '',
    '| format | in the record | told by |',
    '|---|---|---|',
    ...rows,
    '',
  ];
}

/** The whole page. */
export function scanPage(): string {
  const files = new Set(CATALOGUE.flatMap(({ passing, failing }) => [passing.name, failing.name])).size;
  return `${[
    '<!-- Generated by `npm run generate` from shared/models/scan/rules.ts, action-test/scan/catalogue and action-test/heavy/scan-rivals.json. -->',
    START.trim(),
    '',
    ...toldBy(),
    '## What the findings mean',
    '',
    ...(Object.keys(RULES) as FindingRule[]).flatMap(ruleSection),
    '## Findings by format',
    '',
    'Each with a file that has this finding and no other, and one like it in which nothing is found. All are made byte by',
    'byte by the scripts that the names lead to, and are inert: the worst that any does when it is loaded is to print a word.',
    `\`MLOPS_SCAN_FILES=folder npm test -- --project unit scan/catalogue\` writes these ${files} files into a folder.`,
    '',
    ...formats.flatMap(formatSection),
    OWN_CLASSES.trim(),
    '',
    LIMITS.trim(),
    '',
    ...rivalsSection(),
  ]
    .join('\n')
    .trimEnd()}\n`;
}
