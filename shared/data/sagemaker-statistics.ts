import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { ColumnSketch } from '../records/data-profile.ts';
import { byCountThenValue, type TableSketch } from './merge-profiles.ts';

/** SageMaker Model Monitor's `statistics.json`: the sketch of a baseline that teams on SageMaker have already. */

const count = z.number().int().min(0);
const common = z.looseObject({ num_present: count, num_missing: count });

const featureSchema = z.looseObject({
  name: z.string(),
  inferred_type: z.string().optional(),
  numerical_statistics: z
    .looseObject({
      common,
      mean: z.number(),
      std_dev: z.number(),
      min: z.number(),
      max: z.number(),
      distribution: z
        .looseObject({
          kll: z
            .looseObject({ buckets: z.array(z.looseObject({ upper_bound: z.number(), count: z.number() })) })
            .optional(),
        })
        .optional(),
    })
    .optional(),
  string_statistics: z
    .looseObject({
      common,
      distinct_count: z.number().optional(),
      distribution: z
        .looseObject({
          categorical: z
            .looseObject({ buckets: z.array(z.looseObject({ value: z.string(), count })) })
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

const statisticsSchema = z.looseObject({
  dataset: z.looseObject({ item_count: count }),
  features: z.array(featureSchema),
});
type Feature = z.infer<typeof featureSchema>;

/**
 * The sketch that a text holds; undefined when it is no statistics file.
 * @param path of the file, for messages. @throws UserError
 */
export function readStatistics(text: string, path: string): TableSketch | undefined {
  if (!text.includes('"item_count"')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isStatistics(value) ? sketchOfStatistics(value, path) : undefined;
}

/** Whether a document is such a file. */
function isStatistics(value: unknown): boolean {
  const document = value as { dataset?: { item_count?: unknown }; features?: unknown } | null;
  return typeof document?.dataset?.item_count === 'number' && Array.isArray(document.features);
}

/**
 * The statistics as a sketch to compare with. Bin counts come from a sketch of Model Monitor's own (ten buckets), so
 * they are near and not exact.
 * @throws UserError where the file breaks its form.
 */
function sketchOfStatistics(value: unknown, file: string): TableSketch {
  const parsed = statisticsSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new UserError(
      `${file} is no statistics file of SageMaker: ${issue.path.join('.')}: ${issue.message}.`,
      {
        where: { file },
        fix: 'Give the statistics.json that a baselining job of Model Monitor wrote.',
      },
    );
  }
  return { rowCount: parsed.data.dataset.item_count, columns: parsed.data.features.map(sketchOf) };
}

function sketchOf(feature: Feature): ColumnSketch {
  const { numerical_statistics: numbers, string_statistics: texts } = feature;
  const { num_present: present = 0, num_missing: missing = 0 } = numbers?.common ?? texts?.common ?? {};
  const base = { name: feature.name, count: present, nulls: missing, quantiles: null };
  if (!numbers || present === 0) {
    const values = (texts?.distribution?.categorical?.buckets ?? []).map((bucket) => ({
      value: bucket.value,
      count: bucket.count,
    }));
    const listed = values.reduce((sum, entry) => sum + entry.count, 0);
    const top = { values: values.sort(byCountThenValue), otherCount: Math.max(0, present - listed) };
    const kind = numbers ? 'numeric' : 'text';
    const distinct = texts?.distinct_count;
    return {
      ...base,
      type: numbers ? 'DOUBLE' : 'VARCHAR',
      kind,
      distinct: distinct === undefined ? null : Math.round(distinct),
      moments: null,
      histogram: null,
      top: kind === 'text' ? top : null,
    };
  }
  // Model Monitor's deviation has the divisor n.
  const standardDeviation = present > 1 ? numbers.std_dev * Math.sqrt(present / (present - 1)) : 0;
  const buckets = numbers.distribution?.kll?.buckets ?? [];
  return {
    ...base,
    type: feature.inferred_type === 'Integral' ? 'BIGINT' : 'DOUBLE',
    kind: 'numeric',
    distinct: null,
    moments: {
      count: present,
      mean: numbers.mean,
      standardDeviation,
      minimum: numbers.min,
      maximum: numbers.max,
    },
    histogram:
      buckets.length < 2
        ? null
        : {
            edges: buckets.slice(0, -1).map((bucket) => bucket.upper_bound),
            counts: buckets.map((bucket) => Math.round(bucket.count)),
          },
    top: null,
  };
}
