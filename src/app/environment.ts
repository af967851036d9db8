import { ConfigError, type ConfigOption } from '../adapters/config/config-file.ts';
import { closestWord } from '../domain/closest-word.ts';
import { systemReason } from '../domain/system-error.ts';
import { OPTIONS, SECRETS } from './options.ts';
import { secretIn } from './secret-file.ts';

const PREFIX = 'AUTOMX2_';
/** The variable that names the configuration file. */
const CONFIG_FILE = `${PREFIX}CONF`;
/** Behind the name of an option that may hold a password: the variable names a file that holds the value. */
const IN_A_FILE = '_FILE';

const variableOf = (option: string): string => PREFIX + option.toUpperCase();

/** Which option a variable sets, and whether it names a file with the value. */
interface Variable {
  readonly option: string;
  readonly inFile: boolean;
}
const VARIABLES: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ...Object.keys(OPTIONS).map((option) => [variableOf(option), { option, inFile: false }] as const),
  ...SECRETS.map((option) => [variableOf(option) + IN_A_FILE, { option, inFile: true }] as const),
]);

// Kubernetes sets these in each container beside a service that is called automx2, or automx2-something (its documentation,
// "Service", "Environment variables"), and so did links of Docker.
const OF_SERVICE = /_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const isOfService = (name: string, value: string): boolean =>
  OF_SERVICE.test(name) || (name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value));

function fileContent(name: string, path: string): string {
  try {
    return secretIn(path);
  } catch (cause) {
    throw new ConfigError(`${name}: the file cannot be read: ${systemReason(cause)}`, { cause });
  }
}

/**
 * Options that are given as AUTOMX2_<OPTION>, or as AUTOMX2_<OPTION>_FILE; an empty variable counts as none. Throws
 * ConfigError for a variable of ours that does not exist, for an option that is given in both ways, and for a file that cannot
 * be read.
 */
export function environmentOptions(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, ConfigOption> {
  const options = new Map<string, ConfigOption>();
  for (const [name, value = ''] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || name === CONFIG_FILE || value === '' || isOfService(name, value)) continue;
    const variable = VARIABLES.get(name);
    if (variable === undefined) {
      throw new ConfigError(`${name}: unknown variable; did you mean ${closestWord(name, [...VARIABLES.keys()])}?`);
    }
    const { option, inFile } = variable;
    const other = options.get(option);
    if (other !== undefined) throw new ConfigError(`${name}: must not stand beside ${other.place}`);
    options.set(
      option,
      inFile ? { value: fileContent(name, value), place: name, file: value } : { value, place: name },
    );
  }
  return options;
}
