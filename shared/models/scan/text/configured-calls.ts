/** What libraries call beside `_target_`, as other keys of a configuration name it. */
import type { Found } from '../finding.ts';
import { isDanger, isKnownTarget } from '../loaders/targets.ts';

/** A dotted name under a key. */
const NAMED = /(?:^|[\s{,"'])(reader|writer|target|class_path)["']?\s*:\s*["']?([A-Za-z_]\w*(?:\.\w+)+)/g;
/** How Python's `logging.config` is told what to make its parts of. */
const OF_LOGGING = /["'\s{,](\(\)|class)["']?\s{0,100}:\s{0,100}["']?(?:ext:\/\/)?([A-Za-z_]\w*(?:\.\w+)+)/g;
const LOGGING = /["'\s{,](?:handlers|formatters|filters)["']?\s{0,100}:/;
/** What stands beside `target` and `class_path` where latent diffusion and the command line of Lightning call them. */
const ARGUMENTS = /["'\s](?:params|init_args)["']?\s*:/;
/** How a text begins that MONAI evaluates; ordinary ones call its functions, and these reach for the machine. */
const EXPRESSION = /[:\-,[]\s?["']?\$(?=[A-Za-z_@(])/g;
const REACH =
  /__\w+__|\bsubprocess\b|\bos\s?\.\s?(?:system|popen|exec|spawn|posix_spawn)|\b(?:eval|exec|compile|getattr|globals)\s?\(/g;
/** In characters: so far behind its beginning that is looked for. */
const MOST_BEFORE_REACH = 300;

type Problem = Omit<Found, 'offset'>;

const named = (name: string, key: string): Problem => ({
  rule: 'named-code',
  what: `\`${name.slice(0, 200)}\` is imported and called, as \`${key}\` says.`,
  name,
});

/** Goes through a text once, however many expressions begin in it. */
function* reachingExpressions(text: string): Generator<string> {
  const reaches = text.matchAll(REACH);
  let reach: RegExpExecArray | undefined;
  let told = 0;
  for (const { 0: opening, index } of text.matchAll(EXPRESSION)) {
    if (index < told) continue;
    const begin = index + opening.length - 1;
    while (reach === undefined || reach.index <= begin) {
      reach = reaches.next().value;
      if (reach === undefined) return;
    }
    const isFar = reach.index - begin > MOST_BEFORE_REACH + 1;
    if (isFar || text.slice(begin, reach.index).includes('\n')) continue;
    told = reach.index + reach[0].length;
    yield text.slice(begin, told);
  }
}

/** @param text of a configuration. @param hasTarget whether anything in it is made by `_target_`. */
export function* configuredCalls(text: string, hasTarget: boolean): Generator<Problem> {
  const hasArguments = ARGUMENTS.test(text);
  for (const [, key, name] of text.matchAll(NAMED)) {
    const isOfMonai = key === 'reader' || key === 'writer';
    const isForeign = isOfMonai ? hasTarget && !isKnownTarget(name!) : hasArguments && isDanger(name!);
    if (isForeign) yield named(name!, key!);
  }
  if (LOGGING.test(text))
    for (const [, key, name] of text.matchAll(OF_LOGGING))
      if (isDanger(name!) && !name!.startsWith('logging.')) yield named(name!, key!);
  for (const expression of reachingExpressions(text)) {
    yield { rule: 'named-code', what: `${JSON.stringify(expression.slice(0, 200))} is evaluated by MONAI.` };
  }
  // One makes a text of pieces, the other a configuration of the text: nothing tells what stands in it.
  if (text.includes('oc.create') && text.includes('oc.decode')) {
    yield {
      rule: 'named-code',
      what: 'OmegaConf makes a part of the configuration of a text that it puts together, which cannot be told.',
    };
  }
}

/** Whether a text may hold any of this. */
export const mayConfigureCalls = (bytes: Buffer): boolean =>
  ['target', 'class_path', 'oc.create', '()', 'handlers'].some((word) => bytes.includes(word)) ||
  SIGN.test(bytes.toString('latin1'));

const SIGN = /[:\-,[]\s?["']?\$[A-Za-z_@(]/;
