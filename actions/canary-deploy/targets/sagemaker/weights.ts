/** The weights of both variants of an endpoint: who answers how many, or how many requests a shadow gets copies of. */
import { isBusy } from './endpoint-calls.ts';
import type { Endpoint, EndpointService } from './endpoint-service.ts';
import { type Patience, settle, wentBack } from './settle.ts';
import type { EndpointView } from './view.ts';

/** Sets the weights and waits until they are in force; while SageMaker is at work it is waited for. */
export async function setWeights(
  service: EndpointService,
  patience: Patience,
  view: EndpointView,
  weight: number,
): Promise<void> {
  // As UpdateEndpoint leaves them: 1 and 0 are as good as 100 and 0.
  if (weight === 0 && view.weight === 0) return;
  await enforce(service, patience, weightsOf(view, weight));
}

/** A shadow of the weight of the variant that answers gets a copy of every request. */
export async function copyEveryRequest(
  service: EndpointService,
  patience: Patience,
  { champion, challenger }: EndpointView,
): Promise<void> {
  const names = [champion, challenger].map((arm) => arm?.variant.VariantName ?? '');
  await enforce(
    service,
    patience,
    names.map((VariantName) => ({ VariantName, DesiredWeight: 100 })),
  );
}

type Weights = Parameters<EndpointService['updateWeights']>[0];

async function enforce(service: EndpointService, patience: Patience, wanted: Weights): Promise<void> {
  const look = () => settle(service, patience);
  const areInForce = (endpoint: Endpoint | undefined): boolean =>
    wanted.every(({ VariantName, DesiredWeight }) =>
      [...(endpoint?.ProductionVariants ?? []), ...(endpoint?.ShadowProductionVariants ?? [])].some(
        (variant) => variant.VariantName === VariantName && isNear(variant.CurrentWeight, DesiredWeight ?? 1),
      ),
    );
  for (;;) {
    if (areInForce(await look())) return;
    let isLate = false;
    try {
      await service.updateWeights(wanted);
    } catch (error) {
      if (!isBusy(error)) throw error;
      isLate = true;
    }
    const after = await look();
    if (areInForce(after)) return;
    if (!isLate) throw wentBack(service.endpoint, after);
  }
}

/** The one call that a cancelled run has time for: all traffic to the champion. @returns the view after it. */
export async function giveBack(
  service: EndpointService,
  { progress }: Patience,
  view: EndpointView,
): Promise<EndpointView> {
  try {
    if (view.weight !== 0 || !isSettledAt(view)) await service.updateWeights(weightsOf(view, 0));
    progress('The champion answers everybody; operation: reconcile removes the challenger');
    return { ...view, weight: 0 };
  } catch (error) {
    if (!isBusy(error)) throw error;
    progress('SageMaker is at work on the endpoint; operation: reconcile gives all traffic to the champion');
    return view;
  }
}

function weightsOf({ champion, challenger }: EndpointView, weight: number): Weights {
  return [
    { VariantName: champion?.variant.VariantName ?? '', DesiredWeight: 100 - weight },
    { VariantName: challenger?.variant.VariantName ?? '', DesiredWeight: weight },
  ];
}

/** Weights are kept in single precision. */
const isNear = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < 1e-4;

const isSettledAt = ({ endpoint }: EndpointView): boolean =>
  (endpoint.ProductionVariants ?? []).every(
    ({ CurrentWeight, DesiredWeight }) => CurrentWeight === DesiredWeight,
  );
