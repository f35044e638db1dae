/** Keeping secrets out of records: the runner masks its own log, but not the files that an action writes. */

const SECRET_NAME =
  /(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|API_?KEY|ACCESS_KEY|PRIVATE_KEY|AUTH)(_|$)/i;
/** Shorter values would turn ordinary words into stars. */
const SHORTEST = 6;

/**
 * A function that replaces by `***` the values of variables that are named like secrets, in plain form and in
 * each of their lines.
 */
export function secretMask(
  env: NodeJS.ProcessEnv,
  more: readonly (string | undefined)[] = [],
): (text: string) => string {
  const named = Object.entries(env).filter(([name]) => SECRET_NAME.test(name.replace(/-/g, '_')));
  const values = [...named.map(([, value]) => value), ...more]
    .flatMap((value) => [value ?? '', ...(value ?? '').split('\n')])
    .map((value) => value.trim())
    .filter((value) => value.length >= SHORTEST);
  const longestFirst = [...new Set(values)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
