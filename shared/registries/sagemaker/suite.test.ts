import { expect } from 'vitest';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from '../../../action-test/sagemaker/fake.ts';
import { describeRegistry } from '../../testing/registry-suite.ts';
import { openRegistry, parseRegistry } from '../registry.ts';

const CAPABILITIES = {
  atomicAlias: true,
  atomicRemove: true,
  atomicAttach: true,
  nativeStanding: true,
  freesBytes: true,
};

/** The services as they should be, and servers that stand in for them with less. */
const servers: [title: string, FakeAwsOptions][] = [
  ['SageMaker', { pageSize: 2 }],
  ['a stand-in for SageMaker that forgets', { updateErases: true, ignoresClientToken: true }],
];

for (const [title, serverOptions] of servers) {
  describeRegistry(title, CAPABILITIES, async () => {
    const fake = await startFakeAws(serverOptions);
    return {
      open: (options) => openRegistry(parseRegistry('sagemaker:', 'churn'), { ...options, env: fake.env }),
      // All of SageMaker's own requests are POST: here they are told by what they do.
      get requests() {
        return fake.calls.map(({ operation }) => `${isWriting(operation) ? 'POST' : 'GET'} ${operation}`);
      },
      close: () => close(fake),
    };
  });
}

const isWriting = (operation: string): boolean =>
  /^(Create|Update|Delete|Add|Put|Upload|Complete)/.test(operation);

async function close(fake: FakeAws): Promise<void> {
  await fake.close();
  expect(fake.mistakes).toEqual([]);
}
