import type { Log, LogFields, LogLevel } from '../../src/ports/log.ts';

export interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its entries for the test to look at. */
export class MemoryLog implements Log {
  readonly entries: Entry[] = [];

  keeps(): boolean {
    return true;
  }

  write(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.entries.push({ level, message, fields });
  }
}
