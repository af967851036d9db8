import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import ini from 'ini';
import { systemReason } from '../../domain/system-error.ts';
import { ConfigSyntaxError, normaliseSection } from './configparser.ts';

const SECTION = 'automx2';

/** An option as the operator gave it. */
export interface ConfigOption {
  readonly value: string;
  /** How messages about it begin: file, line and name, or whatever it is given by. */
  readonly place: string;
  /** The file that holds the value; undefined: none. */
  readonly file?: string;
}

/** Options by name in lower case. */
export type ConfigOptions = ReadonlyMap<string, ConfigOption>;

/** A configuration file, with the values of its options as they stand there. */
export interface ConfigFile {
  readonly path: string;
  readonly options: ConfigOptions;
}

/** A mistake in the configuration, for the operator to fix. The message names the file and, if known, the line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Of a command that meets it: 2, the configuration is wrong. */
  readonly exitStatus = 2;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The places where automx2 looks, in this order; the first file that exists is used. */
function standardPaths(environment: Environment): readonly string[] {
  const system = ['/etc/automx2/automx2.conf', '/etc/automx2.conf'];
  try {
    return [join(environment['HOME'] || homedir(), '.automx2.conf'), ...system];
  } catch {
    return system; // a user without a home, as service managers create them
  }
}

/**
 * Finds and reads the configuration file: `path` if given, else AUTOMX2_CONF, else the first that exists of
 * automx2's places. Undefined: no file. Throws ConfigError for a named file that is missing, and for one that is
 * unreadable or invalid. `accepts` knows the names of our options.
 */
export function findConfigFile(
  path: string | undefined,
  environment: Environment,
  accepts: (option: string) => boolean,
): ConfigFile | undefined {
  if (path !== undefined) return readConfigFile(path, accepts);
  const fromEnvironment = environment['AUTOMX2_CONF'];
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    if (!isAbsolute(fromEnvironment)) throw new ConfigError('AUTOMX2_CONF: must be the absolute path of a file');
    return readConfigFile(fromEnvironment, accepts);
  }
  for (const standard of standardPaths(environment)) {
    const text = read(standard);
    if (text !== undefined) return understand(standard, text, accepts);
  }
  return undefined;
}

function readConfigFile(path: string, accepts: (option: string) => boolean): ConfigFile {
  const text = read(path);
  if (text === undefined) throw new ConfigError(`${path}: no such file`);
  return understand(path, text, accepts);
}

/** The file's text, or undefined if there is no such file. */
function read(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const reason =
      cause instanceof TypeError && code.startsWith('ERR_ENCODING')
        ? 'not valid UTF-8'
        : `cannot be read: ${systemReason(cause)}`;
    throw new ConfigError(`${path}: ${reason}`, { cause });
  }
}

function understand(path: string, text: string, accepts: (option: string) => boolean): ConfigFile {
  try {
    const section = normaliseSection(text, SECTION, accepts);
    if (section === undefined) throw new ConfigError(`${path}: section [${SECTION}] is missing`);
    const values = ini.parse(section.ini)[SECTION] as Record<string, unknown>;
    // ini converts the words true, false and null; String restores them.
    const textOf = (name: string): string => (Object.hasOwn(values, name) ? String(values[name]) : '');
    return {
      path,
      options: new Map(
        [...section.lines].map(([name, line]) => [
          name,
          { value: textOf(name), place: `${path}:${line}: ${name}`, file: path },
        ]),
      ),
    };
  } catch (cause) {
    if (cause instanceof ConfigSyntaxError) throw new ConfigError(`${path}:${cause.line}: ${cause.message}`, { cause });
    throw cause;
  }
}
