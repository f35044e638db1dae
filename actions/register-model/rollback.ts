import { UserError } from '../../shared/errors.ts';
import { decideByEvaluation, type GateDecision } from '../../shared/records/model-version.ts';
import { earlierDigests } from '../../shared/registries/alias-history.ts';
import { readAttachedRecord, recordAttachment } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { carriedOver } from './carried-over.ts';
import type { Given } from './inputs.ts';
import { type Move, moveAliases } from './move-aliases.ts';
import { openVersion } from './open-model.ts';
import { versionRecord } from './version-record.ts';

/**
 * Moves aliases from the version that `model` names back to the one they pointed to before. The Evaluation is not
 * asked: that version was in use, and going back must always be possible.
 */
export async function rollback(given: Given, deps: Deps): Promise<ActionResult> {
  const { registry, registryText, version, reference } = await openVersion(given, deps);
  const aliases = given.aliases ?? (version.aliases.includes(reference) ? [reference] : []);
  if (aliases.length === 0) {
    throw new UserError('operation: rollback moves aliases back, and none is given.', {
      where: { key: 'aliases' },
      fix: 'Give e.g. aliases: champion, or name the model by its alias.',
    });
  }
  const moves: Move[] = [];
  const rejected = new Set<string>();
  for (const alias of aliases) {
    moves.push(await moveBack(registry, alias, version.digest, deps.source.runUrl, rejected));
  }
  const [digest, ...others] = new Set(moves.map((move) => move.to));
  if (digest === undefined || others.length > 0) {
    throw new UserError('The aliases go back to different versions.', {
      where: { key: 'aliases' },
      fix: 'Roll them back one by one.',
    });
  }
  const target = await registry.resolve(digest);
  if (!target) {
    throw new UserError(`The version before, ${digest}, is no longer in ${registryText}.`, {
      where: { key: 'aliases' },
      fix: 'Promote another version instead.',
    });
  }
  const earlier = await readAttachedRecord(registry, digest, 'ModelVersion');
  const evaluation = await readAttachedRecord(registry, digest, 'Evaluation');
  const { approval = null, stage = null } = await registry.standing(digest);
  const decision = ungatedWhereRefused(decideByEvaluation({ digest, evaluation }));
  const record = versionRecord(given, deps, digest, decision, evaluation, {
    ...carriedOver(earlier),
    approval,
    stage,
    registry: registryText,
    uri: target.uri,
    version: target.version,
    aliasMoves: moves,
    overrideReason: earlier?.overrideReason ?? null,
    reason: reasonOf(aliases, moves, [...rejected], given.reason),
  });
  const present = await registry.aliases();
  const open = moves.filter((move) => present[move.alias] !== move.to);
  await moveAliases(registry, open, 'rollback', given.reason, deps);
  // After the moves, of which it speaks; the same run, run again, finds them done and attaches it.
  const { role, files, annotations } = recordAttachment(record);
  await registry.attach(digest, role, files, annotations);
  return {
    record,
    outputs: { uri: target.uri, version: target.version, digest },
  };
}

async function moveBack(
  registry: Registry,
  alias: string,
  from: string,
  runUrl: string | null,
  rejected: Set<string>,
): Promise<Move> {
  const history = await registry.aliasHistory(alias);
  const current = (await registry.aliases())[alias];
  const last = history.at(-1);
  const isOwn =
    last?.operation === 'rollback' && last.to === current && runUrl !== null && last.runUrl === runUrl;
  // This very run has moved it already and was interrupted after that: a second time would go too far back.
  if (isOwn && last.from !== null && [last.from, last.to].includes(from)) {
    return { alias, from: last.from, to: last.to };
  }
  if (current !== from) {
    throw new UserError(`The alias ${alias} points to ${current ?? 'no version'}, not to ${from}.`, {
      where: { key: 'model' },
      fix: 'Name the version to go back from, e.g. by the alias itself.',
    });
  }
  const earlier = [...new Set(earlierDigests(history, from))];
  const passedOver: string[] = [];
  for (const to of earlier) {
    // One that is gone is no version to ask about; the caller says that it is gone.
    const isThere = (await registry.resolve(to)) !== undefined;
    if (!isThere || (await registry.standing(to)).approval !== 'rejected') {
      for (const digest of passedOver) rejected.add(digest);
      return { alias, from, to };
    }
    passedOver.push(to);
  }
  if (passedOver.length > 0) {
    throw new UserError(
      `People rejected every version that the alias ${alias} pointed to before ${from}: ${passedOver.join(', ')}.`,
      {
        where: { key: 'aliases' },
        fix: 'Promote another version, or let one of them be used again with operation: approve first.',
      },
    );
  }
  throw new UserError(`The alias ${alias} has no version before ${from} to go back to.`, {
    where: { key: 'aliases' },
    fix: 'Promote the wanted version instead.',
  });
}

function ungatedWhereRefused(decision: GateDecision): GateDecision {
  return decision.gate === 'refused' ? { ...decision, gate: 'ungated' } : decision;
}

function reasonOf(aliases: string[], moves: Move[], rejected: string[], why: string | undefined): string {
  const from = [...new Set(moves.map((move) => move.from))].join(', ');
  const passed =
    rejected.length === 0 ? '' : ` Passed over, since people rejected it: ${rejected.join(', ')}.`;
  return `Moved ${aliases.join(', ')} back from ${from}${why ? `: ${why}` : ''}.${passed}`;
}
