import type { HeldFiles } from '../../shared/provenance/held-files.ts';
import type { VerificationKey } from '../../shared/provenance/keys.ts';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import type { Attachment, Registry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Evidence } from './evidence.ts';
import type { Given } from './inputs.ts';

export const STATEMENT_ROLE = 'statement';

export interface Signer {
  /** What the record says of a version that this key signs. */
  provenance: NonNullable<ModelVersion['provenance']>;
  /** @param attached what goes with it. */
  attachments: (
    registry: Registry,
    version: ModelVersion,
    evidence: Evidence,
    attached: Attachment[],
  ) => Promise<Attachment[]>;
}

/** Who signs the version and its provenance; undefined without a key. @throws UserError for a key that is none. */
export async function readSigner(given: Given, deps: Deps): Promise<Signer | undefined> {
  if (!given.signingKey) return undefined;
  const { readSigningKey } = await import('../../shared/provenance/keys.ts');
  const key = await readSigningKey(given.signingKey, { env: deps.env, mask: deps.log.mask });
  return {
    provenance: { signature: 'valid', statement: 'valid', key: key.publicKey.fingerprint },
    attachments: async (registry, version, evidence, attached) => {
      const { attachmentsToSign } = await import('../../shared/provenance/sign.ts');
      const { digest } = version.subject;
      const held = await heldFiles(registry, digest, attached, key.publicKey);
      const statement = await statementOf(version, evidence, held, deps);
      return attachmentsToSign(registry, digest, statement, key);
    },
  };
}

/** The same statement without a signature: it tells how the version came about, and proves nothing. */
export async function unsignedStatement(
  registry: Registry,
  version: ModelVersion,
  evidence: Evidence,
  attached: Attachment[],
  deps: Deps,
): Promise<Attachment> {
  const held = await heldFiles(registry, version.subject.digest, attached);
  const bytes = new TextEncoder().encode(await statementOf(version, evidence, held, deps));
  return { role: STATEMENT_ROLE, files: [{ name: 'statement.intoto.json', bytes }] };
}

async function statementOf(
  version: ModelVersion,
  { trainingRun, evaluation }: Evidence,
  attached: HeldFiles,
  { env }: Deps,
): Promise<string> {
  const { provenanceStatement } = await import('../../shared/provenance/statement.ts');
  return provenanceStatement({ version, trainingRun, evaluation, attached }, env);
}

/** What the statement says of everything that is attached. @param key whose earlier statements count. */
async function heldFiles(
  registry: Registry,
  digest: string,
  attached: Attachment[],
  key?: VerificationKey,
): Promise<HeldFiles> {
  const { filesToHold } = await import('../../shared/provenance/held-files.ts');
  if (!key) return filesToHold(registry, digest, attached);
  const { validStatements } = await import('../../shared/provenance/verify.ts');
  const { heldBy } = await import('../../shared/provenance/signed-attachments.ts');
  const isStored = (await registry.resolve(digest)) !== undefined;
  const statements = isStored ? await validStatements(registry, digest, 'provenance', key) : [];
  const earlier = statements.map(heldBy).filter((held) => Object.keys(held).length > 0);
  return filesToHold(registry, digest, attached, earlier);
}
