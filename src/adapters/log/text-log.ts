import { LOG_LEVELS, type Log, type LogFields, type LogLevel } from '../../ports/log.ts';

// Control characters, and what some terminals and viewers take for a line end or a change of direction.
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** The text as one line that cannot be taken for several: a client may have had a say in it. */
const oneLine = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

// A value with a blank, a quote or an equals sign is quoted, so that it cannot be taken for further fields.
const fieldValue = (value: string | number): string => {
  const text = oneLine(String(value));
  return /[\s"=\\]/.test(text) || text === '' ? JSON.stringify(text) : text;
};

/** A log for people: one line an entry, `TIME LEVEL message name=value ...`. */
export class TextLog implements Log {
  readonly #threshold: number;
  readonly #writeLine: (line: string) => void;
  readonly #now: () => Date;

  /** Entries below `level` are dropped. */
  constructor(level: LogLevel, writeLine: (line: string) => void, now: () => Date) {
    this.#threshold = LOG_LEVELS.indexOf(level);
    this.#writeLine = writeLine;
    this.#now = now;
  }

  write(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < this.#threshold) return;
    const pairs = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [` ${name}=${fieldValue(value)}`],
    );
    this.#writeLine(`${this.#now().toISOString()} ${level} ${oneLine(message)}${pairs.join('')}\n`);
  }
}
