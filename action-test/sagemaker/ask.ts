/** Asking the fake in tests of the fake, as the SDK writes requests. */
import type { FakeAws } from './interface.ts';

const TARGETS = {
  sagemaker: { target: 'SageMaker', type: 'application/x-amz-json-1.1' },
  cloudwatch: { target: 'GraniteServiceVersion20100801', type: 'application/x-amz-json-1.0' },
  'application-autoscaling': { target: 'AnyScaleFrontendService', type: 'application/x-amz-json-1.1' },
};
export const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=AKIAFAKE/20260101/eu-central-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0';

export type Asked = Record<string, unknown>;

/** The answer of an operation; a refusal has `__type`. */
export async function ask(
  fake: FakeAws,
  operation: string,
  input: object,
  service: keyof typeof TARGETS = 'sagemaker',
): Promise<Asked> {
  const { target, type } = TARGETS[service];
  const response = await fetch(fake.url, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': type, 'x-amz-target': `${target}.${operation}` },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  return text ? (JSON.parse(text) as Asked) : {};
}

/** One request to an endpoint: status, body, and which variant answered. */
export async function invoke(
  fake: FakeAws,
  endpoint: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Asked; variant: string | null }> {
  const response = await fetch(`${fake.url}/endpoints/${endpoint}/invocations`, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json', ...headers },
    body: '{"inputs": [1]}',
  });
  const variant = response.headers.get('x-amzn-invoked-production-variant');
  return { status: response.status, body: (await response.json()) as Asked, variant };
}

const ROLE = 'arn:aws:iam::123456789012:role/serve';

/** A model of an image and a configuration with variants of such models: name to model and weight. */
export async function makeConfig(
  fake: FakeAws,
  name: string,
  variants: Record<string, { model: string; weight?: number; count?: number; type?: string }>,
  shadows: Record<string, { model: string; weight: number }> = {},
): Promise<Asked> {
  const sent = (entries: [string, { model: string; weight?: number; count?: number; type?: string }][]) =>
    entries.map(([VariantName, { model, weight, count = 1, type = 'ml.m5.large' }]) => ({
      ...{ VariantName, ModelName: model, InstanceType: type, InitialInstanceCount: count },
      ...(weight === undefined ? {} : { InitialVariantWeight: weight }),
    }));
  for (const { model } of [...Object.values(variants), ...Object.values(shadows)])
    await ask(fake, 'CreateModel', {
      ModelName: model,
      PrimaryContainer: { Image: `registry.example.com/${model}:1` },
      ExecutionRoleArn: ROLE,
    });
  const ShadowProductionVariants = sent(Object.entries(shadows));
  return ask(fake, 'CreateEndpointConfig', {
    EndpointConfigName: name,
    ProductionVariants: sent(Object.entries(variants)),
    ...(ShadowProductionVariants.length > 0 ? { ShadowProductionVariants } : {}),
  });
}

/** An endpoint that is up, with one variant `AllTraffic` of the model `champion`. */
export async function makeEndpoint(fake: FakeAws, name = 'churn'): Promise<void> {
  await makeConfig(fake, 'one', { AllTraffic: { model: 'champion', count: 2 } });
  await ask(fake, 'CreateEndpoint', { EndpointName: name, EndpointConfigName: 'one' });
  fake.advance(200_000);
}

/** The operations on the endpoint `churn` that tests ask for most. */
export const churnOf = (fake: FakeAws) => ({
  describe: () => ask(fake, 'DescribeEndpoint', { EndpointName: 'churn' }),
  update: (config: string, more: object = {}) =>
    ask(fake, 'UpdateEndpoint', { EndpointName: 'churn', EndpointConfigName: config, ...more }),
  weigh: (weights: Record<string, number>) =>
    ask(fake, 'UpdateEndpointWeightsAndCapacities', {
      EndpointName: 'churn',
      DesiredWeightsAndCapacities: Object.entries(weights).map(([VariantName, DesiredWeight]) => {
        return { VariantName, DesiredWeight };
      }),
    }),
});
