import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Imported,
  type ImportedDomain,
  type ImportedFile,
  settingsOf,
} from '../../../src/domain/documents/imported.ts';
import type { Fields } from '../../../src/domain/fields.ts';

const IMAP = { type: 'imap', name: 'imap.example', port: 993, socket_type: 'SSL', prio: 10 };
const SMTP = { type: 'smtp', name: 'smtp.example', port: 465, prio: 20 };
const CALDAV = { type: 'caldav', url: 'https://dav.example/', port: 443 };

/** A file called after its first domain. */
function file(
  domains: readonly ImportedDomain[],
  servers: readonly Fields[] = [IMAP],
  { name = 'P', short_name = 'p', directories = [] }: Partial<Imported['provider'] & Imported> = {},
): ImportedFile {
  const [first = 'no domain'] = domains;
  const content = { provider: { name, short_name, domains, servers }, directories };
  return { file: typeof first === 'string' ? first : first.name, content };
}

const providersOf = (...files: readonly ImportedFile[]): unknown => settingsOf(files)['providers'];

describe('settingsOf', () => {
  test('a file is a provider', () => {
    const { provider } = file(['a.example', 'b.example'], [IMAP, CALDAV]).content;
    assert.deepEqual(settingsOf([file(['a.example', 'b.example'], [IMAP, CALDAV])]), {
      version: 3,
      providers: [provider],
    });
  });

  test('files of different providers stand one after the other', () => {
    const [a, b] = [file(['a.example']), file(['b.example'], [SMTP], { name: 'Q' })];
    assert.deepEqual(providersOf(a, b), [a.content.provider, b.content.provider]);
  });

  test('files of one provider are merged; each server stays with the domains of the files that name it', () => {
    const later = { ...SMTP, prio: 50 };
    assert.deepEqual(
      providersOf(file(['a.example', 'b.example'], [IMAP, SMTP]), file(['c.example'], [later, CALDAV])),
      [
        {
          name: 'P',
          short_name: 'p',
          domains: ['a.example', 'b.example', 'c.example'],
          servers: [{ ...IMAP, domains: ['a.example', 'b.example'] }, SMTP, { ...CALDAV, domains: ['c.example'] }],
        },
      ],
    );
  });

  for (const { name, first, second, both } of [
    {
      name: 'a domain in both, in another spelling',
      first: file(['b.example', 'a.example']),
      second: file([{ name: 'A.Example.' }], [IMAP], { name: 'Q' }),
      both: /^A\.Example\.: .*\ba\.example\b.*\bb\.example\b/,
    },
    {
      name: 'a server with other settings',
      first: file(['a.example']),
      second: file(['b.example'], [{ ...IMAP, name: 'IMAP.example', socket_type: 'plain' }]),
      both: /^b\.example: .*imap imap\.example 993.*\ba\.example\b/,
    },
    {
      name: 'a server with a member more',
      first: file(['a.example']),
      second: file(['b.example'], [{ ...IMAP, user_name: 'u' }]),
      both: /^b\.example: .*\ba\.example\b/,
    },
    {
      name: 'another short name',
      first: file(['a.example']),
      second: file(['b.example'], [IMAP], { short_name: 'q' }),
      both: /^b\.example: .*"P".*\ba\.example\b/,
    },
    {
      name: 'a provider whose domains are not named',
      first: file(['a.example']),
      second: file([]),
      both: /^no domain: .*"P".*\ba\.example\b/,
    },
  ]) {
    test(`files that contradict each other are named: ${name}`, () => {
      assert.throws(() => settingsOf([first, second]), { name: 'Failure', code: 'document_invalid', message: both });
    });
  }

  test('labels of directories are unique: equal ones are one, another one gets the next free number', () => {
    const [one, other] = [
      { label: '1', name: 'one.example' },
      { label: '1', name: 'other.example' },
    ];
    const two = { label: '2', name: 'two.example' };
    const document = settingsOf([
      file([{ name: 'a.example', directory: '1' }], [IMAP], { name: 'A', directories: [one] }),
      file([{ name: 'b.example', directory: '1' }], [IMAP], { name: 'B', directories: [one] }),
      file(['c.example', { name: 'd.example', directory: '1' }, { name: 'e.example', directory: '2' }], [IMAP], {
        name: 'C',
        directories: [other, two],
      }),
    ]);
    assert.deepEqual(document['directories'], [one, { ...other, label: '2' }, { ...two, label: '3' }]);
    assert.deepEqual(
      (document['providers'] as Imported['provider'][]).map(({ domains }) => domains),
      [
        [{ name: 'a.example', directory: '1' }],
        [{ name: 'b.example', directory: '1' }],
        ['c.example', { name: 'd.example', directory: '2' }, { name: 'e.example', directory: '3' }],
      ],
    );
  });
});
