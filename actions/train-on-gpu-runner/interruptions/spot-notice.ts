import { messageOf } from '../../../shared/errors.ts';
import { canAskEc2 } from './ec2.ts';
import { InstanceMetadata } from './instance-metadata.ts';

/** EC2 takes the instance away. */
export interface SpotNotice {
  action: 'terminate' | 'stop' | 'hibernate';
  at: Date;
  /** Milliseconds until then, when the notice was seen; two minutes at most. */
  leftMs: number;
}

export interface SpotWatchOptions {
  env: NodeJS.ProcessEnv;
  log: { info: (message: string) => void };
  /** Told once. */
  onNotice: (notice: SpotNotice) => void;
  /** Told once: the instance is at a higher risk than others, and no time is named. */
  onRebalance?: () => void;
  now?: () => Date;
  /** Milliseconds between two looks; AWS asks for five seconds. */
  everyMs?: number;
  /** In place of `/sys`, and of the metadata service's address. */
  root?: string;
  url?: string;
}

export interface SpotWatch {
  /** The instance is being taken away. */
  readonly notice: SpotNotice | undefined;
  /** Asks now. */
  look(): Promise<void>;
  stop(): void;
}

const EVERY_MS = 5_000;
const ACTIONS = ['terminate', 'stop', 'hibernate'] as const;

/**
 * Asks the metadata service whether EC2 is about to take this instance away. Undefined on any other machine, after a
 * look at its firmware alone, and where AWS_EC2_METADATA_DISABLED says so.
 */
export async function watchSpotNotice(options: SpotWatchOptions): Promise<SpotWatch | undefined> {
  const { env, log, onNotice, onRebalance, now = () => new Date(), everyMs = EVERY_MS, root, url } = options;
  if (!(await canAskEc2(env, root))) return undefined;
  const metadata = new InstanceMetadata(env, url);
  let notice: SpotNotice | undefined;
  let isRebalanced = false;
  let isUnreachable = false;

  const look = async (): Promise<void> => {
    if (notice) return;
    try {
      const found = readNotice(await metadata.read('spot/instance-action'), now());
      // Two looks may be under way.
      if (found && !notice) {
        notice = found;
        onNotice(found);
      }
      if (isRebalanced || notice || !onRebalance) return;
      if ((await metadata.read('events/recommendations/rebalance')) !== undefined && !isRebalanced) {
        isRebalanced = true;
        onRebalance();
      }
    } catch (error) {
      if (!isUnreachable)
        log.info(`EC2 cannot be asked whether it takes this instance away: ${messageOf(error)}.`);
      isUnreachable = true;
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  await look();
  return {
    get notice() {
      return notice;
    },
    look,
    stop: () => clearInterval(timer),
  };
}

/** `{"action": "terminate", "time": "2026-05-08T08:22:00Z"}`; what cannot be read is still a notice of two minutes. */
function readNotice(text: string | undefined, now: Date): SpotNotice | undefined {
  if (text === undefined) return undefined;
  const [, word] = /"action"\s*:\s*"(\w+)"/.exec(text) ?? [];
  const [, time] = /"time"\s*:\s*"([^"]+)"/.exec(text) ?? [];
  const named = Date.parse(time ?? '');
  const leftMs = Number.isFinite(named) ? Math.min(120_000, Math.max(0, named - now.getTime())) : 120_000;
  const action = ACTIONS.find((known) => known === word) ?? 'terminate';
  return { action, at: new Date(now.getTime() + leftMs), leftMs };
}
