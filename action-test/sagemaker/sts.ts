/** The one call to STS that the actions make. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import { FAKE_ACCOUNT } from '../../shared/testing/aws/s3-server.ts';
import type { ExchangeResponse } from '../../shared/testing/http-exchange.ts';

/** @throws AwsFault */
export function answerSts(response: ExchangeResponse, operation: string): void {
  if (operation !== 'GetCallerIdentity')
    throw new AwsFault('InvalidAction', `The fake knows no ${operation}`);
  const arn = `arn:aws:sts::${FAKE_ACCOUNT}:assumed-role/ci/job`;
  const identity = `<UserId>AROAFAKE:job</UserId><Account>${FAKE_ACCOUNT}</Account><Arn>${arn}</Arn>`;
  const result = `<GetCallerIdentityResult>${identity}</GetCallerIdentityResult>`;
  send(response, 200, `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`);
}

export function sendStsFault(response: ExchangeResponse, { status, code, message }: AwsFault): void {
  const text = `<Type>Sender</Type><Code>${code}</Code><Message>${message}</Message>`;
  send(response, status, `<ErrorResponse><Error>${text}</Error><RequestId>fake</RequestId></ErrorResponse>`);
}

const send = (response: ExchangeResponse, status: number, xml: string): void => {
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(xml);
};
