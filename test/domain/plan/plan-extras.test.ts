import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDocument } from '../../../src/domain/documents/read-document.ts';
import { parseWildcard, type Wildcard } from '../../../src/domain/domain-name.ts';
import { newDomains } from '../../../src/domain/plan/new-domains.ts';
import { lineOfChange, makePlan, type PlanOptions } from '../../../src/domain/plan/plan.ts';
import { changedRows } from '../../../src/domain/plan/row-changes.ts';
import { emptyRows, type Row, type Rows } from '../../../src/domain/tables.ts';
import { domainName } from '../samples.ts';

const wildcard = (text: string): Wildcard => parseWildcard(text) ?? assert.fail();

type Members = Readonly<Record<string, unknown>>;

const imap = { type: 'imap', name: 'mail.example.com', port: 993 };
const smtp = { type: 'smtp', name: 'mail.example.com', port: 465 };
const several = { ...imap, authentication: ['OAuth2', 'plain'] };
const jmap = { url: 'https://jmap.example.com/' };
const webmail = { url: 'https://webmail.example.com/' };
const pages = ['a', 'b', 'c'].map((path) => ({ url: `https://www.example.com/${path}`, descr: {} }));
const provider = { name: 'A Inc.', domains: ['a.example', 'b.example'], servers: [imap, smtp] };

const documentOf = (members: Members = {}, others: Members = {}): Rows =>
  readDocument({ version: 3, providers: [{ ...provider, ...members }], ...others });

const withExtras = (rows: Rows, ...extras: readonly Row[]): Rows => ({
  ...rows,
  automx2_extra: [...rows.automx2_extra, ...extras],
});
const extra = (domain_name: string, kind: string, value: unknown, n = 0): Row => ({
  domain_name,
  kind,
  n,
  data: JSON.stringify(value),
});

/** "a.example jmap 0", sorted. */
const keysOf = ({ automx2_extra }: Rows): readonly string[] =>
  automx2_extra.map(({ domain_name, kind, n }) => `${domain_name} ${kind} ${n}`).sort();

