/** `text` with its first letter large, as a clause that becomes a sentence; an empty text stays empty. */
export const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
