/** From the most to the least verbose; the names are those of the option `loglevel`. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of an entry, in the order of output; undefined ones are omitted. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** The operator's log. An entry is always one line, whatever its text. */
export interface Log {
  /** Whether entries of that level are written; ask before building an expensive entry. */
  keeps(level: LogLevel): boolean;
  /**
   * Never pass a secret or the local part of an address. `said`: what the message says already; machines get it as fields.
   */
  write(level: LogLevel, message: string, fields?: LogFields, said?: LogFields): void;
}
