import { ROLLOUT_STRATEGIES } from '../../../../shared/records/rollout.ts';
import type { Target, TargetAbilities } from '../target.ts';
import { LocalTarget, type LocalTargetOptions } from './local-target.ts';
import { modelOf } from './model-servers.ts';
import { takeLock } from './run-lock.ts';
import { ServingFolder } from './serving-state.ts';

const LOCAL_ABILITIES: TargetAbilities = {
  name: 'the local target',
  strategies: ROLLOUT_STRATEGIES,
  sees: { counts: true, latency: true, predictions: true },
  windowStepMs: 1,
  outlivesJob: false,
};

export type OpenLocalTarget = Omit<LocalTargetOptions, 'abilities'> & { abilities?: TargetAbilities };

/** Takes the folder's lock. @throws UserError when another run has it, or the folder is not one of ours. */
export async function openLocalTarget(options: OpenLocalTarget): Promise<Target> {
  const folder = new ServingFolder(options.servingDir);
  const unlock = await takeLock(folder.file('run.lock'), () => {
    const { champion, challenger, port } = folder.load();
    const { entrance = `http://127.0.0.1:${port}` } = options;
    return {
      champion: modelOf(champion),
      challenger: modelOf(challenger),
      progress: folder.loadJson('progress.json'),
      address: champion && entrance,
    };
  });
  try {
    return new LocalTarget(folder, { abilities: LOCAL_ABILITIES, ...options }, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}
