import type { Answer, ModelDoor } from '../targets/target.ts';
import type { Finding } from './finding.ts';
import { jsonShape, shapeDifferences } from './json-shape.ts';

const MOST_NAMED = 3;

/**
 * Sends the same requests to both arms: the class of the status, and the types and array lengths of the answer by
 * path, must be equal. What the champion refuses, the challenger must refuse too.
 */
export async function sameSchemaCheck(
  challenger: ModelDoor,
  champion: ModelDoor | null,
  bodies: readonly string[],
  signal: AbortSignal,
): Promise<Finding> {
  if (!champion) return { passed: true, said: 'there is no champion to compare with' };
  for (const [index, body] of bodies.entries()) {
    const [was, is] = await Promise.all([champion.invoke(body, signal), challenger.invoke(body, signal)]);
    const differences = differencesOf(was, is);
    if (differences.length === 0) continue;
    const more = differences.length > MOST_NAMED ? ` and ${differences.length - MOST_NAMED} more` : '';
    const named = differences.slice(0, MOST_NAMED).join('; ');
    return { passed: false, said: `request ${index + 1} is answered in another shape: ${named}${more}` };
  }
  const requests = bodies.length === 1 ? 'one request' : `${bodies.length} requests`;
  return { passed: true, said: `both arms answer ${requests} in the same shape` };
}

function differencesOf(champion: Answer, challenger: Answer): string[] {
  const [was, is] = [champion, challenger].map(({ status }) =>
    status === 0 ? 'no answer' : `${Math.floor(status / 100)}xx`,
  );
  if (was !== is) return [`the status is ${is} and was ${was}`];
  return shapeDifferences(shapeOf(champion), shapeOf(challenger));
}

function shapeOf({ text }: Answer): Map<string, string> {
  try {
    return jsonShape(JSON.parse(text));
  } catch {
    return new Map([['$', 'not JSON']]);
  }
}
