import { isAnswered } from '../targets/http-door.ts';
import type { ModelDoor } from '../targets/target.ts';
import type { Finding } from './finding.ts';
import { firstDifference } from './json-difference.ts';
import { describeAnswer } from './readiness-check.ts';

/** Requests with what must be answered to them. */
export interface ExpectedAnswers {
  file: string;
  /** By how much a number may differ: absolutely, or as a share of the expected one where that is more. */
  tolerance: number;
  cases: readonly { line: number; request: string; response: unknown }[];
}

/** Sends each request and compares its answer; the first difference ends it, named by line and path. */
export async function smokeCheck(
  door: ModelDoor,
  { file, tolerance, cases }: ExpectedAnswers,
  signal: AbortSignal,
): Promise<Finding> {
  for (const { line, request, response } of cases) {
    const where = `${file}:${line}`;
    const answer = await door.invoke(request, signal);
    if (!isAnswered(answer)) return { passed: false, said: `${where}: ${describeAnswer(answer)}` };
    let given: unknown;
    try {
      given = JSON.parse(answer.text);
    } catch {
      return { passed: false, said: `${where}: the answer is not JSON` };
    }
    const difference = firstDifference(response, given, tolerance);
    if (difference) return { passed: false, said: `${where}: ${difference}` };
  }
  const answers = cases.length === 1 ? 'the answer is' : `all ${cases.length} answers are`;
  return { passed: true, said: `${answers} as expected in ${file}` };
}
