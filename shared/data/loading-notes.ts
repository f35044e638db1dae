/** A folder may have any number of partitions, and their names any length. */
const MOST_NOTES = 20;
const LONGEST_NOTE = 300;

/**
 * What was found out or done on the way to a table, as a record keeps it: no more than fits a report.
 * @param of what the table is, where it is not the data themselves.
 */
export function loadingNotes(notes: readonly string[], of?: string): string[] {
  const shown = notes.slice(0, MOST_NOTES).map((note) => {
    const text = of === undefined ? note : `${of}: ${note}`;
    const characters = [...text];
    return characters.length > LONGEST_NOTE ? `${characters.slice(0, LONGEST_NOTE - 1).join('')}…` : text;
  });
  const more = notes.length - shown.length;
  return more > 0 ? [...shown, `And ${more} more: see the log.`] : shown;
}
