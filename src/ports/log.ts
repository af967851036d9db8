/** From the most talkative to the most silent; the names are those of the option `loglevel`. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Facts beside a message, in the order in which they shall be read. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Where the daemon tells its operator what happens. Whatever a text holds, an entry stays one line. */
export interface Log {
  /** Whether entries of that level are kept; for those that cost something to make. */
  keeps(level: LogLevel): boolean;
  /** Never hand it a secret or the local part of an address. */
  write(level: LogLevel, message: string, fields?: LogFields): void;
}
