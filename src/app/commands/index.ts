import { FORMATS } from '../../domain/formats/index.ts';
import { type Command, command } from './command.ts';

/** That one `import` takes. */
export const MAX_FILES = 100;

/** Names of domains, with a verb before them, that one command takes. */
const MAX_DOMAIN_WORDS = 1_000;

const FORMAT_NAMES = FORMATS.map(({ name }) => name);
/** In the help: more are longer than a terminal. */
const FORMATS_A_LINE = 4;
/** What --format takes beside these. */
const ALL_FORMATS = 'all';

/** What the program does where no command is named. */
export const SERVE = command({
  name: 'serve',
  usage: '[--host HOST] [--port PORT] [--check]',
  help: [
    'serve until SIGTERM or SIGINT; SIGHUP reads the',
    'configuration again; --host and --port replace the option',
    'listen; --check only checks the configuration',
  ],
  options: { host: 'text', port: 'text', check: 'flag' },
  words: [0, 0],
  load: () => import('./serve.ts'),
});

/** Each command's module is imported only when it runs: what serves strangers loads nothing of the operator's tools. */
export const COMMANDS: readonly Command[] = [
  command({
    name: 'init',
    usage: '[SEED.json|- | --sample | --purge [--yes]]',
    help: [
      'create tables and indexes that are missing, and then store a',
      'seed or the sample data in an empty database, or delete all',
      'data (asks for the name of the database, unless --yes)',
    ],
    options: { sample: 'flag', purge: 'flag', yes: 'flag' },
    words: [0, 1],
    wordKind: 'file',
    load: () => import('./init.ts'),
  }),
  command({
    name: 'migrate',
    usage: '[--check]',
    help: ['upgrade a database of an older automx2, keeping every row;', '--check only reports what would be done'],
    options: { check: 'flag' },
    words: [0, 0],
    load: () => import('./migrate.ts'),
  }),
  command({
    name: 'lookup',
    usage: 'ADDRESS [--format FORMAT] [--signed]',
    help: [
      'print what each client gets for the address, or the document',
      'of one format alone; no server has to run; --signed: the',
      'profile as iPhones get it, in DER; formats: all, or',
      `${FORMAT_NAMES.slice(0, FORMATS_A_LINE).join(', ')},`,
      FORMAT_NAMES.slice(FORMATS_A_LINE).join(', '),
    ],
    options: { format: [...FORMAT_NAMES, ALL_FORMATS], signed: 'flag' },
    words: [1, 1],
    load: () => import('./lookup.ts'),
  }),
  command({
    name: 'export',
    usage: '[--provider NAME] [--secrets] [--seeds FOLDER]',
    help: [
      'print all settings, or those of one provider, as a document;',
      '--secrets: with the bind passwords of directories; --seeds',
      'writes seeds for the Python automx2 into a folder instead',
    ],
    options: { provider: 'text', secrets: 'flag', seeds: 'folder' },
    words: [0, 0],
    load: () => import('./export.ts'),
  }),
  command({
    name: 'apply',
    usage: 'FILE|- [--dry-run | --expect-no-changes | --yes] [--json]\n[--prune [--force]]',
    help: [
      'make the database say what a document says: show what would',
      'change, ask, and change it; --prune removes what the document',
      'does not name; --expect-no-changes only reports, by status 3',
    ],
    options: {
      'dry-run': 'flag',
      prune: 'flag',
      force: 'flag',
      yes: 'flag',
      json: 'flag',
      'expect-no-changes': 'flag',
    },
    words: [1, 1],
    wordKind: 'file',
    load: () => import('./apply.ts'),
  }),
  command({
    name: 'domain',
    usage:
      'list | show DOMAIN | remove DOMAIN... | add DOMAIN...\n(--like DOMAIN | --provider NAME) [--dry-run | --yes] [--json]',
    help: ['list, show, remove and add mail domains; remove and add show', 'what would change, and ask, as apply does'],
    options: { 'dry-run': 'flag', yes: 'flag', json: 'flag', like: 'text', provider: 'text' },
    words: [1, MAX_DOMAIN_WORDS],
    wordKind: ['list', 'show', 'add', 'remove'],
    load: () => import('./domain.ts'),
  }),
  command({
    name: 'lint',
    usage: '[DOMAIN]',
    help: ['report what known clients cannot use in the settings of all', 'domains, or of one, and what to change'],
    options: {},
    words: [0, 1],
    load: () => import('./lint.ts'),
  }),
  command({
    name: 'dns',
    usage: '[DOMAIN...] [--service HOST] [--ttl SECONDS] [--json]',
    help: [
      'print the DNS records to publish for some domains, or for all,',
      'as lines of a zone file; --service: the host name of this',
      'service, in place of the option public_host',
    ],
    options: { service: 'text', ttl: 'text', json: 'flag' },
    words: [0, MAX_DOMAIN_WORDS],
    load: () => import('./dns.ts'),
  }),
  command({
    name: 'check',
    usage:
      '[DOMAIN...] [--service HOST] [--nameserver IP[:PORT]]...\n[--authoritative] [--connect ADDRESS] [--ca FILE] [--deep]\n[--json | --quiet]',
    help: [
      'ask DNS and every URL as clients do, and say what keeps them',
      'from their settings: --nameserver: ask this server, each view',
      'by itself; --authoritative: the servers of each zone;',
      '--connect: this address, whatever DNS says; --ca: trust these',
      'authorities, too; --deep: STARTTLS of mail servers, too;',
      '--quiet: only what is wrong',
    ],
    options: {
      service: 'text',
      nameserver: 'texts',
      authoritative: 'flag',
      connect: 'text',
      ca: 'file',
      deep: 'flag',
      json: 'flag',
      quiet: 'flag',
    },
    words: [0, MAX_DOMAIN_WORDS],
    load: () => import('./check.ts'),
  }),
  command({
    name: 'health',
    usage: '[--url URL]',
    help: [
      'ask the running daemon whether it can answer clients, at the',
      'first address of the option listen, or at http[s]://HOST:PORT',
    ],
    options: { url: 'text' },
    words: [0, 0],
    load: () => import('./health.ts'),
  }),
  command({
    name: 'import',
    usage: 'FILE|-...',
    help: [
      'print a settings document (JSON, version 3) made of provider',
      "files of Mozilla's database, other servers' config-v1.1.xml,",
      'or seeds; what is lost goes to standard error',
    ],
    options: {},
    words: [1, MAX_FILES],
    wordKind: 'file',
    load: () => import('./import.ts'),
  }),
];
