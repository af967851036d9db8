import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { LdapDirectory } from '../../../src/adapters/ldap/ldap-directory.ts';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import { searchFilter } from '../../domain/samples.ts';
import { ber, entry, hostileDirectory, message, result, SEARCH_DONE, text } from '../../support/hostile-directory.ts';
import { MemoryLog } from '../../support/memory-log.ts';

const SERVER = {
  id: 1,
  hostname: '127.0.0.1',
  useSsl: false,
  searchBase: 'dc=example',
  searchFilter: searchFilter('(mail={0})'),
  loginAttribute: 'uid',
  nameAttribute: undefined,
  bindUser: 'cn=reader',
  bindPassword: 'geheim',
};
const ann = parseEmailAddress('ann@example.com');
const OPTIONS = { ca: undefined, verify: true, bindPassword: undefined, requestMs: 60_000, restMs: 0 };

/** Writes as long as the other side takes it. */
function withoutEnd(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

describe('a directory that speaks no LDAP, or too much of it', () => {
  const times = (count: number, piece: Buffer): Buffer => Buffer.concat(Array<Buffer>(count).fill(piece));
  for (const { what, onSearch } of [
    {
      what: 'an entry larger than any',
      onSearch: (s, id) => s.write(message(id, entry('uid', 'x'.repeat(2_000_000)))),
    },
    { what: 'a message of 4 GiB', onSearch: (s) => s.write(Buffer.from('3084ffffffff020102', 'hex')) },
    { what: 'references without end', onSearch: (s, id) => withoutEnd(s, message(id, ber(0x73, text('ldap://x')))) },
    { what: 'messages for nobody without end', onSearch: (s) => withoutEnd(s, times(1_000, message(99, SEARCH_DONE))) },
    { what: 'octets without end', onSearch: (s) => withoutEnd(s, Buffer.from('3083ffffff')) },
    { what: 'a message of no length', onSearch: (s) => s.write(Buffer.from('3080', 'hex')) },
    { what: 'an entry without attributes', onSearch: (s, id) => s.write(message(id, ber(0x64, text('cn=x')))) },
    {
      what: 'an attribute without values',
      onSearch: (s, id) => s.write(message(id, ber(0x64, text('cn=x'), ber(0x30, ber(0x30, text('uid')))))),
    },
    {
      what: 'a value longer than what holds it',
      onSearch: (s, id) =>
        s.write(
          message(
            id,
            ber(0x64, text('cn=x'), ber(0x30, ber(0x30, text('uid'), ber(0x31, Buffer.from('0450', 'hex'))))),
          ),
        ),
    },
    {
      what: 'a control longer than what holds it',
      onSearch: (s, id) => s.write(message(id, Buffer.concat([SEARCH_DONE, ber(0xa0, Buffer.from('3050', 'hex'))]))),
    },
    {
      what: 'a control that is no list',
      onSearch: (s, id) => {
        const control = ber(0x00, text('1.2.3'), Buffer.from('0101ff040078', 'hex'));
        s.write(message(id, Buffer.concat([SEARCH_DONE, ber(0xa0, control)])));
      },
    },
    { what: 'HTTP', onSearch: (s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n') },
  ] satisfies readonly { what: string; onSearch: (socket: Socket, id: number) => void }[]) {
    test(`${what}: directory_unavailable, and the connection is closed`, async (t) => {
      const closed = Promise.withResolvers<void>();
      const port = await hostileDirectory(t, (socket, id) => {
        socket.on('close', () => closed.resolve());
        onSearch(socket, id);
      });
      const directory = new LdapDirectory(OPTIONS, new MemoryLog());
      t.after(() => directory.close());
      await assert.rejects(directory.find({ ...SERVER, port }, ann), { code: 'directory_unavailable' });
      await closed.promise;
    });
  }

  for (const { what, onSearch, want } of [
    {
      what: '10,000 messages in one write, and then the answer',
      onSearch: (s, id) =>
        s.write(
          Buffer.concat([
            times(10_000, message(99, ber(0x73))),
            message(id, entry('uid', 'login')),
            message(id, SEARCH_DONE),
          ]),
        ),
      want: { login: 'login', displayName: undefined },
    },
    {
      what: 'an answer octet by octet',
      onSearch: async (s, id) => {
        for (const octet of Buffer.concat([message(id, entry('uid', 'login')), message(id, SEARCH_DONE)])) {
          await new Promise((resolve) => s.write(Buffer.from([octet]), resolve));
        }
      },
      want: { login: 'login', displayName: undefined },
    },
    {
      what: 'entries without end',
      onSearch: (s, id) => withoutEnd(s, message(id, entry('uid', 'x'))),
      want: undefined,
    },
    {
      what: 'the one entry of several',
      onSearch: (s, id) => s.write(Buffer.concat([message(id, entry('uid', 'x')), message(id, result(0x65, 4))])),
      want: undefined,
    },
  ] satisfies readonly { what: string; onSearch: (socket: Socket, id: number) => unknown; want: unknown }[]) {
    test(`${what}: ${want === undefined ? 'no entry' : 'the entry'}`, async (t) => {
      const port = await hostileDirectory(t, (socket, id) => void onSearch(socket, id));
      const directory = new LdapDirectory(OPTIONS, new MemoryLog());
      t.after(() => directory.close());
      assert.deepEqual(await directory.find({ ...SERVER, port }, ann), want);
    });
  }

  test('what came in clear text is not read as the beginning of what comes over TLS', async (t) => {
    const begun = message(9, ber(0x64, text('x'.repeat(200)))).subarray(0, 100);
    const onExtended = (socket: Socket, id: number): void => {
      socket.write(Buffer.concat([message(id, result(0x78, 0)), begun]));
    };
    const port = await hostileDirectory(t, () => undefined, { host: '0.0.0.0', onExtended });
    const directory = new LdapDirectory(OPTIONS, new MemoryLog());
    t.after(() => directory.close());
    await assert.rejects(directory.find({ ...SERVER, hostname: '0.0.0.0', port }, ann), {
      code: 'directory_unavailable',
      message: /malformed/,
    });
  });
});
