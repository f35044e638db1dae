import { canAskEc2 } from '../interruptions/ec2.ts';
import { InstanceMetadata } from '../interruptions/instance-metadata.ts';
import type { Machine } from './price.ts';

/**
 * The EC2 instance that this process runs on; undefined where it is none, or does not tell. Only a machine whose
 * firmware says EC2 is asked, since elsewhere the address of its metadata is nobody's, or somebody else's.
 * @param root where the system's facts are, `/sys`.
 */
export async function ec2Identity(env: NodeJS.ProcessEnv, root?: string): Promise<Machine | undefined> {
  if (!(await canAskEc2(env, root))) return undefined;
  const metadata = new InstanceMetadata(env);
  try {
    const type = await metadata.read('instance-type');
    const region = await metadata.read('placement/region');
    if (type === undefined) return undefined;
    const zone = await metadata.read('placement/availability-zone');
    const market = (await metadata.read('instance-life-cycle')) === 'spot' ? 'spot' : 'on-demand';
    return { type, region, zone, market };
  } catch {
    // A container that may not reach it: then the price is not known, which is said.
    return undefined;
  }
}
