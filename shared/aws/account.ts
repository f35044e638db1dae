import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { UserError } from '../errors.ts';
import { awsError } from './aws-error.ts';
import { type AwsOptions, clientSettings } from './client-settings.ts';

/** The number of the account that the credentials belong to, from STS. */
export async function accountNumber(options: AwsOptions): Promise<string> {
  const client = new STSClient(clientSettings('STS', options));
  const signal = options.signal ? { abortSignal: options.signal } : {};
  try {
    const { Account } = await client.send(new GetCallerIdentityCommand({}), signal);
    if (Account) return Account;
  } catch (error) {
    options.signal?.throwIfAborted();
    const what = 'find out the account of these credentials';
    throw awsError(error, { what, permission: 'sts:GetCallerIdentity', resource: 'everything' }, options.env);
  }
  throw new UserError('AWS does not say which account the credentials belong to.', {
    fix: 'Name a place in S3 by artifacts.',
  });
}
