/** The log inside a workflow: groups, annotations with file and line, masks. */
import { relative, resolve } from 'node:path';
import * as core from '@actions/core';
import type { ErrorLocation } from '../errors.ts';
import type { Log } from './definition.ts';
import { plainAnnotation, plainLogText } from './plain-text.ts';
import { everyInterval } from './rate.ts';

const PROGRESS_INTERVAL_MS = 10_000;

/** @param workspace root of the checkout: annotations name files relative to it. */
export function runnerLog(workspace: string): Log {
  const properties = (where: ErrorLocation = {}): core.AnnotationProperties => ({
    file: where.file === undefined ? undefined : relative(workspace, resolve(where.file)),
    startLine: where.line,
    startColumn: where.column,
  });
  const info = (message: string) => core.info(plainLogText(message));
  const progress = everyInterval(PROGRESS_INTERVAL_MS, info);
  return {
    info,
    progress,
    debug: (message) => core.debug(message),
    notice: (message, where) => core.notice(plainAnnotation(message), properties(where)),
    warning: (message, where) => core.warning(plainAnnotation(message), properties(where)),
    error: (message, where) => core.error(plainAnnotation(message), properties(where)),
    group: (title, work) => core.group(plainLogText(title).replaceAll('\n', ' '), work),
    mask: (secret) => core.setSecret(secret),
  };
}
