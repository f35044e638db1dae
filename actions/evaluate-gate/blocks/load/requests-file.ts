/** The requests that are sent to measure: one JSON document a line, each the body of a POST. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../../../../shared/errors.ts';
import { sha256 } from '../../../../shared/records/canonical-json.ts';

export interface RequestBodies {
  file: string;
  digest: string;
  bodies: string[];
}

/** @throws UserError naming the first line that is no JSON, and when there is none. */
export async function readRequests(file: string): Promise<RequestBodies> {
  const where = { file, key: 'inputs.requests' };
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(`The file of requests ${file} cannot be read.`, {
      where,
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  const bodies: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const body = line.trim();
    if (body === '') continue;
    try {
      JSON.parse(body);
    } catch (cause) {
      throw new UserError('A line of the file of requests is not JSON.', {
        where: { ...where, line: index + 1 },
        fix: 'Write one request body a line, as the model expects it at POST /invocations.',
        cause,
      });
    }
    bodies.push(body);
  }
  if (bodies.length === 0) {
    throw new UserError('The file of requests holds none.', { where, fix: 'Write one request body a line.' });
  }
  return { file, digest: sha256(text), bodies };
}
