import { scanRefuses } from '../../shared/records/model-scan.ts';
import {
  evaluationPasses,
  type GateStanding,
  type ModelVersion,
} from '../../shared/records/model-version.ts';
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
import { scanOutcome, scanParts } from '../../shared/report/scan.ts';
import type { ReportSection } from '../../shared/report/section.ts';

const STANDINGS: Record<GateStanding, string> = {
  passed: 'passed the gate',
  ungated: 'ungated: it has not been judged',
  overridden: 'let through by a person',
  refused: 'refused',
};

/** How a registration reads: what became of the model, then what is known about the version. */
export function report(record: ModelVersion): ReportSection {
  // Of what is carried along from an earlier record the table has a line; the findings were shown then.
  const scan = scanParts(looksInto(record) ? record.scan : undefined);
  return {
    action: 'register-model',
    name: record.name,
    verdict: record.verdict,
    cell: cellOf(record),
    heading: headingOf(record),
    summary: blocks(
      md`${record.reason}`,
      // How the newest version stands is of no interest where old ones are removed.
      record.operation === 'prune'
        ? md`The newest is ${code(shortDigest(record.subject.digest))}.`
        : summaryTable(record),
      scan.summary,
      wayOut(record),
    ),
    details: [
      ...scan.details,
      ...(record.inputs.length > 0 && record.operation !== 'prune'
        ? [{ title: `Made from and judged on · ${record.inputs.length}`, body: lineageTable(record) }]
        : []),
      ...(record.uri === null || record.operation === 'prune'
        ? []
        : [{ title: 'Version', body: versionTable(record) }]),
      ...(record.removed.length === 0
        ? []
        : [{ title: `Removed · ${record.removed.length}`, body: removedTable(record) }]),
    ],
    footer: [
      ...(record.registry === '' ? [] : [md`registry ${code(record.registry)}`]),
      ...(record.source.commit ? [md`commit ${code(record.source.commit.slice(0, 12))}`] : []),
    ],
  };
}

const DONE: Record<Exclude<ModelVersion['operation'], 'register' | 'approve' | 'verify' | 'scan'>, string> = {
  promote: 'promoted',
  rollback: 'rolled back',
  copy: 'copied',
  prune: 'old versions removed',
};

const SCANNED: Partial<Record<ModelVersion['verdict'], string>> = {
  pass: 'scanned, nothing found',
  warn: 'scanned, with warnings',
  fail: 'not safe to load',
};

function cellOf(record: ModelVersion): string {
  if (record.gate === 'refused') return 'refused';
  if (record.operation === 'approve') return record.approval ?? 'approved';
  if (record.operation === 'verify') return record.verdict === 'pass' ? 'verified' : 'not verified';
  if (record.operation === 'scan') return SCANNED[record.verdict] ?? record.verdict;
  if (record.operation !== 'register') return DONE[record.operation];
  return record.gate === 'ungated' ? 'ungated' : shortDigest(record.subject.digest).replace('sha256:', '');
}

function headingOf(record: ModelVersion): string {
  const aliases = record.aliasMoves.map((move) => move.alias).join(', ');
  if (record.operation === 'scan') return SCANNED[record.verdict] ?? record.verdict;
  if (record.operation === 'rollback') return `rolled back ${aliases}`;
  if (record.operation === 'promote') {
    if (record.gate === 'refused') return 'not promoted';
    return aliases ? `promoted to ${aliases}` : 'promoted before, nothing to move';
  }
  if (record.operation === 'approve') {
    return `${record.approval}${record.stage ? `, now ${record.stage}` : ''}`;
  }
  if (record.operation === 'verify') return record.verdict === 'pass' ? 'verified' : 'not verified';
  if (record.operation === 'prune') {
    const { length } = record.removed;
    return `${formatNumber(length)} old ${length === 1 ? 'version' : 'versions'} removed`;
  }
  if (record.operation === 'copy') return record.gate === 'refused' ? 'not copied' : copied(record, aliases);
  if (record.gate === 'refused') return 'not registered';
  const what = record.created ? 'registered' : 'registered before, records refreshed';
  return aliases ? `${what}, now ${aliases}` : what;
}

function copied(record: ModelVersion, aliases: string): string {
  const what = record.created ? 'copied' : 'was there before';
  return aliases ? `${what}, now ${aliases}` : what;
}

