import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openMetricData } from '../../../../shared/aws/metric-data.ts';
import { UserError } from '../../../../shared/errors.ts';
import type { Shifting } from './deployment-config.ts';
import { DriverTag } from './driver-tag.ts';
import { EndpointService } from './endpoint-service.ts';
import { SageMakerTarget } from './sagemaker-target.ts';

export interface SageMakerInputs {
  /** Name of the model. */
  name: string;
  /** Name of the endpoint; the model's when left out. */
  endpoint?: string | undefined;
  /** Of a first deployment. */
  instanceType?: string | undefined;
  instanceCount?: number | undefined;
  executionRole?: string | undefined;
  trafficShifting?: Shifting;
  /** Comma list. */
  alarms?: string | undefined;
  /** A file of requests to replay. */
  traffic?: string | undefined;
}

export interface SageMakerSurroundings {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  now: () => Date;
  progress: (message: string) => void;
  /** A word of this run alone; drawn when left out. */
  driver?: string;
  /** In place of a timer. */
  wait?: (milliseconds: number) => Promise<void>;
}

const ENDPOINT_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** Opens an endpoint of SageMaker, whether it is there yet or not. @throws UserError for a name that it cannot have. */
export async function openSageMakerTarget(
  given: SageMakerInputs,
  surroundings: SageMakerSurroundings,
): Promise<SageMakerTarget> {
  const { name, endpoint = name, instanceType, instanceCount, executionRole } = given;
  if (!ENDPOINT_NAME.test(endpoint)) {
    throw new UserError(`SageMaker cannot have an endpoint called ${JSON.stringify(endpoint)}.`, {
      where: { key: 'endpoint' },
      fix: 'Use letters, digits and hyphens, at most 63.',
    });
  }
  const { env, signal, now, progress } = surroundings;
  const shifting = given.trafficShifting ?? 'client';
  const alarms = (given.alarms ?? '').split(',').flatMap((part) => part.trim() || []);
  if (alarms.length > 0 && shifting === 'client') {
    throw new UserError(
      'Alarms roll back where the service shifts the traffic, and traffic-shifting is client.',
      {
        where: { key: 'alarms' },
        fix: 'Leave alarms out, or give traffic-shifting: service.',
      },
    );
  }
  if (given.traffic !== undefined && shifting !== 'client') {
    throw new UserError('Where SageMaker shifts the traffic, no requests are replayed.', {
      where: { key: 'traffic' },
      fix: 'Leave traffic out: the alarms watch the requests of users. Or give traffic-shifting: client.',
    });
  }
  const wait = surroundings.wait ?? ((milliseconds) => delay(milliseconds, undefined, { signal }));
  const service = await EndpointService.open({ endpointName: endpoint, env, signal });
  const metrics = await openMetricData({ env, signal, region: service.region });
  const instances = { type: instanceType, count: instanceCount, role: executionRole };
  return new SageMakerTarget({
    ...{ service, metrics, name, instances, signal, shifting, alarms },
    driver: new DriverTag(surroundings.driver ?? randomUUID()),
    patience: { wait, now, progress },
  });
}
