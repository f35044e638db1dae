/** What one check found. */
export interface Finding {
  passed: boolean;
  /** Plain text, a clause without a full stop. */
  said: string;
}
