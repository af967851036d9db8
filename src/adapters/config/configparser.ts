/**
 * The dialect of Python's configparser (its defaults: BasicInterpolation, strict), in which automx2's files are written.
 * Spec: Python standard library, "configparser", "Supported INI File Structure".
 */

/** A mistake in a configuration file, with its line number, from 1. */
export class ConfigSyntaxError extends Error {
  override readonly name = 'ConfigSyntaxError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** One section in a form that the ini package cannot misread, and the first line of each option. */
export interface NormalisedSection {
  readonly ini: string;
  readonly lines: ReadonlyMap<string, number>;
}

interface Option {
  readonly line: number;
  readonly value: string[];
}
type Section = Map<string, Option>;

const DEFAULT_SECTION = 'DEFAULT';
/** configparser's own limit on nested references. */
const MAX_INTERPOLATION_DEPTH = 10;

/** Splits the text into sections; option names in lower case, values as separate lines. */
function readSections(text: string): Map<string, Section> {
  const sections = new Map<string, Section>([[DEFAULT_SECTION, new Map()]]);
  let section: Section | undefined;
  let option: Option | undefined;
  let optionIndent = 0;
  if (text.startsWith('\ufeff'))
    throw new ConfigSyntaxError(1, 'starts with a byte order mark; save the file without one');
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content.startsWith('#') || content.startsWith(';')) continue;
    if (content === '') {
      option?.value.push('');
      continue;
    }
    const indent = raw.length - raw.trimStart().length;
    if (option !== undefined && indent > optionIndent) {
      option.value.push(content);
      continue;
    }
    optionIndent = indent;
    const header = /^\[(.+)\]/.exec(content)?.[1];
    if (header !== undefined) {
      if (header !== DEFAULT_SECTION && sections.has(header)) {
        throw new ConfigSyntaxError(line, `duplicate section [${header}]`);
      }
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      option = undefined;
      continue;
    }
    if (section === undefined) throw new ConfigSyntaxError(line, 'option outside a section; start with [automx2]');
    const delimiter = content.search(/[=:]/);
    const name = content.slice(0, Math.max(delimiter, 0)).trim().toLowerCase();
    if (name === '') throw new ConfigSyntaxError(line, 'must be "option = value" or a section in brackets');
    if (section.has(name)) throw new ConfigSyntaxError(line, `duplicate option ${name}`);
    option = { line, value: [content.slice(delimiter + 1).trim()] };
    section.set(name, option);
  }
  return sections;
}

/** Replaces `%(name)s` and `%%`; any other `%` stays as it is, unlike in configparser, where it is an error. */
function interpolate(option: Option, values: ReadonlyMap<string, Option>, depth = 0): string {
  if (depth > MAX_INTERPOLATION_DEPTH) throw new ConfigSyntaxError(option.line, 'circular reference');
  const value = option.value.join('\n').trimEnd();
  return value.replace(/%%|%\(([^)]+)\)s/g, (_match, name: string | undefined) => {
    if (name === undefined) return '%';
    const target = values.get(name.toLowerCase());
    if (target === undefined) throw new ConfigSyntaxError(option.line, '%(...)s refers to a missing option');
    return interpolate(target, values, depth + 1);
  });
}

// Only JSON strings survive ini unchanged: ini.safe does not escape the backslash of "a\;b". ini's pattern for a line stops
// at the two line ends of Unicode, which JSON does not escape.
const quote = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);

/**
 * Reads `text` as configparser does and returns one section, with the options of [DEFAULT] that `accepts` knows.
 * Undefined: no such section. Throws ConfigSyntaxError for what configparser refuses.
 */
export function normaliseSection(
  text: string,
  name: string,
  accepts: (option: string) => boolean,
): NormalisedSection | undefined {
  const sections = readSections(text);
  const own = sections.get(name);
  if (own === undefined) return undefined;
  const defaults = [...(sections.get(DEFAULT_SECTION) ?? [])];
  const values = new Map([...defaults, ...own]);
  // [DEFAULT] may define any name for references; in the section itself the caller reports unknown options.
  const chosen = new Map([...defaults.filter(([option]) => accepts(option)), ...own]);
  const lines = [...chosen].map(([option, entry]) => `${quote(option)}=${quote(interpolate(entry, values))}`);
  return {
    ini: [`[${name}]`, ...lines].join('\n'),
    lines: new Map([...chosen].map(([option, { line }]) => [option, line])),
  };
}
