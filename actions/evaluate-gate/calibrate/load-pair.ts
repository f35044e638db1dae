/** Both models' predictions and the judged rows, read once for all draws. */
import type { Engine } from '../../../shared/data/engine.ts';
import { accessOf, type DataFiles, resolveData } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import type { RecordInput } from '../../../shared/records/envelope.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { sensitiveFeatures } from '../blocks/fairness.ts';
import type { Inputs } from '../inputs.ts';
import type { Rule } from '../policy/rules.ts';
import { requireNamedColumns } from '../predictions/asked-columns.ts';
import { joinSides, type Sides } from '../predictions/join-sides.ts';
import { loadRuns, loadSide } from '../predictions/prediction-tables.ts';
import { type JudgedRows, readRows } from '../predictions/rows-of-table.ts';
import { withEngine } from '../with-engine.ts';

export interface LoadedPair {
  rows: JudgedRows;
  rowCount: number;
  inputs: RecordInput[];
}

/** @throws UserError when one side is missing, does not fit the other, or has another number of seeds. */
export async function loadPair(
  inputs: Pick<Inputs, 'predictions' | 'baselinePredictions' | 'data'>,
  policy: GatePolicy,
  rules: readonly Rule[],
  deps: Deps,
): Promise<LoadedPair> {
  const access = accessOf(deps);
  const files = {
    predictions: await resolveData(inputs.predictions ?? refuseWithout('predictions'), access),
    'baseline-predictions': await resolveData(
      inputs.baselinePredictions ?? refuseWithout('baseline-predictions'),
      access,
    ),
    data: inputs.data && (await resolveData(inputs.data, access)),
  };
  return withEngine(deps, async (engine) => {
    const rows = await readPair(engine, files, policy, rules, deps.temporaryFolder);
    requireSeedPairs(rows);
    const named = Object.entries(files).flatMap(([role, found]): RecordInput[] =>
      found ? [{ role, name: found.files.map(({ path }) => path).join(', '), digest: found.digest }] : [],
    );
    return { rows, rowCount: rows.challenger.truth.length, inputs: named };
  });
}

async function readPair(
  engine: Engine,
  files: { predictions: DataFiles; 'baseline-predictions': DataFiles; data: DataFiles | undefined },
  policy: GatePolicy,
  rules: readonly Rule[],
  folder: string,
): Promise<JudgedRows> {
  const { predictions, 'baseline-predictions': baseline, data } = files;
  const sides: Sides = {
    challenger: await loadRuns(engine, predictions, 'challenger', 'the predictions', policy, folder),
    champion: await loadRuns(engine, baseline, 'champion', "the baseline's predictions", policy, folder),
    data: data && (await loadSide(engine, data, 'judged_data', 'the data', policy, folder)),
  };
  requireNamedColumns(policy, sides);
  const features = [...rules.flatMap((rule) => rule.featureKeys ?? []), ...sensitiveFeatures(policy)];
  const further = { features: [...new Set(features)], expressions: [] };
  const joined = await joinSides(engine, sides, further, policy);
  return readRows(engine, joined, policy);
}

function refuseWithout(input: string): never {
  throw new UserError(`The operation calibrate needs ${input}.`, {
    where: { key: `inputs.${input}` },
    fix: "Give the champion's predictions as baseline-predictions and those of a retrain with another seed as predictions.",
  });
}

function requireSeedPairs({ seeds }: JudgedRows): void {
  if (!seeds || seeds.champion?.length === seeds.challenger.length) return;
  throw new UserError(
    `The predictions have ${seeds.challenger.length} seeds and the baseline's ${seeds.champion?.length ?? 0}, which cannot be swapped in pairs.`,
    { where: { key: 'columns.seed' }, fix: 'Give as many seeds on either side.' },
  );
}
