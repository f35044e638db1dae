/** EC2 in memory: what is launched is kept with its tags; a launch asked for twice with the same token is one. */
import { AwsError } from '../../aws/aws-error.ts';
import type { Machine, Machines } from '../../aws/machines.ts';
import type { MachineImage, MachineRequest } from '../../aws/run-instances-input.ts';
import { UserError } from '../../errors.ts';

export interface StoredMachine extends Machine {
  userData: string;
}

export class MachinesInMemory implements Machines {
  readonly all: StoredMachine[] = [];
  /** How the next launches are refused, in order; undefined: taken. */
  refusals: (string | undefined)[] = [];
  readonly requests: MachineRequest[] = [];
  /** Called before a machine is ended by request. */
  onEnd: (machine: StoredMachine) => void = () => {};
  private readonly byToken = new Map<string, StoredMachine>();
  private readonly now: () => Date;

  constructor(now: () => Date) {
    this.now = now;
  }

  get alive(): StoredMachine[] {
    return this.all.filter(({ state }) => state !== 'terminated');
  }

  async image(id: string): Promise<MachineImage> {
    if (id !== 'ami-0123456789abcdef0')
      throw new UserError(`There is no machine image ${id} in this region.`);
    return { id, architecture: 'x64', rootDevice: '/dev/sda1', volumeGiB: 8 };
  }

  async launch(request: MachineRequest): Promise<Machine> {
    this.requests.push(request);
    const known = this.byToken.get(request.token);
    if (known) return { ...known };
    const code = this.refusals.shift();
    if (code) throw refusal(code);
    const machine: StoredMachine = {
      id: `i-${String(this.all.length + 1).padStart(17, '0')}`,
      ...{ state: 'running', stateReason: null, type: request.type, market: request.market },
      ...{ zone: 'eu-central-1a', launchedAt: this.now(), tags: { ...request.tags } },
      userData: request.userData,
    };
    this.all.push(machine);
    this.byToken.set(request.token, machine);
    return { ...machine };
  }

  async find(tags: Readonly<Record<string, string>>): Promise<Machine[]> {
    const asked = Object.entries(tags);
    return this.alive
      .filter((machine) => asked.every(([name, value]) => machine.tags[name] === value))
      .map((machine) => ({ ...machine }));
  }

  async look(id: string): Promise<Machine | undefined> {
    const machine = this.all.find((one) => one.id === id);
    return machine && { ...machine };
  }

  async end(id: string): Promise<void> {
    const machine = this.alive.find((one) => one.id === id);
    if (!machine) return;
    this.onEnd(machine);
    machine.state = 'terminated';
    machine.stateReason = 'Client.UserInitiatedShutdown';
  }

  async printed(): Promise<string> {
    return 'mlops-runner: waits for its job\n';
  }
}

export function refusal(code: string): AwsError {
  const cause = new Error(code);
  return new AwsError(`AWS refused to launch a machine (${code}).`, {
    ...{ fix: '', cause, code },
    said: code,
  });
}
