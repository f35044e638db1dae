/**
 * Makes text harmless for a workflow's log: the runner takes a line that begins with `::`, or that holds `##[`
 * anywhere, as a command. A zero-width space inside breaks the command and not the reading.
 */
export function plainLogText(text: string): string {
  // Nearly all text is plain already, and of a training there may be a gigabyte.
  if (!/::|##\[|\r/.test(text)) return text;
  return (
    text
      .split(/\r\n|\n|\r/)
      // The runner's idea of a blank takes in U+0085, JavaScript's does not.
      .map((line) => line.replace(/^([\s\u0085]*):(?=:)/, '$1:\u200b').replaceAll('##[', '#\u200b#['))
      .join('\n')
  );
}

/** As an annotation, which is shown beside code: nothing in it moves a cursor or turns the direction of reading. */
export function plainAnnotation(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd',
  );
}
