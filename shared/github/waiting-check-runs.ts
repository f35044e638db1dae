/** Check runs that this process has begun and that wait for the report which concludes them. */

export interface CheckRunPlace {
  owner: string;
  repo: string;
  headSha: string;
  externalId: string;
}

const waiting = new Map<string, number>();

const keyOf = ({ owner, repo, headSha, externalId }: CheckRunPlace): string =>
  [owner, repo, headSha, externalId].join(' ');

export function addWaitingCheckRun(place: CheckRunPlace, id: number): void {
  waiting.set(keyOf(place), id);
}

/** The check run that a report concludes in place of making one; it is given once. */
export function takeWaitingCheckRun(place: CheckRunPlace): number | undefined {
  const id = waiting.get(keyOf(place));
  waiting.delete(keyOf(place));
  return id;
}
