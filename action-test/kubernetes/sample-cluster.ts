/** A cluster with the champion on the blue side, as its people set it up. */
import { ApiStandIn } from './api-stand-in.ts';

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
export const model = (letter: string) => ({
  digest: digestOf(letter),
  uri: `oci-layout:r/churn@${digestOf(letter)}`,
});

function deployment(name: string, letter: string | undefined, replicas: number) {
  const env = letter ? [{ name: 'MODEL_DIGEST', value: digestOf(letter) }] : [];
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

const SERVICE = {
  metadata: { name: 'churn' },
  spec: {
    predictor: {
      minReplicas: 1,
      model: { modelFormat: { name: 'mlflow' }, storageUri: `s3://models/churn/${'a'.repeat(64)}` },
    },
  },
};

/** What its people put into the cluster: two Services, of which blue serves model a, or an InferenceService that does. */
export const SAMPLES = {
  'httproute/churn': [
    { plural: 'deployments', object: deployment('churn-blue', 'a', 3) },
    { plural: 'deployments', object: deployment('churn-green', undefined, 0) },
    { plural: 'httproutes', object: ROUTE },
  ],
  'inferenceservice/churn': [{ plural: 'inferenceservices', object: SERVICE }],
};

/** A stand-in with that in it, and nothing to do for its controllers. */
export async function sampleCluster(resource: keyof typeof SAMPLES): Promise<ApiStandIn> {
  const cluster = await ApiStandIn.start();
  for (const { plural, object } of SAMPLES[resource]) cluster.put(plural, structuredClone(object));
  cluster.settle();
  return cluster;
}
