/** Data hidden in a text on GitHub: JSON in an HTML comment, which nobody sees and GitHub keeps as it is. */

/**
 * In texts `<`, `>` and `-` are written so that nothing inside can end the comment; numbers keep their sign.
 * @param marker such as `mlops-actions:section`
 */
export function hideJson(marker: string, data: object): string {
  const json = JSON.stringify(data).replace(/"(?:[^"\\]|\\.)*"/g, (text) =>
    text.replace(/[<>-]|[\u007f-\u009f\u2028\u2029]/g, (c) => {
      return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
    }),
  );
  return `<!-- ${marker} ${json} -->`;
}

/**
 * All that is hidden under a marker, in order; undefined stands for what is no JSON. Anybody who may write the text may
 * have written it: hold it to a schema.
 */
export function readHiddenJson(text: string, marker: string): unknown[] {
  return [...text.matchAll(new RegExp(`<!-- ${marker} (\\{[^<>]*\\}) -->`, 'g'))].map((match) => {
    try {
      return JSON.parse(match[1]!) as unknown;
    } catch {
      return undefined;
    }
  });
}
