import type { GateStanding, ModelVersion } from '../../shared/records/model-version.ts';
import {
  blocks,
  code,
  formatBytes,
  formatNumber,
  type Inline,
  type Markdown,
  md,
  shortDigest,
  table,
} from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';

const STANDINGS: Record<GateStanding, string> = {
  passed: 'passed the gate',
  ungated: 'ungated: it has not been judged',
  overridden: 'let through by a person',
  refused: 'refused',
};

/** How a registration reads: what became of the model, then what is known about the version. */
export function report(record: ModelVersion): ReportSection {
  return {
    action: 'register-model',
    name: record.name,
    verdict: record.verdict,
    cell: cellOf(record),
    heading: headingOf(record),
    summary: blocks(md`${record.reason}`, summaryTable(record)),
    details: [
      ...(record.inputs.length > 0
        ? [{ title: `Made from and judged on · ${record.inputs.length}`, body: lineageTable(record) }]
        : []),
      ...(record.uri === null ? [] : [{ title: 'Version', body: versionTable(record) }]),
    ],
    footer: [
      md`registry ${code(record.registry)}`,
      ...(record.source.commit ? [md`commit ${code(record.source.commit.slice(0, 12))}`] : []),
    ],
  };
}

function cellOf(record: ModelVersion): string {
  if (record.gate === 'refused') return 'refused';
  if (record.operation === 'promote') return 'promoted';
  if (record.operation === 'rollback') return 'rolled back';
  return record.gate === 'ungated' ? 'ungated' : shortDigest(record.subject.digest).replace('sha256:', '');
}

function headingOf(record: ModelVersion): string {
  const aliases = record.aliasMoves.map((move) => move.alias).join(', ');
  if (record.operation === 'rollback') return `rolled back ${aliases}`;
  if (record.operation === 'promote') {
    if (record.gate === 'refused') return 'not promoted';
    return aliases ? `promoted to ${aliases}` : 'promoted before, nothing to move';
  }
  if (record.gate === 'refused') return 'not registered';
  const what = record.created ? 'registered' : 'registered before, records refreshed';
  return aliases ? `${what}, now ${aliases}` : what;
}

function summaryTable(record: ModelVersion): Markdown {
  const rows: Inline[][] = [
    ['model', code(shortDigest(record.subject.digest))],
    ['gate', STANDINGS[record.gate]],
  ];
  if (record.overrideReason) rows.push(['reason given', record.overrideReason]);
  for (const move of record.aliasMoves) {
    const from = move.from ? code(shortDigest(move.from)) : 'nothing';
    rows.push([md`alias ${code(move.alias)}`, md`${from} → ${code(shortDigest(move.to))}`]);
  }
  if (record.by) rows.push(['by', record.by]);
  return table(['what', 'is'], rows);
}

function lineageTable(record: ModelVersion): Markdown {
  const rows = record.inputs.map((input) => [input.role, code(input.name), code(shortDigest(input.digest))]);
  return table(['role', 'name', 'digest'], rows);
}

function versionTable(record: ModelVersion): Markdown {
  const rows: Inline[][] = [['URI', code(record.uri ?? '')]];
  const { files } = record;
  if (files) {
    const count = `${formatNumber(files.count)} ${files.count === 1 ? 'file' : 'files'}`;
    rows.push(['size', `${count}, ${formatBytes(files.bytes)}`]);
  }
  if (record.parent) rows.push(['version before', code(shortDigest(record.parent))]);
  for (const [key, value] of Object.entries(record.tags)) rows.push([md`tag ${code(key)}`, value]);
  if (record.stored.length > 0) rows.push(['kept with it', record.stored.join(', ')]);
  if (record.predictCommand) rows.push(['predicts by', code(record.predictCommand)]);
  if (record.serveCommand) rows.push(['serves by', code(record.serveCommand)]);
  return table(['what', 'is'], rows);
}
