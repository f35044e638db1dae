/**
 * Makes text harmless for a workflow's log: the runner takes a line that begins with `::`, or that holds `##[`
 * anywhere, as a command. A zero-width space inside breaks the command and not the reading.
 */
export function plainLogText(text: string): string {
  return (
    text
      .split(/\r\n|\n|\r/)
      // The runner's idea of a blank takes in U+0085, JavaScript's does not.
      .map((line) => line.replace(/^([\s\u0085]*):(?=:)/, '$1:\u200b').replaceAll('##[', '#\u200b#['))
      .join('\n')
  );
}
