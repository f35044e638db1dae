/** For data that changed on purpose: the edit of the contract after which they keep it, as a patch. */
import { isAbsolute, relative, sep } from 'node:path';
import type { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { ColumnSketch } from '../../../shared/records/data-profile.ts';
import type { DataCheck } from '../../../shared/records/data-validation.ts';
import { editedLimit } from './edited-limit.ts';

export interface ProposedEdit {
  /** A unified diff of the contract, for `git apply`. */
  patch: string;
  /** How many broken rules it would let pass. */
  rules: number;
}

/** A piece of the contract's text and what to write in its place. */
interface Change {
  from: number;
  to: number;
  text: string;
}

/** What of the data an edit is made from; values of masked columns are not among them. */
export interface DataFacts {
  rowCount: number;
  columns: readonly ColumnSketch[];
}

/**
 * Proposes the smallest edit of the contract by which the broken rules would hold, where there is one: a bound moved
 * to what was seen, a category added, a promise taken back. Text beside the edited places stays as it is.
 * @returns undefined where no broken rule can be mended so.
 */
export async function proposeEdit(
  contract: { file: string; text: string },
  checks: readonly DataCheck[],
  facts: DataFacts,
): Promise<ProposedEdit | undefined> {
  const yaml = await import('yaml');
  const document = yaml.parseDocument(contract.text);
  const broken = checks.filter(
    (check) => (check.verdict === 'fail' || check.verdict === 'warn') && check.where?.file === contract.file,
  );
  const changes = broken.flatMap((check) => {
    const change = changeFor(document, contract.text, check, facts);
    return change ? [change] : [];
  });
  // Two rules may stand in one place; the first edit of it is enough.
  const apart = changes
    .sort((a, b) => a.from - b.from)
    .filter((change, index, all) => index === 0 || change.from >= all[index - 1]!.to);
  if (apart.length === 0) return undefined;
  const edited = apart.reduceRight(
    (text, { from, to, text: replacement }) => text.slice(0, from) + replacement + text.slice(to),
    contract.text,
  );
  // As git names it: from the working directory, with plain slashes.
  const name = (isAbsolute(contract.file) ? relative('.', contract.file) : contract.file).replaceAll(
    sep,
    '/',
  );
  const { createTwoFilesPatch } = await import('diff');
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, contract.text, edited, '', '', { context: 2 });
  return { patch: patch.replace(/^=+\n/, ''), rules: apart.length };
}

function changeFor(document: Document, text: string, check: DataCheck, facts: DataFacts): Change | undefined {
  const path = parseKey(check.where!.key);
  const node = document.getIn(path, true);
  const sketch =
    check.columns.length === 1 ? facts.columns.find((column) => column.name === check.columns[0]) : undefined;
  switch (path.at(-1)) {
    case 'minimum':
      return sketch?.kind === 'numeric' && sketch.moments
        ? replaceScalar(node, sketch.moments.minimum)
        : undefined;
    case 'maximum':
      return sketch?.kind === 'numeric' && sketch.moments
        ? replaceScalar(node, sketch.moments.maximum)
        : undefined;
    case 'required':
    case 'unique':
      return replaceScalar(node, false);
    case 'logicalType':
      return check.rule === 'logicalType: integer' && sketch?.kind === 'numeric'
        ? replaceScalar(node, 'number')
        : undefined;
    default:
      return isMap(node) ? changeOfQuality(node, text, check, sketch, facts.rowCount) : undefined;
  }
}

function changeOfQuality(
  rule: YAMLMap,
  text: string,
  check: DataCheck,
  sketch: ColumnSketch | undefined,
  rowCount: number,
): Change | undefined {
  const metric = rule.get('metric') ?? rule.get('rule');
  if (metric === 'invalidValues' || metric === 'validValues') {
    const list = rule.getIn(['arguments', 'validValues'], true) ?? rule.get('validValues', true);
    return isSequence(list) && sketch ? addValues(list, text, sketch) : undefined;
  }
  const found = metric === 'rowCount' ? rowCount : check.failing;
  if (found === null || (metric !== 'nullValues' && metric !== 'duplicateValues' && metric !== 'rowCount'))
    return undefined;
  const observed = rule.get('unit') === 'percent' ? percentOf(found, check.total) : found;
  for (const pair of rule.items as Pair<Scalar<string>, Scalar | YAMLSeq>[]) {
    const limit = editedLimit(
      pair.key.value,
      isSequence(pair.value) ? pair.value.toJSON() : pair.value?.value,
      observed,
    );
    const [from, to] = [pair.key.range?.[0], pair.value?.range?.[1]];
    if (limit !== undefined && from !== undefined && to !== undefined) return { from, to, text: limit };
  }
  return undefined;
}

/** Rounded up, so that the limit holds what was seen. */
function percentOf(rows: number, total: number | null): number {
  return total ? Math.ceil((rows / total) * 10_000) / 100 : 0;
}

/** Adds what the column has and the list lacks, where the profile lists all values of the column. */
function addValues(list: YAMLSeq, text: string, { top }: ColumnSketch): Change | undefined {
  const known = new Set((list.toJSON() as unknown[]).map(String));
  const added = (top?.values ?? []).map(({ value }) => value).filter((value) => !known.has(value));
  const last = list.items.at(-1) as Scalar | undefined;
  if (!top || top.otherCount > 0 || added.length === 0 || !last?.range) return undefined;
  const at = last.range[1];
  if (list.flow)
    return { from: at, to: at, text: added.map((value) => `, ${scalarText(value, last)}`).join('') };
  const lineStart = text.lastIndexOf('\n', last.range[0]) + 1;
  const dash = text.slice(lineStart, last.range[0]);
  return { from: at, to: at, text: added.map((value) => `\n${dash}${scalarText(value, last)}`).join('') };
}

/** A value as YAML, like its neighbour: a plain word only where nothing else could be read from it. */
function scalarText(value: string, neighbour: Scalar): string {
  if (typeof neighbour.value === 'number' && Number.isFinite(Number(value))) return value;
  const isPlain =
    /^[A-Za-z][A-Za-z0-9_-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return isPlain && neighbour.type === 'PLAIN' ? value : JSON.stringify(value);
}

function replaceScalar(node: unknown, value: string | number | boolean): Change | undefined {
  const range = (node as Scalar | undefined)?.range;
  return range ? { from: range[0], to: range[1], text: String(value) } : undefined;
}

/** `schema[0].properties[2]` → its steps. */
function parseKey(key: string): (string | number)[] {
  return [...key.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) =>
    name !== undefined ? name : Number(index),
  );
}

function isMap(node: unknown): node is YAMLMap {
  return Array.isArray((node as YAMLMap | undefined)?.items) && 'has' in (node as YAMLMap);
}

function isSequence(node: unknown): node is YAMLSeq {
  return (
    Array.isArray((node as YAMLSeq | undefined)?.items) &&
    typeof (node as YAMLSeq).add === 'function' &&
    !Object.hasOwn(node as object, 'has')
  );
}
