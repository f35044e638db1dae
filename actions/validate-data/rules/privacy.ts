/** Rules about personal data, and what the values of a person's identifiers look like. */
import { quoteText } from '../../../shared/data/sql-text.ts';
import { PERSONAL_KINDS, type PersonalKind } from '../../../shared/records/personal-kinds.ts';
import { FORMATS } from '../formats.ts';
import { limitOf } from '../rule.ts';
import { type ColumnOfRule, type Made, ownRule, ruleWords } from './rule-context.ts';

const PHONES = [
  String.raw`\+[0-9][0-9 ()./-]{6,18}[0-9]`,
  String.raw`(\+?1[ .-]?)?(\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}`,
  String.raw`\(?0[1-9][0-9]{1,4}\)?[ /-][0-9]{2,4}([ /-]?[0-9]{2,4}){1,3}`,
];

/** US social security, UK national insurance, Italian codice fiscale. */
const NATIONAL_NUMBERS = [
  '(00[1-9]|0[1-9][0-9]|[1-578][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])-(0[1-9]|[1-9][0-9])-(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})',
  '[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]',
  '[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]',
];

/** A card number's first digits by network, before the check digit decides. */
const CARD =
  '(4[0-9]{12}([0-9]{3}){0,2}|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3(0[0-5]|[68][0-9])[0-9]{11}|6(011|5[0-9]{2})[0-9]{12}|35[0-9]{14}|62[0-9]{14,17})';

/**
 * The condition that a text is of a kind; false for null. What it costs little to know comes first and, since the engine
 * works out all that stands in an AND, in a CASE: how long such a text can be, and how it can begin.
 */
export function looksPersonal(kind: PersonalKind, column: Pick<ColumnOfRule, 'sql'>): string {
  const text = `trim(${column.sql}::VARCHAR)`;
  const matches = (patterns: readonly string[], of = text): string =>
    `regexp_full_match(${of}, ${quoteText(patterns.map((pattern) => `(${pattern})`).join('|'))})`;
  const first = `substr(${text}, 1, 1)`;
  switch (kind) {
    case 'email':
      return onlyIf(`${text} LIKE '%@%'`, matches([FORMATS.email!]));
    case 'phone':
      return onlyIf(`length(${text}) BETWEEN 8 AND 28 AND ${first} BETWEEN '(' AND '9'`, matches(PHONES));
    case 'nationalNumber':
      return onlyIf(`length(${text}) BETWEEN 9 AND 16`, matches(NATIONAL_NUMBERS));
    case 'ipAddress': {
      const version4 = onlyIf(
        `length(${text}) BETWEEN 7 AND 15 AND ${text} LIKE '%.%.%.%'`,
        matches([FORMATS.ipv4!]),
      );
      return `${version4} OR ${onlyIf(`${text} LIKE '%:%:%'`, matches([FORMATS.ipv6!]))}`;
    }
    case 'card': {
      const digits = `regexp_replace(${text}, '[ -]', '', 'g')`;
      const shape = onlyIf(
        `length(${text}) BETWEEN 13 AND 24`,
        `${matches(['[0-9]{4}[0-9 -]{8,19}[0-9]'])} AND ${matches([CARD], digits)}`,
      );
      return onlyIf(shape, luhn(digits));
    }
    case 'iban': {
      const letters = `upper(replace(${text}, ' ', ''))`;
      const shape = onlyIf(
        `length(${text}) >= 15 AND ${first} >= 'A'`,
        matches(['[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}'], letters),
      );
      return onlyIf(shape, `${ibanRemainder(letters)} = 1`);
    }
  }
}

/** False, too, where the one or the other is null. */
const onlyIf = (before: string, condition: string): string =>
  `COALESCE(CASE WHEN ${before} THEN ${condition} ELSE false END, false)`;

/** ISO/IEC 7812-1: from the right every second digit doubled, its digits summed; the whole is a multiple of ten. */
function luhn(digits: string): string {
  const digit = `CAST(substr(reverse(${digits}), i::INTEGER, 1) AS INTEGER)`;
  return `list_sum(list_transform(range(1, length(${digits}) + 1),
    lambda i: CASE WHEN i % 2 = 1 THEN ${digit} ELSE ${digit} * 2 - CASE WHEN ${digit} > 4 THEN 9 ELSE 0 END END)) % 10 = 0`;
}

/** ISO 7064 MOD 97-10 of the number that the letters stand for, the first four characters last. */
function ibanRemainder(letters: string): string {
  const turned = `concat(substr(${letters}, 5), substr(${letters}, 1, 4))`;
  const values = `list_transform(string_split(${turned}, ''),
    lambda c: CASE WHEN c >= 'A' THEN ascii(c) - 55 ELSE ascii(c) - 48 END)`;
  return `list_reduce(list_prepend(0, ${values}), lambda a, d: (a * CASE WHEN d > 9 THEN 100 ELSE 10 END + d) % 97)`;
}

/** Whether a column can hold identifiers of persons: texts, and for cards whole numbers. */
export function mayBePersonal(
  { kind, type }: Pick<ColumnOfRule, 'kind' | 'type'>,
  personal: PersonalKind,
): boolean {
  return (
    (kind === 'text' && /^(VARCHAR|ENUM.*)$/.test(type)) ||
    (personal === 'card' && /^(BIGINT|UBIGINT|HUGEINT)$/.test(type))
  );
}

/** `personalData`: rows with a value that looks like a person's. On the object it is asked of every column. */
export const personalData = ownRule('personalData', (given, context) => {
  const limit = limitOf(given);
  const kinds = given.kinds ?? PERSONAL_KINDS;
  const allowed = new Set(
    (given.allowed ?? []).map((name, index) => context.find(name, 'allowed', index).name),
  );
  const of = (column: ColumnOfRule): Made => {
    const possible = kinds.filter((kind) => mayBePersonal(column, kind));
    const failing = possible.map((kind) => looksPersonal(kind, column)).join(' OR ') || 'false';
    return {
      words: ruleWords('personalData', given.kinds ? given.kinds.join(', ') : '', limit),
      problem: 'value looks like personal data',
      limit,
      columns: [column.name],
      test: { kind: 'rows', failing, shown: [column.name] },
    };
  };
  if (context.column) return of(context.column);
  const searched = context.columns.filter(
    (column) => !allowed.has(column.name) && kinds.some((kind) => mayBePersonal(column, kind)),
  );
  if (searched.length > 0) return searched.map(of);
  return {
    words: ruleWords('personalData', '', limit),
    problem: '',
    test: { kind: 'settled', verdict: 'pass', observed: 'no column of text' },
  };
});
