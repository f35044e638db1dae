/** The suite of all adapters against two real registries: docker-registry (no referrers API) and one that has it. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRegistry, parseRegistry } from '../../shared/registries/registry.ts';
import { describeRegistry } from '../../shared/testing/registry-suite.ts';
import {
  missingPrograms,
  type RegistryServer,
  startDockerRegistry,
  startOciRegistry,
} from './oci-servers.ts';

const withReferrers = process.env.MLOPS_TEST_OCI_REGISTRY;
const CAPABILITIES = {
  atomicAlias: false,
  atomicRemove: false,
  atomicAttach: true,
  nativeStanding: false,
  freesBytes: false,
};

const servers: [
  title: string,
  program: string | undefined,
  start: (folder: string) => Promise<RegistryServer>,
][] = [
  ['docker-registry 2.8', 'docker-registry', (folder) => startDockerRegistry(join(folder, 'server'))],
  ['a registry with the referrers API', withReferrers, () => startOciRegistry(withReferrers ?? '')],
];

for (const [title, program, start] of servers) {
  const missing = missingPrograms([program]);
  const isSkipped = missing.length > 0 && process.env.CI !== 'true';
  if (isSkipped)
    console.warn(`Skipped: ${title}: ${missing.join(', ')} is not there (node scripts/install.mjs)`);
  describe.skipIf(isSkipped)('', () => {
    test(`${title} is installed`, () => expect(missing).toEqual([]));
    describeRegistry(title, CAPABILITIES, async (folder) => {
      const server = await start(folder);
      const location = parseRegistry(`oci://${server.host}/team/models`, 'churn');
      return {
        open: (options) =>
          openRegistry(location, { ...options, env: { DOCKER_CONFIG: folder, HOME: folder } }),
        close: server.close,
      };
    });
  });
}
