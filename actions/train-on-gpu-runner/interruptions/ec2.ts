import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the firmware of an EC2 instance calls its maker; older ones say it in the version alone. */
const FACTS = ['sys_vendor', 'board_vendor', 'bios_vendor', 'bios_version'];

/**
 * Whether this machine is an EC2 instance, by what its firmware says: no address is asked, so elsewhere it costs
 * nothing. @param root where the system's facts are, `/sys`.
 */
export async function isEc2(root = '/sys'): Promise<boolean> {
  const facts = await Promise.all(
    FACTS.map((name) => readFile(join(root, 'class/dmi/id', name), 'utf8').catch(() => '')),
  );
  return facts.some((fact) => /amazon/i.test(fact));
}

/** Whether the metadata service of this machine may be asked: it is EC2's, and nobody forbids it. */
export async function canAskEc2(env: NodeJS.ProcessEnv, root?: string): Promise<boolean> {
  return env.AWS_EC2_METADATA_DISABLED?.toLowerCase() !== 'true' && (await isEc2(root));
}
