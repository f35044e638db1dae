/** What the inputs ask to be done about drift. */
import { UserError } from '../../../shared/errors.ts';
import { parseDuration } from '../../../shared/runtime/fields.ts';

export type OnDrift = 'issue' | 'dispatch';

/** A workflow by its file name, and the branch or tag at which it is started. */
export interface RetrainWorkflow {
  file: string;
  ref?: string;
}

export interface Wanted {
  onDrift: readonly OnDrift[];
  token: string | undefined;
  workflow: RetrainWorkflow | undefined;
  /** Milliseconds; 0 is none. */
  coolDown: number;
}

export const DEFAULT_COOL_DOWN = '24h';

/** `train.yml` or `train.yml@main`. @throws Error on anything else. */
export function parseRetrainWorkflow(text: string): RetrainWorkflow {
  const match = /^(\w[\w.-]*\.ya?ml)(?:@([^\s@~^:?*[\\]+))?$/.exec(text);
  if (!match) {
    throw new Error(
      `"${text}" is no workflow; write the name of a file in .github/workflows, like train.yml or train.yml@main`,
    );
  }
  return { file: match[1]!, ...(match[2] !== undefined && { ref: match[2] }) };
}

/** Milliseconds. @throws Error on what is no duration. */
export function parseCoolDown(text: string): number {
  return text === '0' ? 0 : parseDuration(text);
}

/** @throws UserError for an input that has no meaning without `dispatch`. */
export function wantedOf(inputs: {
  onDrift?: readonly OnDrift[] | undefined;
  retrainWorkflow?: RetrainWorkflow | undefined;
  coolDown: number;
  githubToken?: string | undefined;
}): Wanted {
  const onDrift = inputs.onDrift ?? [];
  const foreign = [
    ...(inputs.retrainWorkflow ? ['retrain-workflow'] : []),
    ...(inputs.coolDown === parseCoolDown(DEFAULT_COOL_DOWN) ? [] : ['cool-down']),
  ];
  if (foreign.length > 0 && !onDrift.includes('dispatch')) {
    const have = foreign.length === 1 ? 'has' : 'have';
    throw new UserError(`${foreign.join(' and ')} ${have} no meaning without dispatch in on-drift.`, {
      where: { key: 'on-drift' },
      fix: `Add dispatch to on-drift, or take ${foreign.join(' and ')} away.`,
    });
  }
  return {
    onDrift,
    token: inputs.githubToken,
    workflow: inputs.retrainWorkflow,
    coolDown: inputs.coolDown,
  };
}
