/** The alarms that the fake keeps. */

export interface Alarm {
  /** As it was put. */
  fields: Record<string, unknown>;
  state: AlarmState;
  reason: string;
  putAt: number;
  updatedAt: number;
  changedAt: number;
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
/** By name. */
export type AlarmBook = Map<string, Alarm>;
