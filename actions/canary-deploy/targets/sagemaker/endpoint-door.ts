import type { ModelError } from '@aws-sdk/client-sagemaker-runtime';
import type { Answer, ModelDoor } from '../target.ts';
import type { EndpointService } from './endpoint-service.ts';
import type { Arm, EndpointView } from './view.ts';

/** The way to one arm of an endpoint. @param arm null for the endpoint as users see it. */
export function armDoor(service: EndpointService, view: EndpointView, arm: Arm | null): ModelDoor {
  const arms = new Map<string, 'champion' | 'challenger'>();
  for (const name of ['champion', 'challenger'] as const) {
    const variant = view[name]?.variant.VariantName;
    if (variant) arms.set(variant, name);
  }
  return endpointDoor(service, arm?.variant.VariantName ?? null, arms);
}

/**
 * The way to one variant, or to whichever the weights choose.
 * @param variant null for the endpoint as users see it. @param arms which variant is which arm.
 */
function endpointDoor(
  service: EndpointService,
  variant: string | null,
  arms: ReadonlyMap<string, 'champion' | 'challenger'>,
): ModelDoor {
  return {
    place: variant === null ? service.endpoint : `${service.endpoint}, variant ${variant}`,
    // SageMaker asks each server itself, and lets an endpoint be in service only when it answers.
    async ping() {
      const endpoint = await service.describeEndpoint().catch(() => undefined);
      const variants = endpoint?.ProductionVariants ?? [];
      const isThere = variant === null || variants.some(({ VariantName }) => VariantName === variant);
      return endpoint?.EndpointStatus === 'InService' && isThere;
    },
    async invoke(body, signal) {
      const begin = performance.now();
      const end = (status: number, text: string, invoked?: string): Answer => {
        const arm = arms.get(variant ?? invoked ?? '');
        return { status, text, milliseconds: performance.now() - begin, ...(arm && { arm }) };
      };
      try {
        const answer = await service.invoke(body, variant, signal);
        return end(200, new TextDecoder().decode(answer.Body), answer.InvokedProductionVariant);
      } catch (error) {
        return end(statusOf(error), error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** Of the model where it answered, otherwise of the service; 0 when nobody did. */
function statusOf(error: unknown): number {
  const { OriginalStatusCode, $metadata } = error as Partial<ModelError>;
  return OriginalStatusCode ?? $metadata?.httpStatusCode ?? 0;
}
