import type { ModelVersion } from '../../shared/records/model-version.ts';
import type { Attachment, Registry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Evidence } from './evidence.ts';
import type { Given } from './inputs.ts';

export const STATEMENT_ROLE = 'statement';

export interface Signer {
  /** What the record says of a version that this key signs. */
  provenance: NonNullable<ModelVersion['provenance']>;
  attachments: (registry: Registry, version: ModelVersion, evidence: Evidence) => Promise<Attachment[]>;
}

/** Who signs the version and its provenance; undefined without a key. @throws UserError for a key that is none. */
export async function readSigner(given: Given, deps: Deps): Promise<Signer | undefined> {
  if (!given.signingKey) return undefined;
  const { readSigningKey } = await import('../../shared/provenance/keys.ts');
  const key = await readSigningKey(given.signingKey, { env: deps.env, mask: deps.log.mask });
  return {
    provenance: { signature: 'valid', statement: 'valid', key: key.publicKey.fingerprint },
    attachments: async (registry, version, evidence) => {
      const { attachmentsToSign } = await import('../../shared/provenance/sign.ts');
      const statement = await statementOf(version, evidence, deps);
      return attachmentsToSign(registry, version.subject.digest, statement, key);
    },
  };
}

/** The same statement without a signature: it tells how the version came about, and proves nothing. */
export async function unsignedStatement(
  version: ModelVersion,
  evidence: Evidence,
  deps: Deps,
): Promise<Attachment> {
  const bytes = new TextEncoder().encode(await statementOf(version, evidence, deps));
  return { role: STATEMENT_ROLE, files: [{ name: 'statement.intoto.json', bytes }] };
}

async function statementOf(
  version: ModelVersion,
  { trainingRun, evaluation }: Evidence,
  { env }: Deps,
): Promise<string> {
  const { provenanceStatement } = await import('../../shared/provenance/statement.ts');
  return provenanceStatement({ version, trainingRun, evaluation }, env);
}
