import { parse, parseDocument, stringify } from 'yaml';
import { UserError } from '../errors.ts';
import type { Evaluation } from '../records/evaluation.ts';
import { CARD_ROLE } from '../registries/packaged-model.ts';
import type { Attachment } from '../registries/registry-interface.ts';
import { cardBody, type KnownOfCard } from './model-card-body.ts';

/** The name under which Hugging Face and GitHub show it. */
export const CARD_FILE = 'README.md';

/** Hugging Face's words for what a model does, by our tasks. */
const PIPELINE_TAGS: Record<NonNullable<Evaluation['task']>, string> = {
  binary: 'tabular-classification',
  multiclass: 'tabular-classification',
  multilabel: 'tabular-classification',
  regression: 'tabular-regression',
  ranking: 'text-ranking',
  forecasting: 'time-series-forecasting',
  scores: 'text-generation',
};

/**
 * The model card: Hugging Face's front matter (https://huggingface.co/docs/hub/model-cards), a person's own words,
 * and what the records know. Where both say something in the front matter, the person is right.
 * @throws UserError when the person's front matter is no YAML mapping, or has no end.
 */
export function modelCard(known: KnownOfCard): Attachment {
  const own = known.words ? splitFrontMatter(known.words) : { matter: {}, body: '' };
  const matter = stringify({ ...frontMatter(known), ...own.matter }, { lineWidth: 0 });
  const body = [own.body.trim(), cardBody(known, own.body).text].filter((part) => part !== '').join('\n\n');
  const text = `---\n${matter}---\n\n${body}\n`;
  return { role: CARD_ROLE, files: [{ name: CARD_FILE, bytes: new TextEncoder().encode(text) }] };
}

function frontMatter({ version, evaluation }: KnownOfCard): Record<string, unknown> {
  const task = evaluation?.task ?? null;
  const metrics = Object.entries(version.metrics);
  return {
    ...(task ? { pipeline_tag: PIPELINE_TAGS[task] } : {}),
    tags: ['mlops-actions', ...Object.entries(version.tags).map(([key, value]) => `${key}:${value}`)],
    ...(evaluation && metrics.length > 0
      ? {
          metrics: [...new Set(metrics.map(([name]) => name.replace(/\(.*/, '')))],
          'model-index': [{ name: version.name, results: [modelIndexResult(evaluation, metrics)] }],
        }
      : {}),
  };
}

/** One result of https://github.com/huggingface/hub-docs/blob/main/modelcard.md; the data set is named by its file. */
function modelIndexResult(evaluation: Evaluation, metrics: [string, number][]) {
  const inputOf = (wanted: string) => evaluation.inputs.find(({ role }) => role === wanted);
  const data = inputOf('data') ?? inputOf('predictions');
  return {
    task: { type: evaluation.task ? PIPELINE_TAGS[evaluation.task] : 'other' },
    dataset: {
      type: 'evaluation',
      name: data?.name ?? 'evaluation data',
      ...(data ? { revision: data.digest } : {}),
    },
    metrics: metrics.map(([name, value]) => ({ type: name.replace(/\(.*/, ''), name, value })),
  };
}

function splitFrontMatter({ text, file }: { text: string; file: string }): {
  matter: Record<string, unknown>;
  body: string;
} {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  if (!/^---[ \t]*\n/.test(plain)) return { matter: {}, body: plain };
  const found = /^---[ \t]*\n([\s\S]*?)(?<=\n)---[ \t]*(?:\n|$)/.exec(plain);
  if (!found) {
    throw new UserError(`The front matter of the model card ${file} has no end.`, {
      where: { file, line: 1, key: 'model-card' },
      fix: 'Write a second line of --- after it.',
    });
  }
  const yaml = found[1] ?? '';
  const [problem] = parseDocument(yaml).errors;
  const matter: unknown = problem ? undefined : (parse(yaml) ?? {});
  if (problem || typeof matter !== 'object' || matter === null || Array.isArray(matter)) {
    throw new UserError(`The front matter of the model card ${file} cannot be read.`, {
      where: { file, line: (problem?.linePos?.[0].line ?? 1) + 1, key: 'model-card' },
      fix: 'Write key: value lines between the two lines of ---.',
    });
  }
  return { matter: matter as Record<string, unknown>, body: plain.slice(found[0].length) };
}
