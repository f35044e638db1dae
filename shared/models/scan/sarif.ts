/** What a scan found, as SARIF 2.1.0 (OASIS) and in the part of it that GitHub's code scanning reads. */

import { sha256 } from '../../records/canonical-json.ts';
import { type ModelScanResult, placeOf, type ScanFinding } from '../../records/model-scan.ts';
import { RULES, type Rule } from './rules.ts';

/** GitHub's `security-severity`, as CVSS numbers them: 7 and above is high, 4 medium. */
const SEVERITIES: Record<Rule['level'], string> = { error: '8.8', warning: '5.5', note: '2.0' };
/** A name in an archive may have 64 KiB. */
const LONGEST = 1_000;

/**
 * The log of one run. Findings that `scan-allow` lets through are in it as suppressed, with the reason.
 * @param folder where the model's files lie in the repository, with forward slashes; empty for its root.
 */
export function scanLog({ findings }: ModelScanResult, folder: string): object {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mlops-actions model scan', rules: ids.map(descriptor) } },
        results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.rule), folder)),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
}

function descriptor(id: string): object {
  const { level, title, why, mend } = (RULES as Record<string, Rule>)[id]!;
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${why} How to mend it: ${mend}`, markdown: `${why}\n\n**How to mend it:** ${mend}` },
    defaultConfiguration: { level },
    properties: { tags: ['security'], precision: 'high', 'security-severity': SEVERITIES[level] },
  };
}

function resultOf(finding: ScanFinding, ruleIndex: number, folder: string): object {
  const { rule, level, file, members, offset, what, allowed } = finding;
  const uri = [...(folder === '' ? [] : folder.split('/')), ...file.split('/')]
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
  const place = [
    ...(members.length > 0 ? [`in ${members.join(' › ').slice(0, LONGEST)}`] : []),
    ...(offset === null ? [] : [`at byte ${offset}`]),
  ].join(', ');
  const inside = place === '' ? '' : ` (${place})`;
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: plain(`${what.slice(0, LONGEST)}${inside}`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri },
          // GitHub wants a line. Of bytes in a member, the file itself has no such offset.
          region: {
            startLine: 1,
            ...(offset === null || members.length > 0 ? {} : { byteOffset: offset }),
          },
        },
        ...(members.length === 0 ? {} : { logicalLocations: [logicalLocation(finding)] }),
      },
    ],
    // The same finding stays the same alert from upload to upload; of binary files GitHub computes none itself.
    partialFingerprints: {
      primaryLocationLineHash: sha256(JSON.stringify([rule, file, members, what])).slice(7, 39),
    },
    ...(allowed === null
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: allowed }] }),
  };
}

/** In a message, brackets make a link (3.11.6 of the standard). */
const plain = (text: string): string => text.toWellFormed().replace(/[\\[\]]/g, '\\$&');

function logicalLocation({ file, members, offset }: ScanFinding): object {
  return {
    name: members.at(-1)!.slice(0, LONGEST),
    fullyQualifiedName: placeOf({ file, members }).slice(0, LONGEST),
    kind: 'member',
    ...(offset === null ? {} : { properties: { byteOffset: offset } }),
  };
}
