import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import { type FakeService, modelOf } from './protocols.ts';

/** "Common error types" of AWS: any operation may answer so. */
const COMMON: [code: string, message: string, status: number][] = [
  ['AccessDeniedException', 'User is not authorized to perform this action', 400],
  ['ExpiredTokenException', 'The security token included in the request is expired', 400],
  ['UnrecognizedClientException', 'The security token included in the request is invalid.', 400],
  ['InternalFailure', 'We encountered an internal error. Please try again.', 500],
  ['ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503],
  ['ThrottlingException', 'Rate exceeded', 400],
  ['ValidationException', 'The input fails to satisfy the constraints of the service.', 400],
];

/** Every refusal that the service's model names for an operation, and those that all operations share. */
export function documentedFaults(service: FakeService, operation: string): AwsFault[] {
  const { operations, shapes } = modelOf(service);
  const own = (operations[operation]?.errors ?? []).map(({ shape }) => {
    return new AwsFault(shape, `${shape} of the model`, shapes[shape]?.error?.httpStatusCode ?? 400);
  });
  const named = new Set(own.map(({ code }) => code));
  const common = COMMON.filter(([code]) => !named.has(code));
  return [...own, ...common.map(([code, message, status]) => new AwsFault(code, message, status))];
}
