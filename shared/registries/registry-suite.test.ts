import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startS3Server } from '../testing/aws/s3-server.ts';
import { startMlflowServer } from '../testing/mlflow-server.ts';
import { type OciServerOptions, startOciServer } from '../testing/oci-server.ts';
import { describeRegistry } from '../testing/registry-suite.ts';
import { openRegistry, parseRegistry } from './registry.ts';

const FOLDER = {
  atomicAlias: true,
  atomicRemove: true,
  atomicAttach: true,
  nativeStanding: false,
  freesBytes: true,
};
const OCI_SERVER = {
  atomicAlias: false,
  atomicRemove: false,
  atomicAttach: true,
  nativeStanding: false,
  freesBytes: false,
};
const MLFLOW = {
  atomicAlias: false,
  atomicRemove: true,
  atomicAttach: true,
  nativeStanding: true,
  freesBytes: true,
};

describeRegistry('a folder', FOLDER, async (folder) => ({
  open: (options) => {
    const location = parseRegistry(`oci-layout:${join(folder, 'store')}`, 'churn');
    return openRegistry(location, { ...options, env: {} });
  },
}));

const account = { username: 'ann', password: 'pass:word' };
const servers: [title: string, OciServerOptions][] = [
  ['a registry with the referrers API', { referrersApi: true }],
  ['a registry without the referrers API', {}],
  ['a registry with basic authentication', { auth: { kind: 'basic', ...account } }],
  ['a registry with tokens', { referrersApi: true, auth: { kind: 'token', ...account } }],
];
for (const [title, serverOptions] of servers) {
  describeRegistry(title, OCI_SERVER, async (folder) => {
    const server = await startOciServer(serverOptions);
    const auth = Buffer.from(`${account.username}:${account.password}`).toString('base64');
    const auths = serverOptions.auth ? { [server.host]: { auth } } : {};
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
    const location = parseRegistry(`oci://${server.host}/team/models`, 'churn');
    return {
      open: (options) => openRegistry(location, { ...options, env: { DOCKER_CONFIG: folder } }),
      requests: server.requests,
      close: server.close,
    };
  });
}

describeRegistry('a tracking server of MLflow', MLFLOW, async () => {
  const server = await startMlflowServer();
  const location = parseRegistry(`mlflow:${server.url}`, 'churn');
  return {
    open: (options) => openRegistry(location, { ...options, env: {} }),
    requests: server.requests,
    close: server.close,
  };
});

describeRegistry('a tracking server of MLflow, with the bytes in a bucket', MLFLOW, async () => {
  const [server, bucket] = await Promise.all([startMlflowServer(), startS3Server()]);
  const location = parseRegistry(`mlflow:${server.url}`, 'churn');
  return {
    open: (options) => {
      return openRegistry(location, { ...options, env: bucket.env, artifacts: 's3://models/production' });
    },
    requests: server.requests,
    close: async () => {
      expect([...server.artifacts.keys()]).toEqual([]);
      await Promise.all([server.close(), bucket.close()]);
    },
  };
});
