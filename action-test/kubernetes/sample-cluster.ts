/** A cluster with the champion on the blue side, as its people set it up. */
import { ApiStandIn } from './api-stand-in.ts';

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
export const model = (letter: string) => ({
  digest: digestOf(letter),
  uri: `oci-layout:r/churn@${digestOf(letter)}`,
});

function deployment(name: string, digest: string | undefined, replicas: number) {
  const env = digest ? [{ name: 'MODEL_DIGEST', value: digest }] : [];
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'model', image: 'churn:1', env },
            { name: 'logs', image: 'logs:1' },
          ],
        },
      },
    },
  };
}

const ROUTE = {
  metadata: { name: 'churn' },
  spec: {
    parentRefs: [{ name: 'gateway' }],
    rules: [
      {
        backendRefs: [
          { name: 'churn-blue', port: 80, weight: 100 },
          { name: 'churn-green', port: 80, weight: 0 },
        ],
      },
    ],
  },
};

const service = (digest: string) => ({
  metadata: { name: 'churn' },
  spec: {
    predictor: {
      minReplicas: 1,
      model: {
        modelFormat: { name: 'mlflow' },
        storageUri: `s3://models/churn/${digest.replace('sha256:', '')}`,
      },
    },
  },
});

export type SampleResource = 'httproute/churn' | 'inferenceservice/churn';

/** What its people put into the cluster: two Services, of which blue serves the model, or an InferenceService that does. */
export function sampleObjects(resource: SampleResource, digest = digestOf('a')) {
  if (resource === 'inferenceservice/churn')
    return [{ plural: 'inferenceservices', object: service(digest) }];
  return [
    { plural: 'deployments', object: deployment('churn-blue', digest, 3) },
    { plural: 'deployments', object: deployment('churn-green', undefined, 0) },
    { plural: 'httproutes', object: ROUTE },
  ];
}

/** A stand-in with that in it, and nothing to do for its controllers. */
export async function sampleCluster(resource: SampleResource, digest?: string): Promise<ApiStandIn> {
  const cluster = await ApiStandIn.start();
  for (const { plural, object } of sampleObjects(resource, digest))
    cluster.put(plural, structuredClone(object));
  cluster.settle();
  return cluster;
}
