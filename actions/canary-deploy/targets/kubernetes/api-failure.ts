/** What the API server's refusals mean for people. */
import { UserError } from '../../../../shared/errors.ts';

/** What was asked for, as a role would have to allow it. */
export interface Asked {
  verb: 'get' | 'list' | 'create' | 'update';
  group: string;
  /** `deployments`, or `services/proxy`. */
  resource: string;
  name?: string | undefined;
  namespace: string;
}

/** A request that came to nothing. */
export class Failure extends UserError {
  /** Whether it may have taken effect all the same, or may go well a moment later. */
  readonly passes: boolean;

  constructor(what: string, { passes, key, fix }: { passes: boolean; key: string; fix: string }) {
    super(what, { where: { key }, fix });
    this.passes = passes;
  }
}

/** An answer that is none of success, with what the server said of it. */
export class ApiFailure extends Failure {
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(asked: Asked, status: number, said: string) {
    const { what, fix } = describe(asked, status, said);
    super(what, { key: 'target', fix, passes: status === 0 || status === 429 || status >= 500 });
    this.status = status;
  }
}

/** For what is over when the run is cancelled. */
export class Cancelled extends UserError {
  constructor() {
    super('The run was cancelled.');
  }
}

/** The longest part of what a server said that is shown. */
const MOST_SAID = 300;

function describe(asked: Asked, status: number, said: string): { what: string; fix: string } {
  const { verb, resource, name, namespace } = asked;
  const thing = `${resource}${name ? ` ${name}` : ''} in the namespace ${namespace}`;
  const words = said.replace(/\s+/g, ' ').slice(0, MOST_SAID).replace(/\.$/, '');
  const because = words ? `: ${words}` : '';
  switch (status) {
    case 0:
      return {
        what: `The API server did not answer in time (${verb} ${thing})${because}.`,
        fix: 'Check the address of the cluster in the kubeconfig, and that the runner reaches it. Run again: what is there is found.',
      };
    case 401:
      return {
        what: `The API server does not know who asks (401)${because}.`,
        fix: 'Let the kubeconfig hold credentials that are valid now; tokens of a service account and of exec plugins expire.',
      };
    case 403:
      return {
        what: `The API server does not allow to ${verb} ${thing} (403)${because}.`,
        fix: `Add this rule to the role: {apiGroups: ["${asked.group}"], resources: ["${resource}"], verbs: ["${verb}"]}.`,
      };
    case 404:
      return {
        what: `There is no ${thing} (404)${because}.`,
        fix: 'Check the name, kubernetes-namespace and kubernetes-context, and that the kind is installed in this cluster.',
      };
    case 409:
      return {
        what: `Something else changes ${thing} all the time (409)${because}.`,
        fix: 'Find out which controller or job does, and run again.',
      };
    case 422:
    case 400:
      return {
        what: `The API server takes the change of ${thing} for invalid (${status})${because}.`,
        fix: 'Change the object so that what it says can be, or the policy of the cluster that refuses it.',
      };
    case 429:
      return {
        what: `The API server has too much to do (429, ${verb} ${thing})${because}.`,
        fix: 'Run again later: what is there is found.',
      };
    default:
      return {
        what: `The API server failed to ${verb} ${thing} (${status})${because}.`,
        fix: 'Look at the API server and its webhooks, and run again: what is there is found.',
      };
  }
}
