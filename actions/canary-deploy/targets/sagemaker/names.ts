import { UserError } from '../../../../shared/errors.ts';
import { canonicalJson, sha256 } from '../../../../shared/records/canonical-json.ts';
import type { Tags } from './aws-requests.ts';

/** What models, configs and endpoints are tagged with: only what carries these is ever changed or removed. */
export const TAG = {
  /** The model's name, as everywhere. */
  name: 'mlops:name',
  /** The endpoint that it was made for. */
  endpoint: 'mlops:endpoint',
  /** Of what it holds: two of the same name are the same if these are. */
  digest: 'mlops:digest',
  /** Of an endpoint: the config with which its only model was made the champion. */
  crowned: 'mlops:crowned',
  /** Of an endpoint: minutes of one look. */
  minutes: 'mlops:minutes',
  /** Of an endpoint: the run that changed it last. */
  driver: 'mlops:driver',
  /** Of a config: which variant has which part, and the models of both. */
  champion: 'mlops:champion',
  championDigest: 'mlops:champion-digest',
  championUri: 'mlops:champion-uri',
  challenger: 'mlops:challenger',
  challengerDigest: 'mlops:challenger-digest',
  challengerUri: 'mlops:challenger-uri',
  /** Of a config with two variants: the config with the champion alone. */
  base: 'mlops:base',
  /** Of a config: the champion before, and its config. */
  previousConfig: 'mlops:previous-config',
  previousDigest: 'mlops:previous-digest',
  previousUri: 'mlops:previous-uri',
} as const;

const LONGEST_NAME = 63;
const LONGEST_TAG = 256;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const HASH_LENGTH = 16;

/** What the names of all that is made for an endpoint begin with. */
export function namePrefix(endpoint: string): string {
  const begin = 'mlops-';
  const room = LONGEST_NAME - begin.length - 1 - HASH_LENGTH;
  return `${begin}${endpoint.slice(0, room).replace(/-+$/, '')}-`;
}

/** A name that tells the content: at most 63 characters. @returns the name and the digest of the content. */
export function contentName(endpoint: string, content: unknown): { name: string; digest: string } {
  const digest = sha256(canonicalJson({ endpoint, content }));
  return { name: `${namePrefix(endpoint)}${digest.slice('sha256:'.length).slice(0, HASH_LENGTH)}`, digest };
}

/** The variant that serves a model: a name of its own, so that metrics of two models are never mixed. */
export const variantName = (digest: string): string => `v-${digest.slice('sha256:'.length).slice(0, 12)}`;

/** The variant that gets copies of requests: its metrics are not those of the variant that answers users. */
export const shadowName = (digest: string): string => `s-${digest.slice('sha256:'.length).slice(0, 12)}`;

/** @throws UserError for what AWS cannot keep in a tag. */
export function checkedTags(tags: Record<string, string | undefined>): Tags {
  const kept: Tags = {};
  for (const [key, value] of Object.entries(tags)) {
    if (value === undefined) continue;
    if (value.length > LONGEST_TAG || !TAG_TEXT.test(value)) {
      throw new UserError(`AWS cannot keep ${JSON.stringify(value)} in a tag.`, {
        fix: `Use at most ${LONGEST_TAG} characters of letters, digits, spaces and _.:/=+-@.`,
      });
    }
    kept[key] = value;
  }
  return kept;
}
