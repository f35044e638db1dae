import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { UserError } from '../../../../shared/errors.ts';
import { canonicalJson, sha256 } from '../../../../shared/records/canonical-json.ts';
import type { Position } from '../../engine/rebuild.ts';
import type { Tags } from './aws-requests.ts';

/** Says how long the text in the other tags is, and what its digest begins with. */
const HEAD = 'mlops:progress';
const PART = /^mlops:progress-\d+$/;
const LONGEST_VALUE = 256;
/** AWS allows 50 tags, and some of them are the user's. */
const MOST_PARTS = 30;
/** A stored text that unpacks to more is none of ours. */
const MOST_BYTES = 1_000_000;
/** Of the digest. */
const CHECK_LENGTH = 16;

/**
 * The progress of a rollout as tags, written in one request. Of its `state` only the `position` is kept: there is no room
 * for every look, and the rest can be computed once more from the metrics.
 * @throws UserError when it does not fit.
 */
export function progressTags(progress: { state?: Position | null }): Tags {
  const { state, ...rest } = progress;
  const position = state && {
    position: { step: state.step, pausedStep: state.pausedStep, continuedStep: state.continuedStep },
  };
  const compact = { ...rest, ...position, state: null };
  const text = deflateRawSync(canonicalJson(compact), { level: 9 }).toString('base64');
  const parts = Math.ceil(text.length / LONGEST_VALUE);
  if (parts > MOST_PARTS) {
    throw new UserError('The rollout has too much to keep in the tags of the endpoint.', {
      where: { key: 'rollout' },
      fix: 'Give it fewer steps or shorter queries.',
    });
  }
  const tags: Tags = { [HEAD]: `${text.length}.${checkOf(text)}` };
  for (let part = 0; part < parts; part += 1) {
    tags[`${HEAD}-${part}`] = text.slice(part * LONGEST_VALUE, (part + 1) * LONGEST_VALUE);
  }
  return tags;
}

/** What {@link progressTags} wrote; undefined for none, and for what is torn or not ours. */
export function readProgress(tags: Tags): unknown {
  const head = /^(\d{1,5})\.([0-9a-f]+)$/.exec(tags[HEAD] ?? '');
  if (!head) return undefined;
  const parts = Math.ceil(Number(head[1]) / LONGEST_VALUE);
  let text = '';
  for (let part = 0; part < parts; part += 1) text += tags[`${HEAD}-${part}`] ?? '';
  if (text.length !== Number(head[1]) || checkOf(text) !== head[2]) return undefined;
  try {
    return JSON.parse(
      inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: MOST_BYTES }).toString(),
    );
  } catch {
    return undefined;
  }
}

/** The keys that hold a progress, torn or whole. */
export const progressKeys = (tags: Tags): string[] =>
  Object.keys(tags).filter((key) => key === HEAD || PART.test(key));

const checkOf = (text: string): string => sha256(text).slice('sha256:'.length).slice(0, CHECK_LENGTH);
