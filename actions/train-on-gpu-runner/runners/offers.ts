/** What is asked of EC2, in order, until something is there: first every zone of a type, then the next type. */
import type { AwsError } from '../../../shared/aws/aws-error.ts';
import { isOutOfCapacity, type Machine, type Machines } from '../../../shared/aws/machines.ts';
import type { MachineRequest, Market } from '../../../shared/aws/run-instances-input.ts';
import { UserError } from '../../../shared/errors.ts';

export interface Offer {
  type: string;
  /** Undefined: the default network of the account, in a zone that AWS chooses. */
  subnet: string | undefined;
  market: Market;
}

/** AWS had none, and how it said so. */
export interface Refusal extends Offer {
  code: string;
  said: string;
}

export const MARKET_ORDERS = {
  spot: ['spot'],
  'on-demand': ['on-demand'],
  'spot-then-on-demand': ['spot', 'on-demand'],
} as const satisfies Record<string, readonly Market[]>;
export type MarketOrder = keyof typeof MARKET_ORDERS;

/**
 * Cheapest first: all types and zones on spot before any on demand; within a market the types as given, and of each
 * type every subnet.
 */
export function offersOf(
  types: readonly string[],
  subnets: readonly string[],
  market: MarketOrder,
): [Offer, ...Offer[]] {
  const places = subnets.length > 0 ? subnets : [undefined];
  const offers = MARKET_ORDERS[market].flatMap((one) =>
    types.flatMap((type) => places.map((subnet) => ({ type, subnet, market: one }))),
  );
  const [first, ...rest] = offers;
  if (first) return [first, ...rest];
  throw new UserError('No type of machine is given to launch.', {
    ...{
      where: { key: 'instance-types' },
      fix: 'Give one or more, e.g. g5.xlarge, in the order to try them.',
    },
  });
}

export const nameOffer = ({ type, subnet, market }: Offer): string =>
  `${type} ${market === 'spot' ? 'on spot' : 'on demand'}${subnet ? ` in ${subnet}` : ''}`;

/**
 * The first offer that AWS takes. Only a lack of machines leads to the next one: a denied permission or an unknown
 * subnet would be refused in the same way again, and after a failure that says nothing a machine may exist.
 * @throws UserError with every refusal when nothing is to be had; AwsError for any other failure.
 */
export async function launchFirst(
  machines: Machines,
  offers: readonly Offer[],
  requestFor: (offer: Offer) => MachineRequest,
  onRefusal: (refusal: Refusal) => void,
): Promise<{ machine: Machine; offer: Offer; refusals: Refusal[] }> {
  const refusals: Refusal[] = [];
  for (const offer of offers) {
    try {
      return { machine: await machines.launch(requestFor(offer)), offer, refusals };
    } catch (error) {
      if (!isOutOfCapacity(error)) throw error;
      refusals.push(refusalOf(offer, error));
      onRefusal(refusals.at(-1)!);
    }
  }
  const told = refusals.map((one) => `${nameOffer(one)}: ${one.code}`).join('; ');
  throw new UserError(`AWS has none of these machines now: ${told}.`, {
    where: { key: 'instance-types' },
    fix: 'Give more instance-types, subnets in other zones, or market: spot-then-on-demand; for VcpuLimitExceeded and MaxSpotInstanceCountExceeded raise the quota of the account.',
  });
}

const refusalOf = (offer: Offer, { code, said }: AwsError): Refusal => ({ ...offer, code, said });
