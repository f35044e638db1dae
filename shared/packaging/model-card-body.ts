import type { DataProfile } from '../records/data-profile.ts';
import type { Evaluation } from '../records/evaluation.ts';
import type { ModelVersion } from '../records/model-version.ts';
import type { TrainingRun } from '../records/training-run.ts';
import { describePart, describeSlice, metricDecimals } from '../report/evaluation/names.ts';
import {
  blocks,
  code,
  formatBytes,
  formatDuration,
  formatNumber,
  formatShare,
  formatValueInterval,
  type Inline,
  link,
  list,
  type Markdown,
  md,
  table,
} from '../report/markdown.ts';

/** What a card is made from. */
export interface KnownOfCard {
  version: ModelVersion;
  trainingRun?: TrainingRun;
  trainingProfile?: DataProfile;
  evaluation?: Evaluation;
  /** Markdown that a person wrote, with or without front matter of its own, and the file it came from. */
  words?: { text: string; file: string };
}

/** What the records say of a model, under headings; the title is left out where the person's words have one. */
export function cardBody(known: KnownOfCard, words: string): Markdown {
  // A comment in a code block is no title.
  const hasTitle = /^#\s/m.test(words.replace(/^(```+|~~~+)[\s\S]*?^\1/gm, ''));
  return blocks(
    ...(hasTitle ? [] : [md`# ${known.version.name}`]),
    ...section('This version', versionPart(known)),
    ...section('Training', trainingPart(known)),
    ...section('Evaluation', evaluationPart(known)),
    ...section('Where it errs more', weakPart(known.evaluation)),
    ...section('Use', usePart(known)),
  );
}

function section(title: string, body: Inline | undefined): Inline[] {
  return body === undefined ? [] : [md`## ${title}`, body];
}

function versionPart({ version }: KnownOfCard): Inline {
  const { source, files, environment } = version;
  const rows: Inline[][] = [['digest', code(version.subject.digest)]];
  if (files) rows.push(['size', `${formatBytes(files.bytes)} in ${formatNumber(files.count)} files`]);
  rows.push(['gate', version.reason]);
  if (source.repository) rows.push(['repository', code(source.repository)]);
  if (source.commit) rows.push(['commit', code(source.commit)]);
  if (source.runUrl) rows.push(['made by', link('workflow run', source.runUrl)]);
  if (version.parent) rows.push(['version before', code(version.parent)]);
  if (environment?.python) rows.push(['Python', environment.python]);
  if (environment?.cuda) rows.push(['CUDA', environment.cuda]);
  if (environment?.platform) rows.push(['platform', environment.platform]);
  for (const gpu of environment?.gpus ?? []) rows.push(['GPU', gpu]);
  return table(['what', 'is'], rows);
}

function trainingPart({ trainingRun, trainingProfile, version }: KnownOfCard): Inline | undefined {
  if (!trainingRun) return undefined;
  const data = version.inputs.filter(({ role }) => role === 'data');
  const params = Object.entries(trainingRun.params);
  return blocks(
    md`Trained by ${code(trainingRun.command)} in ${formatDuration(trainingRun.durationSeconds)}.`,
    ...(trainingProfile ? [md`Training data: ${formatNumber(trainingProfile.rowCount)} rows.`] : []),
    ...(data.length > 0
      ? [
          table(
            ['data', 'digest'],
            data.map(({ name, digest }) => [code(name), code(digest)]),
          ),
        ]
      : []),
    ...(params.length > 0
      ? [
          table(
            ['parameter', 'value'],
            params.map(([key, value]) => [code(key), code(JSON.stringify(value))]),
          ),
        ]
      : []),
  );
}

function evaluationPart({ evaluation }: KnownOfCard): Inline | undefined {
  if (!evaluation) return undefined;
  const rows = [...evaluation.metrics, ...evaluation.slices].flatMap((result) => {
    if (result.challenger === null) return [];
    const interval = result.challengerInterval
      ? formatValueInterval(...result.challengerInterval, metricDecimals(result))
      : '';
    return [[describePart(result), formatNumber(result.challenger, metricDecimals(result)), interval]];
  });
  const level = formatShare(evaluation.confidenceLevel, 0);
  return blocks(
    md`${evaluation.reason}`,
    ...(evaluation.rows === null ? [] : [md`Judged on ${formatNumber(evaluation.rows)} rows.`]),
    ...(rows.length > 0
      ? [table(['metric', 'value', `${level} interval`], rows, ['left', 'right', 'left'])]
      : []),
  );
}

function weakPart(evaluation: Evaluation | undefined): Inline | undefined {
  const found = evaluation?.weakSlices?.found ?? [];
  if (found.length === 0) return undefined;
  const loss = evaluation?.weakSlices?.loss ?? 'loss';
  return list(
    found.map(
      ({ features, rows, inside, outside }) =>
        md`${describeSlice(features)} (${formatNumber(rows)} rows): ${loss} ${formatNumber(inside, 3)}, elsewhere ${formatNumber(outside, 3)}`,
    ),
  );
}

function usePart({ version }: KnownOfCard): Inline | undefined {
  const { predictCommand, serveCommand, image } = version;
  if (!predictCommand && !serveCommand && !image) return undefined;
  return list([
    ...(predictCommand ? [md`predicts a file by ${code(predictCommand)}`] : []),
    ...(serveCommand ? [md`serves by ${code(serveCommand)}`] : []),
    ...(image ? [md`container image ${code(image.reference)}`] : []),
  ]);
}
