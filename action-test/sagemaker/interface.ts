/**
 * What a test may ask of the fake of AWS. In short:
 *
 *     const fake = await startFakeAws({ trafficPerMinute: 200, fault: (call) => 'none' });
 *     fake.behave('challenger', { errors: 0.05, latencyMicros: () => 20_000 });  // a part of the model's name, image or package
 *     … clients with fake.env; while they wait, the test calls fake.advance(milliseconds) …
 *     fake.fate('churn', 'rolls-back-silently');         // of the endpoint's next update
 *     fake.serving('churn');                             // who has the traffic now
 *     expect(fake.mistakes).toEqual([]); expect(fake.hazards).toEqual([]);
 *
 * Time passes by `advance`, and by REQUEST_MS with each request. Traffic of `trafficPerMinute` flows while time passes,
 * by the weights in force, into CloudWatch's minutes; `simulate` is advance with another rate.
 *
 * Beside moto 5.2.5, which answers these operations at once and always InService, the shapes are the same
 * (`action-test/peers/sagemaker-moto.test.ts`) but for
 * empty fields that moto sends (Containers, VpcConfig, DataCaptureConfig of a config without them) and what it leaves
 * out (DeployedImages, RoleARN of a scalable target, StateTransitionedTimestamp). AWS quotes ARNs by ", moto by '.
 * What AWS does not document is the fake's own choice and is said where it is made.
 */
import type { AwsCall, CallFault } from '../../shared/testing/aws/aws-fault.ts';
import type { S3ServerOptions } from '../../shared/testing/aws/s3-server.ts';
import type { S3World } from '../../shared/testing/aws/s3-state.ts';
import type { ModelBehaviour, ServingVariant, TransitionTimes, UpdateFate } from './model-behaviour.ts';
import type { SageMakerState } from './state.ts';
import type { TrainingMachines } from './training-shapes.ts';

export interface FakeAwsOptions extends Omit<S3ServerOptions, 'fault'> {
  /** Decides per call what goes wrong. `call.service`: s3, sts, or one of `SERVICES` in protocols.ts. */
  fault?: (call: AwsCall) => CallFault | Promise<CallFault>;
  /** UpdateModelPackage forgets what it is not sent, as moto's does. */
  updateErases?: boolean;
  /** CreateModelPackage knows no ClientToken, as moto's does. */
  ignoresClientToken?: boolean;
  /** Default: launch 180 s, weights 30 s, rollback 60 s, delete 30 s. */
  times?: Partial<TransitionTimes>;
  /** Reads of a model, config or endpoint do not see it for so long after it was made, in milliseconds. Default 0. */
  invisibleMs?: number;
  /** A metric's minute appears so long after its end, in milliseconds. Default 60,000. */
  metricDelayMs?: number;
  /** Requests a minute to every endpoint that is up. Default 0. */
  trafficPerMinute?: number;
  /** Of everything that is drawn. */
  seed?: number;
  /** ml instances that the account may have; more is ResourceLimitExceeded. Default: no limit. */
  instanceLimit?: number;
  /** Variables that the image of training jobs sets, such as its PATH. Default: this process's PATH. */
  trainingImage?: Record<string, string>;
  /** An event of a log can be read so long after it was written, in milliseconds. Default 0. */
  logDelayMs?: number;
}

export interface FakeAws {
  url: string;
  /** Address, region and credentials for a client. */
  env: Record<string, string>;
  state: SageMakerState;
  s3: S3World['state'];
  /** What runs training jobs. */
  machines: TrainingMachines;
  /** Every call, in order. */
  calls: AwsCall[];
  /** The faults of the fake's own answers; a test ends with none. */
  mistakes: string[];
  /** What AWS allows and nobody should do: deleting the config, model or endpoint that serves; all weights 0. */
  hazards: string[];
  /** The fake's clock, in milliseconds since 1970. */
  now(): number;
  /** @returns goes back to what all services hold now, as often as it is called, time and draws too. */
  snapshot(): () => void;
  /** Equal only for moments from which everything goes the same way, once gone back to. */
  fingerprint(): string;
  /** Lets time pass: endpoints change, traffic flows, alarms are evaluated. */
  advance(milliseconds: number): void;
  /** Sets what flows from now on. */
  setTraffic(requestsPerMinute: number): void;
  /** Lets so many minutes pass at this rate. */
  simulate(traffic: { minutes: number; requestsPerMinute: number }): void;
  /** Of all models whose name, image, model data or package holds this text; the last that fits counts. */
  behave(model: string, behaviour: ModelBehaviour): void;
  /** Of the next creation, update or change of weights of this endpoint; or of the one that hangs. */
  fate(endpoint: string, fate: UpdateFate): void;
  /** SageMaker patches the endpoint for so long: SystemUpdating, no change is allowed. */
  systemUpdate(endpoint: string, milliseconds: number): void;
  /**
   * Takes the spot instance of a training job away. @param returns false: no other comes until the job's longest wait
   * is over. @returns whether the job was training.
   */
  interrupt(job: string, returns?: boolean): boolean;
  /** Who has the traffic of an endpoint; empty when it has none. */
  serving(endpoint: string): ServingVariant[];
  close(): Promise<void>;
}
