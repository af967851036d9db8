/**
 * The dialect of Python's configparser (its defaults: BasicInterpolation, strict), in which automx2's files are written.
 * Spec: Python standard library, "configparser", "Supported INI File Structure".
 */

/** A mistake in a configuration file, with the number of its line, from 1. */
export class ConfigSyntaxError extends Error {
  override readonly name = 'ConfigSyntaxError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** One section in a form that the ini package cannot misread, and the line on which each of its options began. */
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
/** configparser's own bound on references that lead to references. */
const MAX_INTERPOLATION_DEPTH = 10;

/** Splits the text into sections, and values into their lines. Option names are in lower case. */
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
    if (section === undefined) throw new ConfigSyntaxError(line, 'is before the first section; begin with [automx2]');
    const delimiter = content.search(/[=:]/);
    const name = content.slice(0, Math.max(delimiter, 0)).trim().toLowerCase();
    if (name === '') throw new ConfigSyntaxError(line, 'is not "option = value" nor a section in brackets');
    if (section.has(name)) throw new ConfigSyntaxError(line, `duplicate option ${name}`);
    option = { line, value: [content.slice(delimiter + 1).trim()] };
    section.set(name, option);
  }
  return sections;
}

/** Fills in `%(name)s` and turns `%%` into `%`. Any other `%` is kept, where configparser refuses it. */
function interpolate(option: Option, values: ReadonlyMap<string, Option>, depth = 0): string {
  if (depth > MAX_INTERPOLATION_DEPTH) throw new ConfigSyntaxError(option.line, 'references form a circle');
  const value = option.value.join('\n').trimEnd();
  return value.replace(/%%|%\(([^)]+)\)s/g, (_match, name: string | undefined) => {
    if (name === undefined) return '%';
    const target = values.get(name.toLowerCase());
    if (target === undefined)
      throw new ConfigSyntaxError(option.line, '%(...)s refers to an option that does not exist');
    return interpolate(target, values, depth + 1);
  });
}

// JSON texts are the only form that ini reads back unchanged: ini.safe does not escape the backslash of "a\;b". Its
// pattern for a line ends at the two line separators of Unicode, which JSON does not escape.
const quote = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);

/**
 * Reads `text` as configparser does and returns one of its sections, with the options of [DEFAULT] that `accepts` knows.
 * Undefined: there is no such section. Throws ConfigSyntaxError where configparser refuses the text.
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
  // [DEFAULT] may hold anything that %(name)s refers to; in the section itself an unknown option is a mistake.
  const chosen = new Map([...defaults.filter(([option]) => accepts(option)), ...own]);
  const lines = [...chosen].map(([option, entry]) => `${quote(option)}=${quote(interpolate(entry, values))}`);
  return {
    ini: [`[${name}]`, ...lines].join('\n'),
    lines: new Map([...chosen].map(([option, { line }]) => [option, line])),
  };
}
