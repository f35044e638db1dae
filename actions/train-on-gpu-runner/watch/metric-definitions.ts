import { setFlagsFromString } from 'node:v8';
import * as z from 'zod';
import { UserError } from '../../../shared/errors.ts';
import { parseYamlDocument } from '../../../shared/records/document.ts';

/** Metrics of a script that prints them in words of its own, defined as SageMaker's jobs define them. */

export interface MetricDefinition {
  name: string;
  /** Its first group is the number. */
  expression: RegExp;
}

/** SageMaker's own limits. */
const MOST = 40;
const LONGEST_NAME = 255;
const LONGEST_EXPRESSION = 500;

const definitionsSchema = z
  .array(
    z.strictObject({
      Name: z.string().min(1).max(LONGEST_NAME),
      Regex: z.string().min(1).max(LONGEST_EXPRESSION),
    }),
  )
  .max(MOST, { message: `at most ${MOST} definitions, as SageMaker allows` });

/** As they were written, for a service that takes them so. */
export type WrittenDefinitions = z.infer<typeof definitionsSchema>;

/**
 * Reads the input `metric-definitions`: a YAML list of `{Name, Regex}`.
 * @throws UserError for what is no such list, a name given twice, an expression that is none, that has no group for
 * the number, or that could take more than linear time (backreferences, lookahead, large counts).
 */
export async function readMetricDefinitions(
  text: string | undefined,
): Promise<{ written: WrittenDefinitions; definitions: MetricDefinition[] }> {
  if (text === undefined) return { written: [], definitions: [] };
  const { value: written } = await parseYamlDocument(text, 'metric-definitions', definitionsSchema);
  const names = new Set<string>();
  const definitions = written.map(({ Name, Regex }) => {
    if (names.has(Name)) throw problem(`The metric "${Name}" is defined twice.`, 'Keep one of the two.');
    names.add(Name);
    return { name: Name, expression: compile(Name, Regex) };
  });
  return { written, definitions };
}

function compile(name: string, text: string): RegExp {
  // Python writes named groups with a P.
  const source = text.replaceAll('(?P<', '(?<');
  const fix = 'Write it like "loss=([0-9.]+)", where the group in parentheses is the number.';
  let expression: RegExp;
  linearTime();
  try {
    expression = new RegExp(source);
  } catch (cause) {
    throw problem(`The expression of the metric "${name}" is none: ${sentenceOf(cause)}.`, fix, cause);
  }
  if (new RegExp(`${source}|`).exec('')!.length < 2) {
    throw problem(`The expression of the metric "${name}" has no group for the number.`, fix);
  }
  try {
    // V8's own judgement of what its second engine can run in linear time.
    new RegExp(source, 'l');
  } catch (cause) {
    throw problem(
      `The expression of the metric "${name}" could take so long on a single line that the training would wait.`,
      'Write it without lookahead, backreferences (\\1) and large counts ({100}).',
      cause,
    );
  }
  return expression;
}

let isLinear = false;

/**
 * Lets V8 change over to its engine of linear time when an expression goes back too often: one like `(a+)+b` would
 * otherwise take longer than the training on one unlucky line. What is found stays the same.
 */
function linearTime(): void {
  if (isLinear) return;
  setFlagsFromString('--enable-experimental-regexp-engine');
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  isLinear = true;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
}

function problem(what: string, fix: string, cause?: unknown): UserError {
  return new UserError(what, { where: { key: 'metric-definitions' }, fix, cause });
}
