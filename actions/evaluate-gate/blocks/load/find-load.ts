/** Where the requests of both models come from: files, or servers that are measured here. */
import type { Engine } from '../../../../shared/data/engine.ts';
import type { RecordInput } from '../../../../shared/records/envelope.ts';
import type { Load } from '../../../../shared/records/evaluation.ts';
import { type GatePolicy, gatePolicySchema } from '../../../../shared/records/gate-policy.ts';
import type { Deps } from '../../../../shared/runtime/definition.ts';
import { parseDuration } from '../../../../shared/runtime/fields.ts';
import type { Inputs } from '../../inputs.ts';
import type { Known } from '../../judgement/items.ts';
import type { Subject } from '../../subject.ts';
import { withEngine } from '../../with-engine.ts';
import { baselineUri, namesBaseline, unknown } from '../block-rule.ts';
import { servableChampion } from './champion-server.ts';
import { parseEndpoint } from './http-sender.ts';
import { type MeasuredFiles, readLatencyFiles } from './latency-files.ts';
import type { LoadSample } from './load-sample.ts';
import { readRequests } from './requests-file.ts';
import { type LoadSettings, type Measured, measureServed, measureTargets } from './served-models.ts';

/** A sender that is later than this did not keep the rate, which a reader should know. */
const LATE_MS = 50;

export interface FoundLoad {
  challenger: LoadSample;
  /** Why it is not known; undefined where there is no baseline at all. */
  champion: LoadSample | Known | undefined;
  load: Pick<Load, 'from' | 'requestsPerSecond' | 'warmUpSeconds'>;
  inputs: RecordInput[];
  notes: string[];
}

/** @returns undefined where no source is given. The inputs are known to agree with each other. */
export async function findLoad(
  policy: GatePolicy,
  inputs: Inputs,
  subject: Subject | undefined,
  deps: Deps,
): Promise<FoundLoad | undefined> {
  const { latency, serveCommand, endpoint } = inputs;
  if (!latency && serveCommand === undefined && endpoint === undefined) return undefined;
  const files = await readFiles(inputs, deps);
  const { challenger, champion, ...rest } = files.challenger
    ? fromFile(files.challenger)
    : await measureHere(policy, inputs, subject, files.champion !== undefined, deps);
  const whyNot =
    typeof champion === 'string' && namesBaseline(policy, inputs) ? unknown(champion) : undefined;
  return {
    ...rest,
    challenger,
    champion: files.champion?.sample ?? (typeof champion === 'string' ? whyNot : champion),
    inputs: [
      ...fileInput('latency', files.challenger),
      ...fileInput('baseline-latency', files.champion),
      ...rest.inputs,
    ],
    notes: [
      ...(files.champion && !files.challenger
        ? [
            `The champion's latencies are those of ${namesOf(files.champion)}; they compare with those measured here only if they were measured on such a machine under such a load.`,
          ]
        : []),
      ...rest.notes,
    ],
  };
}

/** What was found without the champion's files; for the champion its requests, or why there are none. */
type Source = Omit<FoundLoad, 'champion'> & { champion: LoadSample | string };

const fromFile = ({ sample }: MeasuredFiles): Source => ({
  challenger: sample,
  champion: 'baseline-latency is not given',
  load: { from: 'file', requestsPerSecond: null, warmUpSeconds: null },
  inputs: [],
  notes: [],
});

async function measureHere(
  policy: GatePolicy,
  inputs: Inputs,
  subject: Subject | undefined,
  championIsKnown: boolean,
  deps: Deps,
): Promise<Source> {
  const { serveCommand, endpoint, requests: file } = inputs;
  const requests = await readRequests(file!);
  const settings = loadSettings(policy, requests.bodies);
  const measured = await deps.log.group('How fast the model answers', async () => {
    if (serveCommand === undefined) {
      const alone = await measureTargets([parseEndpoint(endpoint!)], settings, deps);
      return { ...alone, whyNoChampion: 'an endpoint has no champion beside it; give baseline-latency' };
    }
    const uri = championIsKnown ? undefined : baselineUri(policy, inputs);
    return measureModels({ serveCommand, subject: subject!, uri, token: inputs.githubToken }, settings, deps);
  });
  const [challenger, champion] = measured.samples;
  const late = Math.round(measured.latestStart);
  return {
    challenger: challenger!,
    champion: champion ?? measured.whyNoChampion,
    load: {
      from: serveCommand === undefined ? 'endpoint' : 'serve-command',
      requestsPerSecond: settings.requestsPerSecond,
      warmUpSeconds: settings.warmUpMs / 1000,
    },
    inputs: [{ role: 'requests', name: requests.file, digest: requests.digest }],
    notes:
      late > LATE_MS
        ? [
            `Requests left up to ${late} ms after they were due: this machine did not keep the rate of arrivals, and the delay counts as latency.`,
          ]
        : [],
  };
}

async function measureModels(
  given: { serveCommand: string; subject: Subject; uri: string | undefined; token: string | undefined },
  settings: LoadSettings,
  deps: Deps,
): Promise<Measured & { whyNoChampion: string }> {
  const challenger = {
    title: 'challenger',
    serveCommand: given.serveCommand,
    modelFolder: given.subject.path,
    codeFolder: '.',
    bin: undefined,
  } as const;
  const champion =
    given.uri === undefined
      ? { why: 'the baseline is no model that could be served here' }
      : await servableChampion(given.uri, given.token, deps);
  const served = 'why' in champion ? [challenger] : [challenger, champion];
  const whyNoChampion = 'why' in champion ? champion.why : '';
  return { ...(await measureServed(served, settings, deps)), whyNoChampion };
}

/** Durations are sound here: they were checked when the policy was read. */
function loadSettings({ latency }: GatePolicy, bodies: readonly string[]): LoadSettings {
  const { load } = latency ?? gatePolicySchema.shape.latency.unwrap().parse({});
  return {
    requestsPerSecond: load.requests_per_second,
    durationMs: parseDuration(load.duration),
    warmUpMs: parseDuration(load.warm_up),
    bodies,
  };
}

async function readFiles(
  { latency, baselineLatency }: Inputs,
  deps: Deps,
): Promise<{ challenger: MeasuredFiles | undefined; champion: MeasuredFiles | undefined }> {
  if (!latency && !baselineLatency) return { challenger: undefined, champion: undefined };
  return withEngine(deps, async (engine) => ({
    challenger: latency && (await read(engine, latency, 'latency', deps)),
    champion: baselineLatency && (await read(engine, baselineLatency, 'baseline-latency', deps)),
  }));
}

const read = (engine: Engine, patterns: string[], input: string, deps: Deps): Promise<MeasuredFiles> =>
  readLatencyFiles(engine, patterns, input, input.replaceAll('-', '_'), deps.temporaryFolder);

const namesOf = ({ files }: MeasuredFiles): string => files.files.map(({ path }) => path).join(', ');

const fileInput = (role: string, measured: MeasuredFiles | undefined): RecordInput[] =>
  measured ? [{ role, name: namesOf(measured), digest: measured.files.digest }] : [];
