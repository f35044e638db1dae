import { ensureBucket } from '../../aws/bucket.ts';
import { type ObjectStore, openObjectStore } from '../../aws/object-store.ts';
import { formatS3Uri, parseS3Uri, type S3Place } from '../../aws/s3-uri.ts';
import { UserError } from '../../errors.ts';
import type { RegistryOptions } from '../registry-interface.ts';
import type { SageMakerService } from './service.ts';

/** The group remembers where its models lie, so that whoever reads needs no input for it. */
const PLACE_TAG = 'mlops:artifacts';
const DEFAULT_PREFIX = 'mlops-models';
/** The bucket that SageMaker's own SDK uses; its name can be guessed, so its owner is checked. */
const DEFAULT_BUCKET = /^sagemaker-[a-z0-9-]+-(\d{12})$/;

/** Where the objects of a group lie. */
export class ArtifactPlace {
  readonly #service: SageMakerService;
  readonly #options: RegistryOptions;
  #store: ObjectStore | undefined;
  /** The group remembers the place, and its bucket is there. */
  #isReady = false;

  constructor(service: SageMakerService, options: RegistryOptions) {
    this.#service = service;
    this.#options = options;
  }

  /** The store once it was opened. */
  get opened(): ObjectStore | undefined {
    return this.#store;
  }

  /** The group's objects; undefined when there is no group yet. */
  async find(): Promise<ObjectStore | undefined> {
    if (this.#store) return this.#store;
    const arn = await this.#service.groupArn();
    if (arn === undefined) return undefined;
    const remembered = (await this.#service.tags(arn))[PLACE_TAG];
    return this.#open(remembered === undefined ? await this.#wanted() : this.#checked(remembered));
  }

  /** The group's objects; the group is made when there is none. */
  async ensure(): Promise<ObjectStore> {
    if (this.#store && this.#isReady) return this.#store;
    const service = this.#service;
    let arn = await service.groupArn();
    if (arn === undefined) {
      const wanted = await this.#wanted();
      // First, so that a group never remembers a bucket that is not there.
      await this.#makeDefaultBucket(wanted);
      const tags = { [PLACE_TAG]: formatS3Uri(wanted) };
      await service.createGroup(`The model ${service.name}, kept by mlops-actions`, tags);
      // Until it can be seen, so that whoever reads after this job finds it.
      arn = await service.untilSeen(() => service.groupArn());
    }
    if (arn === undefined) {
      throw new UserError(`SageMaker says that the group ${service.name} is there, and does not show it.`, {
        fix: 'Run again in a minute.',
      });
    }
    let remembered = (await service.tags(arn))[PLACE_TAG];
    if (remembered === undefined) {
      await service.addTag(arn, PLACE_TAG, formatS3Uri(await this.#wanted()));
      // Another job may have named another place at the same moment: what stands there counts for both.
      remembered = (await service.tags(arn))[PLACE_TAG] ?? formatS3Uri(await this.#wanted());
    }
    const place = this.#checked(remembered);
    await this.#makeDefaultBucket(place);
    this.#isReady = true;
    return this.#open(place);
  }

  async #open(place: S3Place): Promise<ObjectStore> {
    this.#store = await openObjectStore(place, this.#access(place));
    return this.#store;
  }

  #access(place: S3Place) {
    const { env, signal } = this.#options;
    const expectedOwner = DEFAULT_BUCKET.exec(place.bucket)?.[1];
    return {
      env,
      signal,
      region: this.#service.region,
      ...(expectedOwner ? { expectedOwner } : {}),
    };
  }

  async #makeDefaultBucket(place: S3Place): Promise<void> {
    if (!DEFAULT_BUCKET.test(place.bucket)) return;
    if (await ensureBucket(place.bucket, this.#access(place)))
      this.#options.progress?.(`Made the bucket ${place.bucket}, SageMaker's default one in this region`);
  }

  async #wanted(): Promise<S3Place> {
    const { artifacts } = this.#options;
    if (artifacts) return parseS3Uri(artifacts, 'artifacts');
    const { accountNumber } = await import('../../aws/account.ts');
    const { env, signal } = this.#options;
    const { region } = this.#service;
    const account = await accountNumber({ env, signal, region });
    return { bucket: `sagemaker-${region}-${account}`, prefix: DEFAULT_PREFIX };
  }

  /** @throws UserError when the input names another place than the group remembers. */
  #checked(remembered: string): S3Place {
    const place = parseS3Uri(remembered, `the tag ${PLACE_TAG} of the group ${this.#service.name}`);
    const { artifacts } = this.#options;
    const given = artifacts ? formatS3Uri(parseS3Uri(artifacts, 'artifacts')) : undefined;
    if (given === undefined || given === formatS3Uri(place)) return place;
    throw new UserError(
      `The models of ${this.#service.name} lie in ${formatS3Uri(place)}, and artifacts names ${given}.`,
      {
        where: { key: 'artifacts' },
        fix: `Leave artifacts out; to move, copy the objects and set the group's tag ${PLACE_TAG}.`,
      },
    );
  }
}
