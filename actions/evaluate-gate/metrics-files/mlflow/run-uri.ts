/** How a run of MLflow is written: `mlflow:http://host:5000/runs/<run id>[@<step>]`, or MLflow's own `runs:/<run id>`. */
import { UserError } from '../../../../shared/errors.ts';

export interface RunUri {
  /** As the user wrote it. */
  text: string;
  /** Of the tracking server, without a slash at its end. */
  server: string;
  runId: string;
  /** Undefined: the largest step of each metric. */
  step: number | undefined;
}

const FORM = 'mlflow:http://host:5000/runs/<run id>';

/**
 * Undefined for what is a path.
 * @param env where `runs:/` finds its server, as MLflow does: MLFLOW_TRACKING_URI.
 * @throws UserError when the scheme is there but the rest is not of the form.
 */
export function parseRunUri(text: string, env: NodeJS.ProcessEnv): RunUri | undefined {
  const own = /^runs:\/+(.*)$/.exec(text)?.[1];
  if (own !== undefined) {
    const server = env.MLFLOW_TRACKING_URI ?? '';
    if (!/^https?:\/\//.test(server)) {
      throw new UserError(`${text} needs the address of an MLflow server.`, {
        where: { key: 'MLFLOW_TRACKING_URI' },
        fix: `Set the environment variable MLFLOW_TRACKING_URI to http://… or https://…, or write ${FORM}.`,
      });
    }
    return runOnServer(text, `${server.replace(/\/+$/, '')}/runs/${own}`);
  }
  return text.startsWith('mlflow:') ? runOnServer(text, text.slice('mlflow:'.length)) : undefined;
}

function runOnServer(text: string, address: string): RunUri {
  const match = /^(https?:\/\/[^\s]+?)\/+runs\/([A-Za-z0-9][\w-]{0,255})(?:@(\d{1,15}))?$/.exec(address);
  const server = match?.[1];
  const url = server !== undefined && URL.canParse(server) ? new URL(server) : undefined;
  if (!match || !server || !url || url.search !== '' || url.hash !== '') {
    throw new UserError(`${JSON.stringify(text)} is not a run of MLflow.`, {
      where: { key: 'inputs.metrics' },
      fix: `Write ${FORM}, and @<step> behind it where another step than the last is meant.`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new UserError('The address of an MLflow server holds no credentials.', {
      where: { key: 'inputs.metrics' },
      fix: 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
    });
  }
  return { text, server, runId: match[2]!, step: match[3] === undefined ? undefined : Number(match[3]) };
}
