/** What values of a column may say of a person. */
export const PERSONAL_KINDS = ['email', 'phone', 'card', 'iban', 'nationalNumber', 'ipAddress'] as const;
export type PersonalKind = (typeof PERSONAL_KINDS)[number];
