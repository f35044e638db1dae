/**
 * Which check may start the retrain: the one that writes it first into the model's ledger, which all checks of the
 * repository see, on whatever machine and at whatever moment.
 */
import * as z from 'zod';
import { UserError } from '../../../shared/errors.ts';
import { NoLedger, openLedger } from '../../../shared/github/ledger.ts';
import { nameSchema } from '../../../shared/records/envelope.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { isPast, type RetrainRequest, requestSchema } from './memory.ts';

const entrySchema = z.strictObject({
  version: z.literal(1),
  name: nameSchema,
  /** The last retrain that stands; null where the first one was withdrawn. */
  request: requestSchema.nullable(),
});

export type Claim =
  /** `withdraw` where the retrain could not be started after all. */
  | { status: 'claimed'; withdraw: () => Promise<void> }
  /** Another check has started one within the cool-down. */
  | { status: 'held'; request: RetrainRequest }
  /** There is no ledger here; `why` is a sentence. */
  | { status: 'unknown'; why: string };

/** Others may have claimed and withdrawn between our reading and writing, but not for ever. */
const ATTEMPTS = 3;

/**
 * Claims a retrain before it is started. Of checks that claim at once, one may.
 * @param coolDown in milliseconds.
 * @throws UserError when GitHub cannot be asked.
 */
export async function claimRetrain(
  name: string,
  request: RetrainRequest,
  { token, coolDown }: { token: string; coolDown: number },
  { env, signal, log, now }: Deps,
): Promise<Claim> {
  const ref = `mlops-actions/retrain/${name}`;
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const ledger = await openLedger({ env, token, signal, ref, progress: log.progress });
      if (!ledger) return { status: 'unknown', why: 'This is no GitHub workflow.' };
      const last = readEntry(ledger.latest, { name, now: now(), warn: log.warning });
      if (last && isWithin(last, coolDown, now())) return { status: 'held', request: last };
      const claimed = await ledger.append(writeEntry(name, request));
      if (!claimed) continue;
      return {
        status: 'claimed',
        withdraw: async () => void (await claimed.append(writeEntry(name, last))),
      };
    }
  } catch (error) {
    if (!(error instanceof NoLedger)) throw error;
    return { status: 'unknown', why: error.message };
  }
  throw new UserError('Other checks of the model are starting a retrain at this moment.', {
    fix: 'Look at their runs; the next check starts one if none of them has.',
  });
}

/** Whether a request holds others back. */
export function isWithin({ at }: RetrainRequest, coolDown: number, now: Date): boolean {
  return now.getTime() < Date.parse(at) + coolDown;
}

function writeEntry(name: string, request: RetrainRequest | null): string {
  const title = request ? `Retrain of ${name} at ${request.at}` : `No retrain of ${name}`;
  return `${title}\n\n${JSON.stringify({ version: 1, name, request } satisfies z.infer<typeof entrySchema>)}`;
}

/** What is damaged, of another model or of the future counts as absent: people may write there too. */
function readEntry(
  text: string | undefined,
  { name, now, warn }: { name: string; now: Date; warn: (message: string) => void },
): RetrainRequest | null {
  if (text === undefined) return null;
  const parsed = entrySchema.safeParse(parseJson(text.slice(text.indexOf('{'))));
  const usable =
    parsed.success && parsed.data.name === name && (!parsed.data.request || isPast(parsed.data.request, now));
  if (usable) return parsed.data.request;
  warn(
    `The newest commit of refs/mlops-actions/retrain/${name} is damaged or speaks of the future, and is not used. ` +
      'The cool-down may start anew.',
  );
  return null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