function summaryTable(record: ModelVersion): Markdown {
  const rows: Inline[][] = [
    ['model', code(shortDigest(record.subject.digest))],
    // A scan asks nothing of the gate, and what it refuses never came to the gate.
    ...(record.operation === 'scan' || isUnsafe(record) ? [] : [['gate', STANDINGS[record.gate]]]),
  ];
  if (record.scan) rows.push(['safety scan', scanOutcome(record.scan)]);
  if (record.overrideReason) rows.push(['reason given', record.overrideReason]);
  for (const move of record.aliasMoves) {
    const from = move.from ? code(shortDigest(move.from)) : 'nothing';
    rows.push([md`alias ${code(move.alias)}`, md`${from} → ${code(shortDigest(move.to))}`]);
  }
  if (record.approval) rows.push(['approval', record.approval]);
  if (record.stage) rows.push(['stage', record.stage]);
  if (record.provenance) {
    rows.push(['signature', record.provenance.signature], ['provenance', record.provenance.statement]);
    if (record.provenance.key) rows.push(['of the key', code(shortDigest(record.provenance.key))]);
  }
  if (record.image) rows.push(['serves as', code(record.image.reference)]);
  if (record.by) rows.push(['by', record.by]);
  return table(['what', 'is'], rows);
}

function lineageTable(record: ModelVersion): Markdown {
  const rows = record.inputs.map((input) => [input.role, code(input.name), code(shortDigest(input.digest))]);
  return table(['role', 'name', 'digest'], rows);
}

function removedTable({ removed }: ModelVersion): Markdown {
  // In OCI registries the digest is the version.
  const hasNumbers = removed.some(({ digest, version }) => version !== digest);
  const rows = removed.map(({ digest, version, createdAt }) => [
    code(shortDigest(digest)),
    ...(hasNumbers ? [version] : []),
    createdAt ?? 'unknown',
  ]);
  return table(['digest', ...(hasNumbers ? ['version'] : []), 'registered'], rows);
}

/** Whether the operation itself scans the files; the records of others carry along what was found before. */
function looksInto({ operation }: ModelVersion): boolean {
  return operation === 'register' || operation === 'scan' || operation === 'copy';
}

/** Whether the safety scan of this very operation kept it back. */
function isUnsafe(record: ModelVersion): boolean {
  return record.scan !== undefined && scanRefuses(record.scan) && looksInto(record);
}

/** What helps a person whose model was refused. */
function wayOut(record: ModelVersion): Inline {
  const { gate, evaluation, provenance } = record;
  if (isUnsafe(record)) {
    return md`Next: save the model as the table says, or vouch for a class of your own in ${code('scan-allow')}. No ${code('override-reason')} replaces that.`;
  }
  if (gate !== 'refused') return '';
  if (provenance && (provenance.signature !== 'valid' || provenance.statement !== 'valid')) {
    return 'Next: give the key that it was signed with, or have it signed with this one. No reason of a person replaces that.';
  }
  if (!evaluation) {
    return md`Next: let evaluate-gate judge these very files (its input ${code('model')}) with the same records folder. ${BY_A_PERSON}`;
  }
  if (evaluationPasses(evaluation)) {
    return md`Next: ${code('operation: approve')}, if it may be used. ${BY_A_PERSON}`;
  }
  return md`Next: the report of evaluate-gate says what kept it back. ${BY_A_PERSON}`;
}

const BY_A_PERSON = md`A person lets it through all the same with ${code('override-reason')}.`;

function versionTable(record: ModelVersion): Markdown {
  const rows: Inline[][] = [['URI', code(record.uri ?? '')]];
  const { files } = record;
  if (files) {
    const count = `${formatNumber(files.count)} ${files.count === 1 ? 'file' : 'files'}`;
    rows.push(['size', `${count}, ${formatBytes(files.bytes)}`]);
  }
  if (record.version && record.version !== record.subject.digest) rows.push(['version', record.version]);
  if (record.copiedFrom) rows.push(['copied from', code(record.copiedFrom)]);
  const { environment } = record;
  if (environment?.python) rows.push(['Python', environment.python]);
  if (environment?.cuda) rows.push(['CUDA', environment.cuda]);
  if (environment && environment.files.length > 0) {
    rows.push(['pinned by', environment.files.map(({ name }) => name).join(', ')]);
  }
  if (record.parent) rows.push(['version before', code(shortDigest(record.parent))]);
  for (const [key, value] of Object.entries(record.tags)) rows.push([md`tag ${code(key)}`, value]);
  if (record.stored.length > 0) rows.push(['kept with it', record.stored.join(', ')]);
  if (record.predictCommand) rows.push(['predicts by', code(record.predictCommand)]);
  if (record.serveCommand) rows.push(['serves by', code(record.serveCommand)]);
  return table(['what', 'is'], rows);
}
