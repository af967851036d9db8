import { LOG_LEVELS, type Log, type LogFields, type LogLevel } from '../../ports/log.ts';

/** text: for people; journal: text without time, with systemd's priorities; json: for machines. */
export type LogFormat = 'text' | 'journal' | 'json';

export interface LineLogOptions {
  /** Entries below it are dropped. */
  readonly level: LogLevel;
  readonly format: LogFormat;
}

// Control characters, and what some terminals and viewers interpret as a line end or a change of direction.
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** The text made safe for a terminal: one line, without control characters. */
export const escapeUnprintable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

// A value with a blank, a quote or an equals sign is quoted, so that it cannot forge further fields.
function fieldValue(value: string | number): string {
  const text = escapeUnprintable(String(value));
  return /[\s"=\\]/.test(text) || text === '' ? JSON.stringify(text) : text;
}

function text(message: string, fields: LogFields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}=${fieldValue(value)}`],
  );
  return escapeUnprintable(message) + pairs.join('');
}

/** Priorities of the journal (sd-daemon(3)), in the order of LOG_LEVELS. */
const JOURNAL_PRIORITIES = [7, 6, 4, 3, 2];

/** What a line for the journal begins with. */
export const journalPriority = (level: LogLevel): string => `<${JOURNAL_PRIORITIES[LOG_LEVELS.indexOf(level)]}>`;

interface Entry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
  readonly said: LogFields;
}

const FORMATS: Readonly<Record<LogFormat, (entry: Entry) => string>> = {
  text: ({ time, level, message, fields }) => `${time.toISOString()} ${level} ${text(message, fields)}`,
  journal: ({ level, message, fields }) => journalPriority(level) + text(message, fields),
  // JSON.stringify escapes line ends and control characters, and omits undefined fields.
  json: ({ time, level, message, fields, said }) =>
    escapeUnprintable(JSON.stringify({ time: time.toISOString(), level, message, ...said, ...fields })),
};

/** The longest line, in octets, its end included; the journal splits lines at 48 KiB. */
const MAX_LINE_OCTETS = 8_192;
/** In a line that is too long, each text is cut to this many characters, then to half of that, until the line fits. */
const FIRST_CUT = 2_048;

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

const shorter = (fields: LogFields, length: number): LogFields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? cut(value, length) : value]),
  );

/** A log that writes one line per entry. */
export class LineLog implements Log {
  readonly #writeLine: (line: string) => void;
  readonly #now: () => Date;
  #threshold = 0;
  #format: LogFormat = 'text';

  constructor(options: LineLogOptions, writeLine: (line: string) => void, now: () => Date) {
    this.#writeLine = writeLine;
    this.#now = now;
    this.configure(options);
  }

  /** Changes level and format of later entries. */
  configure({ level, format }: LineLogOptions): void {
    this.#threshold = LOG_LEVELS.indexOf(level);
    this.#format = format;
  }

  keeps(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#threshold;
  }

  write(level: LogLevel, message: string, fields: LogFields = {}, said: LogFields = {}): void {
    if (!this.keeps(level)) return;
    const write = FORMATS[this.#format];
    const entry: Entry = { time: this.#now(), level, message, fields, said };
    let line = write(entry);
    for (let length = FIRST_CUT; Buffer.byteLength(line) >= MAX_LINE_OCTETS; length /= 2) {
      line = write({
        ...entry,
        message: cut(message, length),
        fields: shorter(fields, length),
        said: shorter(said, length),
      });
    }
    this.#writeLine(`${line}\n`);
  }
}