/** What a line says without values: "jmap added". */
const brief = (line: string): string =>
  line
    .replace(/: (\w+) none -> .+$/, ': $1 added')
    .replace(/: (\w+) .+ -> none$/, ': $1 removed')
    .replace(/: (\w+) [{["].* -> .+$/, ': $1 changed');

/** The lines of a plan and the extras after it, which leads to nothing else to do. */
function planned(stored: Rows, wanted: Rows, options: PlanOptions) {
  const plan = makePlan(stored, wanted, options);
  const result = changedRows(stored, plan.rows);
  assert.deepEqual(makePlan(result, wanted, options).changes, [], 'a second time');
  return { lines: plan.changes.map(lineOfChange).map(brief), notes: plan.notes, result };
}

describe('a plan of extras', () => {
  const ofA = ['a.example', 'b.example'];
  for (const { name, stored, wanted, options = {}, lines, keys } of [
    {
      name: 'none are stored yet',
      stored: documentOf(),
      wanted: documentOf({ jmap }, { defaults: { webmail } }),
      lines: ['~ defaults *: webmail added', '~ domain a.example: jmap added', '~ domain b.example: jmap added'],
      keys: ['* webmail 0', ...ofA.map((each) => `${each} jmap 0`)],
    },
    {
      name: 'another value',
      stored: documentOf({ jmap }),
      wanted: documentOf({ jmap: webmail }),
      lines: ofA.map((each) => `~ domain ${each}: jmap changed`),
      keys: ofA.map((each) => `${each} jmap 0`),
    },
    {
      name: 'the same in other words',
      stored: withExtras(documentOf(), extra('a.example', 'managesieve', { port: 4190, name: 'SIEVE.example' })),
      wanted: documentOf({ domains: [{ name: 'a.example', managesieve: { name: 'sieve.example' } }, 'b.example'] }),
      lines: [],
      keys: ['a.example managesieve 0'],
    },
    {
      name: 'what is not named stays',
      stored: documentOf({ jmap }, { defaults: { webmail } }),
      wanted: documentOf(),
      lines: [],
      keys: ['* webmail 0', ...ofA.map((each) => `${each} jmap 0`)],
    },
    {
      name: 'what is not named goes with --prune, and so does what is of no domain',
      stored: withExtras(documentOf({ jmap }, { defaults: { webmail } }), extra('gone.example', 'jmap', jmap)),
      wanted: documentOf(),
      options: { prune: true },
      lines: ['~ defaults *: webmail removed', ...ofA.map((each) => `~ domain ${each}: jmap removed`)],
      keys: [],
    },
    {
      name: 'a list is replaced as a whole',
      stored: documentOf({ domains: ['a.example'], documentation: pages }),
      wanted: documentOf({ domains: ['a.example'], documentation: [pages[2], pages[0]] }),
      lines: ['~ domain a.example: documentation changed'],
      keys: ['a.example documentation 0', 'a.example documentation 1'],
    },
    {
      name: 'an unusable value is replaced',
      stored: withExtras(documentOf(), { ...extra('a.example', 'jmap', ''), data: '{' }),
      wanted: documentOf({ domains: ['a.example'], jmap }),
      lines: ['~ domain a.example: jmap changed'],
      keys: ['a.example jmap 0'],
    },
    {
      name: 'several ways to log in',
      stored: documentOf(),
      wanted: documentOf({ servers: [several, smtp] }),
      lines: ofA.map((each) => `~ domain ${each}: authentication added`),
      keys: ofA.map((each) => `${each} authentication 0`),
    },
    {
      name: 'a single way, where there were several',
      stored: documentOf({ servers: [several, smtp] }),
      wanted: documentOf(),
      lines: ofA.map((each) => `~ domain ${each}: authentication removed`),
      keys: [],
    },
    {
      name: 'those of a server that is not named stay',
      stored: documentOf({
        domains: ['a.example'],
        servers: [several, { ...smtp, authentication: ['OAuth2', 'plain'] }],
      }),
      wanted: documentOf({ domains: ['a.example'], servers: [imap] }),
      lines: ['~ domain a.example: authentication changed'],
      keys: ['a.example authentication 0'],
    },
    {
      name: 'those of the wildcard of all domains',
      stored: documentOf({ domains: ['*'], servers: [several, smtp] }),
      wanted: documentOf({ domains: ['*'], servers: [several, smtp] }),
      lines: [],
      keys: ['* authentication 0'],
    },
    {
      name: 'a domain that goes takes its own along',
      stored: documentOf({ jmap }, { defaults: { webmail } }),
      wanted: emptyRows(),
      options: { remove: ['a.example'] },
      lines: ['- domain a.example'],
      keys: ['* webmail 0', 'b.example jmap 0'],
    },
    {
      name: 'the wildcard of all domains goes, and what all domains have stays',
      stored: documentOf({ domains: ['a.example', { name: '*', same_as: 'a.example' }] }, { defaults: { webmail } }),
      wanted: emptyRows(),
      options: { remove: ['*'] },
      lines: ['- domain *'],
      keys: ['* webmail 0'],
    },
    {
      name: 'a new domain comes with its own',
      stored: documentOf(),
      wanted: documentOf({ domains: [...ofA, { name: 'c.example', jmap }] }),
      lines: ['+ domain c.example of A Inc.'],
      keys: ['c.example jmap 0'],
    },
    {
      name: 'a new domain has nothing of an earlier one of its name',
      stored: withExtras(documentOf(), extra('c.example', 'webmail', webmail)),
      wanted: documentOf({ domains: [...ofA, { name: 'c.example', jmap }] }),
      lines: ['+ domain c.example of A Inc.'],
      keys: ['c.example jmap 0'],
    },
    {
      name: 'a second row of a kind that has one goes when the kind is named',
      stored: withExtras(documentOf({ jmap }), extra('a.example', 'jmap', webmail, 1)),
      wanted: documentOf({ jmap }),
      lines: ['~ domain a.example: jmap changed'],
      keys: ofA.map((each) => `${each} jmap 0`),
    },
    {
      name: 'a domain with servers of its own takes those of another one no longer',
      stored: documentOf({ domains: ['a.example', { name: 'b.example', same_as: 'a.example' }] }),
      wanted: documentOf(),
      lines: [
        '~ domain b.example: + imap mail.example.com:993, + smtp mail.example.com:465, same_as "a.example" -> none',
      ].map(brief),
      keys: [],
    },
    {
      name: 'the order of ways to log in is no difference',
      stored: withExtras(
        documentOf({ domains: ['a.example'] }),
        extra('a.example', 'authentication', { ...smtp, authentication: ['OAuth2', 'plain'] }, 0),
        extra('a.example', 'authentication', several, 1),
      ),
      wanted: documentOf({
        domains: ['a.example'],
        servers: [several, { ...smtp, authentication: ['OAuth2', 'plain'] }],
      }),
      lines: [],
      keys: ['a.example authentication 0', 'a.example authentication 1'],
    },
    {
      name: 'a value that no look-up reads is replaced by one that means the same',
      stored: withExtras(documentOf(), extra('a.example', 'jmap', { ...jmap, comment: 'x'.repeat(4_100) })),
      wanted: documentOf({ domains: ['a.example'], jmap }),
      lines: ['~ domain a.example: jmap changed'],
      keys: ['a.example jmap 0'],
    },
    {
      name: 'an unknown kind of any depth is left alone',
      stored: withExtras(documentOf(), { ...extra('a.example', 'zzz', ''), data: '['.repeat(7_900) }),
      wanted: documentOf(),
      lines: [],
      keys: ['a.example zzz 0'],
    },
    {
      name: 'a domain that takes the settings of another one',
      stored: documentOf(),
      wanted: documentOf({ domains: [...ofA, { name: 'c.example', same_as: 'a.example' }] }),
      lines: ['+ domain c.example of A Inc.'],
      keys: ['c.example same_as 0'],
    },
  ] as readonly {
    name: string;
    stored: Rows;
    wanted: Rows;
    options?: PlanOptions;
    lines: readonly string[];
    keys: readonly string[];
  }[]) {
    test(name, () => {
      const done = planned(stored, wanted, options);
      assert.deepEqual([...done.lines].sort(), [...lines].sort());
      assert.deepEqual(keysOf(done.result), [...keys].sort());
    });
  }

  test('a domain that moves to another provider leaves what the old one offered', () => {
    const other = { name: 'B Inc.', domains: ['b.example'], servers: [{ ...imap, name: 'mail.b.example' }, smtp] };
    const wanted = readDocument({ version: 3, providers: [{ ...provider, domains: ['a.example'], jmap }, other] });
    assert.deepEqual(keysOf(planned(documentOf({ jmap, webmail }), wanted, {}).result), [
      'a.example jmap 0',
      'a.example webmail 0',
    ]);
  });

  test('a note for each domain that is left without the settings of another one', () => {
    const stored = documentOf({ domains: ['a.example', { name: 'b.example', same_as: 'a.example' }] });
    const { notes } = planned(stored, emptyRows(), { remove: ['a.example'] });
    assert.equal(notes.filter((note) => note.startsWith('domain b.example ')).length, 1);
    assert.deepEqual(planned(stored, emptyRows(), { remove: ['a.example', 'b.example'] }).notes.length, 1);
  });

  for (const { model, kinds } of [
    { model: { domain: 'a.example' }, kinds: ['authentication'] },
    { model: { provider: 'A Inc.' }, kinds: ['authentication'] },
  ]) {
    test(`a new wildcard of all domains like ${JSON.stringify(model)} makes nothing that of all`, () => {
      const stored = documentOf({ jmap, servers: [several, smtp] });
      const { automx2_extra } = newDomains(stored, [wildcard('*')], model);
      assert.deepEqual(
        automx2_extra.map(({ kind }) => kind),
        kinds,
      );
    });
  }

  test('a new domain like the wildcard of all has no copy of what all have', () => {
    const stored = documentOf({ domains: ['*'], servers: [several, smtp] }, { defaults: { webmail } });
    const { automx2_extra } = newDomains(stored, [domainName('new.example')], { domain: '*' });
    assert.deepEqual(
      automx2_extra.map(({ domain_name, kind }) => `${domain_name} ${kind}`),
      ['new.example authentication'],
    );
  });

  test('a provider is a model without its domains that take the settings of others', () => {
    const stored = documentOf({ domains: ['a.example', { name: 'b.example', same_as: 'a.example' }] });
    const { server } = newDomains(stored, [domainName('new.example')], { provider: 'A Inc.' });
    assert.equal(server.length, 2);
  });

  test('a new domain like another one has its extras, too', () => {
    const stored = documentOf({ domains: ['a.example', { name: 'b.example', webmail }], jmap });
    const like = (model: Parameters<typeof newDomains>[2]): readonly string[] => {
      const wanted = newDomains(stored, [domainName('new.example')], model);
      const { rows } = makePlan(stored, wanted);
      return keysOf(changedRows(stored, rows)).filter((key) => key.startsWith('new.example'));
    };
    assert.deepEqual(like({ domain: 'b.example' }), ['new.example jmap 0', 'new.example webmail 0']);
    assert.deepEqual(like({ provider: 'A Inc.' }), ['new.example jmap 0']);
  });

  test('a new domain like one that takes the settings of another one takes these, and needs no server', () => {
    const stored = documentOf({ domains: ['a.example', { name: 'b.example', same_as: 'a.example' }] });
    const wanted = newDomains(stored, [domainName('new.example')], { domain: 'b.example' });
    assert.deepEqual([keysOf(wanted), wanted.server], [['new.example same_as 0'], []]);
  });
});
