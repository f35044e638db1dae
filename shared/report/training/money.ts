/** How money and energy read, in the comment and on the page. */
import type { Gain, TrainingRun } from '../../records/training-run.ts';
import { formatDuration, formatNumber, formatShare, plainNumber } from '../numbers.ts';

type Spent = Pick<TrainingRun, 'cost' | 'energy'>;

/** `$1.87, 0.42 kWh`, or `about $2.00` while it runs; empty where nothing is known. */
export function moneyInShort({ cost, energy }: Spent): string {
  const parts: string[] = [];
  if (cost && cost.actualUsd !== null) parts.push(formatUsd(cost.actualUsd));
  else if (cost && cost.estimateUsd !== null) parts.push(`about ${formatUsd(cost.estimateUsd)}`);
  if (energy) parts.push(formatEnergy(energy.kilowattHours));
  return parts.join(', ');
}

/** What it cost and what was saved or wasted of it; empty where neither money nor energy is known. */
export function moneyRows({ cost, energy }: Spent): [what: string, was: string][] {
  const rows: [string, string][] = [];
  if (cost) {
    const { machine, region, market, usdPerHour, count, priceSource, estimateUsd, actualUsd, budgetUsd } =
      cost;
    rows.push(['machine', `${machine}${region === null ? '' : ` in ${region}`}, ${market}`]);
    rows.push(['price', `${formatRate(usdPerHour, count)}, by ${priceSource}`]);
    if (estimateUsd !== null) rows.push(['estimated before', formatUsd(estimateUsd)]);
    rows.push(['cost', actualUsd === null ? 'not known yet' : formatUsd(actualUsd)]);
    if (budgetUsd !== null) rows.push(['budget', budgetText(budgetUsd, actualUsd)]);
    if (cost.spotSavingShare !== null)
      rows.push(['saved by spot', savingText(cost.spotSavingShare, actualUsd)]);
    if (cost.gain && actualUsd !== null) rows.push(['bought', gainSentence(cost.gain, actualUsd)]);
  }
  if (energy) {
    const { kilowattHours, idleShare, unknownSeconds } = energy;
    if (idleShare !== null) rows.push(['no GPU at work', idleText(idleShare, cost?.actualUsd ?? null)]);
    // Less than this is the time until the first sample.
    const unknown = unknownSeconds < 1 ? '' : `; nothing is known of ${formatDuration(unknownSeconds)}`;
    rows.push(['energy of the GPUs', `${formatEnergy(kilowattHours)}${unknown}`]);
  }
  return rows;
}

function budgetText(budgetUsd: number, actualUsd: number | null): string {
  const used =
    actualUsd === null || budgetUsd === 0
      ? ''
      : `, of which ${formatShare(actualUsd / budgetUsd, 0)} is used`;
  return `${formatUsd(budgetUsd)}${used}`;
}

/** Of the price on demand, so that what was paid is the rest. */
function savingText(share: number, actualUsd: number | null): string {
  const saved = actualUsd === null || share >= 1 ? '' : `, ${formatUsd((actualUsd * share) / (1 - share))}`;
  return `${formatShare(share, 0)}${saved}`;
}

function idleText(share: number, actualUsd: number | null): string {
  const wasted = actualUsd === null ? '' : `, ${formatUsd(actualUsd * share)}`;
  return `${formatShare(share, 0)} of the time${wasted}`;
}

/** Three significant digits, in the unit that a person knows from a bill. */
function formatEnergy(kilowattHours: number): string {
  if (kilowattHours < 0.1) {
    const wattHours = kilowattHours * 1000;
    return `${formatNumber(wattHours, wattHours < 10 ? 2 : 1)} Wh`;
  }
  return `${formatNumber(kilowattHours, kilowattHours < 10 ? 2 : kilowattHours < 100 ? 1 : 0)} kWh`;
}

/** One sentence: `$1.20 for accuracy from 0.91 to 0.93: $0.60 for each 0.01.` */
export function gainSentence({ metric, before, after, usdPerHundredth }: Gain, spentUsd: number): string {
  const change = `${metric} from ${plainNumber(before, 4)} to ${plainNumber(after, 4)}`;
  return usdPerHundredth === null
    ? `${formatUsd(spentUsd)} and no gain: ${change}.`
    : `${formatUsd(spentUsd)} for ${change}: ${formatUsd(usdPerHundredth)} for each 0.01.`;
}

/** `$1,204.50`; below a cent in words, since `$0.00` would say that it was free. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.005) return 'less than one cent';
  return `$${formatNumber(usd, 2)}`;
}

/** `$1.006 an hour`, `2 × $1.50 an hour`: at least cents, and every digit that AWS asks. */
export function formatRate(usdPerHour: number, count: number): string {
  const digits = plainNumber(usdPerHour);
  const amount = /\.\d\d/.test(digits) ? digits : formatNumber(usdPerHour, 2);
  return `${count === 1 ? '' : `${count} × `}$${amount} an hour`;
}
