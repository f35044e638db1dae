/** The lowest strip of a canary: how the evidence came to its limits. */
import type { Deployment, Look } from '../../records/deployment.ts';
import { type Html, html } from '../page/html.ts';
import {
  at,
  axisLeft,
  type ChartTools,
  domainOf,
  label,
  type Point,
  type Scale,
  spread,
  type Tone,
  thin,
} from './chart.ts';

/** Where the strips begin and end. */
export const LEFT = 46;
export const RIGHT = 575;

export type Seconds = (instant: string) => number;

interface Evidence {
  name: string;
  tone: Tone;
  values: (look: Look) => number | null;
}

const EVIDENCE: Evidence[] = [
  { name: 'roll back: errors', tone: 'bad', values: (look) => look.logE.rollbackErrors },
  { name: 'roll back: latency', tone: 'bad', values: (look) => look.logE.rollbackLatency },
  { name: 'roll back: predictions', tone: 'bad', values: (look) => look.logE.rollbackPredictions },
  {
    name: 'roll back: ceiling',
    tone: 'bad',
    values: (look) => best(look.logE.ceiling, look.logE.slowCeiling),
  },
  { name: 'promote: errors', tone: 'good', values: promotesErrors },
  {
    name: 'promote: latency',
    tone: 'good',
    values: (look) => look.logE.promoteFastEnough ?? best(look.logE.promoteLatency, look.logE.promoteFast),
  },
];

/** What speaks for a promotion by the errors. */
export function promotesErrors({ logE }: Look): number | null {
  return logE.promoteBelowCeiling ?? best(logE.promoteErrors, logE.promoteClean);
}

/** The stronger of two tests that each suffice; null where neither is made. */
function best(first: number | null, second: number | null): number | null {
  if (first === null || second === null) return first ?? second;
  return Math.max(first, second);
}

/** The log e-values against the limits at which they act. */
export function evidenceStrip(
  tools: ChartTools,
  x: Scale,
  looks: readonly Look[],
  limits: Deployment['limits'],
  seconds: Seconds,
  lower: number,
): Html {
  // Without a champion in the same minutes nothing is compared with it.
  const isAlone = looks.every(({ weight }) => weight === 100);
  const shown = EVIDENCE.filter(
    ({ name, values }) =>
      looks.some((look) => values(look) !== null) && !(isAlone && name === 'roll back: errors'),
  );
  const all = shown.flatMap(({ values }) => looks.map((look) => values(look) ?? Number.NaN));
  const bounds = limits ? [limits.rollback, limits.promote] : [];
  const [low, high] = domainOf(all, [0, ...bounds]);
  // Far below zero nothing is decided: that part is cut, so that the way to the limits can be seen.
  const y = tools.linear([Math.max(low, -Math.abs(high)), high * 1.1], [446 + lower, 336 + lower]);
  const bottom = y.domain()[0]!;
  const drawn = thin(looks, 200);
  const ends = shown.map(({ values }) => Math.max(bottom, values(looks.at(-1)!) ?? 0));
  const places = spread(
    ends.map((value) => y(value)),
    12,
  );
  const excess = Math.max(0, Math.max(...places, 0) - 450 - lower);
  // The name of the higher line stands above it, that of the lower one below, since they are often close.
  const limitLine = (value: number, name: string, kind: 'limit' | 'goal') => {
    const isLower = value < Math.max(...bounds);
    return html`<path class="${kind}" d="M${LEFT} ${at(y(value))}H${RIGHT}"/><text class="${kind}-name" x="${LEFT + 4}" y="${at(y(value) + (isLower ? 12 : -4))}">${name}</text>`;
  };
  const limitLines =
    limits && Math.abs(limits.rollback - limits.promote) < 0.05
      ? limitLine(limits.rollback, 'both limits: roll back, promote', 'limit')
      : limits && [
          limitLine(limits.rollback, 'rolls back above', 'limit'),
          limitLine(limits.promote, 'promotes above', 'goal'),
        ];
  const lines = shown.map(({ name, tone, values }, index) => {
    const points = drawn.map((look): Point => {
      const value = values(look);
      return [x(seconds(look.endedAt)), value === null ? Number.NaN : y(Math.max(bottom, value))];
    });
    const dashed = name.endsWith('latency') ? ' dashed' : '';
    return html`<path class="${tone} line thin${dashed}" d="${tools.line(points)}"/>${label(RIGHT + 6, places[index]! - excess, name, tone)}`;
  });
  // The names of the limits stand over the lines.
  return html`${axisLeft(y, LEFT, RIGHT, 'evidence, log e-value', 4)}${lines}${limitLines}`;
}
