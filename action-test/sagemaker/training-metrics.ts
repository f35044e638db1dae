/** The last value that each metric definition found in the output. */
export function finalMetrics(
  lines: readonly string[],
  definitions: readonly { Name: string; Regex: string }[],
  at: number,
): { MetricName: string; Value: number; Timestamp: number }[] {
  return definitions.flatMap(({ Name, Regex }) => {
    const pattern = new RegExp(Regex);
    const found = lines.flatMap((line) => {
      const [, text] = pattern.exec(line) ?? [];
      return text !== undefined && Number.isFinite(Number(text)) ? [Number(text)] : [];
    });
    const Value = found.at(-1);
    return Value === undefined ? [] : [{ MetricName: Name, Value, Timestamp: at / 1000 }];
  });
}
