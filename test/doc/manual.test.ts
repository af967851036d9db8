import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { HTTP_LIMITS } from '../../src/adapters/http/server/limits.ts';
import { COMMANDS } from '../../src/app/commands/index.ts';
import { OPTIONS } from '../../src/app/options.ts';
import { DAV_TYPES, MAIL_TYPES } from '../../src/domain/mail-domain.ts';
import { columnsOf, TABLE_NAMES } from '../../src/domain/tables.ts';
import { OPTION_DEFAULTS } from '../support/option-defaults.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string): string => readFileSync(path(name), 'utf8');
const daemonPage = read('doc/man/automx2.8');
const configurationPage = read('doc/man/automx2.conf.5');

/** What stands under a heading (mdoc's Sh or Ss), up to the next one. */
function under(heading: string, page: string): string {
  const [, text] = page.split(`.${heading}\n`);
  assert.ok(text !== undefined, `no heading ${heading}`);
  return text.split(/^\.S[hs] /m)[0] ?? '';
}

/** The first groups of all matches, sorted. */
const found = (pattern: RegExp, text: string): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, first = '']) => first))].sort();

describe('options', () => {
  /** Each item of the manual has to end with its default. */
  const inManual = (): readonly (readonly [string, string])[] =>
    under('Sh OPTIONS', configurationPage)
      .split(/^\.It /m)
      .slice(1)
      .map((item) => {
        const name = /^Cm (\w+) No = Ar /.exec(item)?.[1];
        const value = /\nDefault:\n\.(?:Li (\S+)|Em empty) \.\n(?:\.El\n)?$/.exec(item);
        assert.ok(name !== undefined && value !== null, `no name, type or default: ${item}`);
        return [name, value[1] ?? ''];
      });
  const inSample = (): readonly (readonly [string, string])[] =>
    [...read('contrib/automx2.conf').matchAll(/^#(\w+) =(?: (.*))?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);

  for (const [document, options] of [
    ['automx2.conf(5)', inManual],
    ['the sample configuration', inSample],
  ] as const) {
    test(`${document} has every option with its default, and no other`, () => {
      assert.deepEqual([...options()].sort(), [...OPTION_DEFAULTS].sort());
    });
  }

  test('automx2.conf(5) names the options that take a restart', () => {
    const named = /\nThe options\n\.Cm (.*)\nand\n\.Cm (\w+)\ntake effect only with a restart\.\n/.exec(
      configurationPage,
    );
    const restart = Object.entries(OPTIONS).filter(([, { reload }]) => !reload);
    assert.deepEqual([...(named?.[1]?.split(' , ') ?? []), named?.[2]].sort(), restart.map(([name]) => name).sort());
  });

  test('the limits among them are named in automx2(8), and so is what they accept in automx2.conf(5)', () => {
    for (const [limit, { least, most }] of Object.entries(HTTP_LIMITS)) {
      const option = limit.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      assert.match(under('Sh LIMITS', daemonPage), new RegExp(`\\b${option}\\b`));
      const [, item = ''] = configurationPage.split(`.It Cm ${option} No = Ar number\n`);
      assert.match(item.split(/^\.It /m)[0] ?? '', new RegExp(`\\b${least} to ${most}\\b`));
    }
  });

  test('the database URLs in automx2.conf(5) can be used', () => {
    const examples = under('Ss PostgreSQL', configurationPage) + under('Ss MySQL and MariaDB', configurationPage);
    const urls = found(/^(\w+:\/\/.+)$/gm, examples);
    assert.ok(urls.length >= 5);
    for (const url of urls) assert.doesNotThrow(() => parseDatabaseUrl(url), url);
  });
});

describe('command line', () => {
  const { stdout: help } = spawnSync(process.execPath, [path('src/app/main.ts'), '--help'], { encoding: 'utf8' });

  test('automx2(8) has every option, and no other', () => {
    const options = found(/--([a-z]+(?:-[a-z]+)*)/g, help);
    assert.ok(options.length > 0);
    assert.deepEqual(found(/^\.It Fl -(\S+)/gm, under('Sh OPTIONS', daemonPage)), options);
    assert.deepEqual(found(/Fl -(\S+)/g, under('Sh SYNOPSIS', daemonPage)), options);
  });

  test('automx2(8) has every command with what it takes, and no other', () => {
    const commands = COMMANDS.map(({ name, usage }) => `${name} ${usage}`).sort();
    // As the manual's macros say it: `init [SEED.json | --sample]` is `init Op Ar seed.json | Fl -sample`.
    const written = found(/^\.It Cm (.*)$/gm, under('Sh COMMANDS', daemonPage));
    // Op takes all that follows in its line, so a second one would stand in its brackets.
    for (const line of written) assert.doesNotMatch(line, / Op .* Op |Pq .* Op /);
    const inWords = (text: string): readonly string[] =>
      text
        .toLowerCase()
        .match(/[a-z]+(?:\.json)?/g)
        ?.filter((word) => !['op', 'oo', 'oc', 'pq', 'po', 'pc', 'fl', 'ar', 'cm', 'ns'].includes(word)) ?? [];
    assert.deepEqual(written.map(inWords).sort(), commands.map(inWords).sort());
  });
});

describe('seeds', () => {
  test('automx2(8) names every member of a seed with its default, and no other', () => {
    const seeds = under('Sh SEEDS', daemonPage);
    const columns = TABLE_NAMES.flatMap((table) => Object.values(columnsOf(table)));
    const members = columns.flatMap(({ member }) => (member === undefined ? [] : [member]));
    const defaults = columns.flatMap(({ absent }) => (absent === undefined || absent === null ? [] : [String(absent)]));
    const lists = ['version', 'domains', 'servers', 'ldapservers'];
    // What stands beside them: kinds of servers, and the defaults that are words.
    const values = [...MAIL_TYPES, ...DAV_TYPES, ...defaults.filter((text) => /\D/.test(text))];
    const named = [...seeds.matchAll(/^\.(?:It |Pq )?Li (.+)$/gm)].flatMap(([, words = '']) =>
      words.replace(/ [,.:;]$/, '').split(' , '),
    );
    assert.deepEqual([...new Set(named)].sort(), [...new Set([...lists, ...members, ...values])].sort());
    for (const number of defaults.filter((text) => /^[1-9]\d*$/.test(text)))
      assert.match(seeds, new RegExp(`\\(${number}\\)`));
  });
});

describe('limits', () => {
  /** By the end of a limit's name: its unit and larger ones, each so many of the one before. */
  const UNITS = [
    { end: /ms$/i, step: 1_000, names: ['milliseconds', 'seconds'] },
    { end: /seconds$/i, step: 60, names: ['seconds'] },
    { end: /octets$/i, step: 1_024, names: ['octets', 'KiB', 'MiB'] },
  ];

  /** A limit as the manual writes it: `requestTimeoutMs`, 30000 is "30 seconds". */
  function inWords(name: string, value: number): string {
    const { step, names } = UNITS.find(({ end }) => end.test(name)) ?? { step: 1, names: [] };
    let [amount, larger] = [value, 0];
    while (larger + 1 < names.length && amount % step === 0) {
      amount /= step;
      larger += 1;
    }
    const words = [amount, names[larger]].join(' ').trim();
    return amount === 1 ? words.replace(/s$/, '') : words;
  }

  const inManual = (subsection: string): ReadonlyMap<string, string> =>
    new Map(
      [...under(`Ss ${subsection}`, daemonPage).matchAll(/^\.It Va (\w+) No = (.*)$/gm)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    );

  test('automx2(8) has every limit under "Database servers" with its value, and no other', () => {
    const wanted = Object.entries(DEADLINES).map(([name, value]) => [name, inWords(name, value)]);
    assert.deepEqual(Object.fromEntries(inManual('Database servers')), Object.fromEntries(wanted));
  });

  test('each limit under "Elsewhere" has its value in the source', () => {
    const files = readdirSync(path('src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const source = files.map((name) => readFileSync(join(path('src'), name), 'utf8')).join('\n');
    const limits = inManual('Elsewhere');
    assert.ok(limits.size > 0);
    for (const [name, words] of limits) {
      const values = found(new RegExp(`\\b${name}(?: =|:) ([\\d_]+)\\b`, 'g'), source);
      const inSource = values.map((value) => inWords(name, Number(value.replaceAll('_', ''))));
      assert.deepEqual(inSource, [words], name);
    }
  });
});
