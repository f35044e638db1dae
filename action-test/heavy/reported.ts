/** What a tool says of its own numbers, from what the program beside its sample prints. */

/** By file and by key. */
export type Reported = Record<string, Record<string, number>>;

/** `{file: {key: number, or an object of them}}` on the last line; keys of nested objects are joined by dots. */
export function fromJson(output: string): Reported {
  const files = JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, object>;
  return Object.fromEntries(Object.entries(files).map(([file, values]) => [file, flat(values)]));
}

function flat(values: object, prefix = ''): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'number') numbers[prefix + key] = value;
    else if (value !== null && typeof value === 'object')
      Object.assign(numbers, flat(value, `${prefix}${key}.`));
    else if (PYTHON.test(String(value))) numbers[prefix + key] = pythonFloat(String(value));
  }
  return numbers;
}

const PYTHON = /^-?(inf|nan|[\d.]+(e[+-]?\d+)?)$/;

/** Of a number that MLflow stores, which writes the largest one there is for an infinite one. */
function pythonFloat(text: string): number {
  const value = Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
  return Math.abs(value) === Number.MAX_VALUE ? value * 2 : value;
}

/**
 * lm-eval's tables, each behind `# folder`: the value of a task, filter and metric, to four digits. A task that belongs
 * to a group has dashes before it; a filter or task that is not repeated is that of the line before.
 */
export function fromTables(output: string): Reported {
  const reported: Reported = {};
  let folder = '';
  let [task, filter] = ['', ''];
  for (const line of output.split('\n')) {
    folder = /^# (\S+)/.exec(line)?.[1] ?? folder;
    const cells = line.split('|').map((cell) => cell.trim());
    const [, name = '', , filterCell = '', , metric = '', , value = ''] = cells;
    if (cells.length < 10 || !/^\d+\.\d+$/.test(value)) continue;
    task = name.replace(/^-\s*/, '') || task;
    filter = filterCell || filter;
    reported[folder] = { ...reported[folder], [`${task}.${metric},${filter}`]: Number(value) };
  }
  return reported;
}

/** promptfoo's count of tests that passed, of one evaluation after the other. */
export function fromCounts(output: string): Reported {
  const counts = (word: string) =>
    [...output.matchAll(new RegExp(`(\\d+) ${word} \\(`, 'g'))].map(([, n]) => Number(n));
  const [failed, errors] = [counts('failed'), counts('errors')];
  return Object.fromEntries(
    counts('passed').map((passed, index) => [
      `results-${index + 1}.json`,
      { pass_rate: passed / (passed + failed[index]! + errors[index]!) },
    ]),
  );
}
