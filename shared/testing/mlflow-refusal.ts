/** What the server refuses. */
export class MlflowRefusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const invalid = (message: string) => new MlflowRefusal(400, 'INVALID_PARAMETER_VALUE', message);
