import { AwsError } from '../../../../shared/aws/aws-error.ts';
import { UserError } from '../../../../shared/errors.ts';
import type { EndpointView } from './view.ts';

/**
 * What AWS refused in the middle of a rollout, such as with credentials that expired: no more can be done then, and a
 * person must know what serves and what ends it. Other errors, and those outside a rollout, stay as they are.
 * @param view as it was seen last.
 */
export function leftHalfway(error: unknown, endpoint: string, view: EndpointView | null): unknown {
  if (!(error instanceof AwsError) || !view?.champion || !view.challenger) return error;
  const { champion, challenger, weight, mirrored } = view;
  const share = mirrored ? 'copies of the requests' : `${Number(weight.toFixed(2))} % of the requests`;
  const what = `${error.message.replace(/\.$/, '')}, so the endpoint ${endpoint} serves on as it was left: the challenger ${challenger.variant.VariantName} has ${share}, and the champion ${champion.variant.VariantName} answers ${weight === 0 ? 'all' : 'the others'}.`;
  return new UserError(what, {
    cause: error,
    fix: `${error.fix} To end the rollout, run operation: abort at once, or operation: reconcile, which acts when stale-after is over.`,
  });
}
