import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { readXml } from '../domain/formats/read-xml.ts';
import {
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  giveUp,
  MX_CASE,
  protocols,
  type ServerSetup,
  type Setup,
  testReplay,
  textOf,
  textsOf,
} from '../support/mail-client.ts';
import { type Answer, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

const SCHEMAS = 'http://schemas.microsoft.com/exchange/autodiscover';

/** Needs both exact namespaces, and User; a missing SPA means on. Its users read the protocols themselves. */
function read(answer: Answer): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  if (!answer.body.startsWith('<?xml')) giveUp('no XML');
  const root = readXml(answer.body);
  const response = root.children[0] ?? giveUp('no Response');
  const namespaces = [root, response].map(({ attributes }) => attributes.get('xmlns'));
  if (namespaces.join() !== `${SCHEMAS}/responseschema/2006,${SCHEMAS}/outlook/responseschema/2006a`)
    giveUp('other namespaces');
  const user = response.children.find(({ name }) => name === 'User') ?? giveUp('no User');
  textOf(user, 'DisplayName');
  const server = (type: 'imap' | 'smtp'): ServerSetup => {
    const protocol =
      protocols(answer).find((each) => textOf(each, 'Type') === type.toUpperCase()) ?? giveUp(`no ${type}`);
    if (textsOf(protocol, 'SPA')[0] !== 'off') giveUp('SPA');
    return {
      type,
      hostname: textOf(protocol, 'Server'),
      port: Number(textOf(protocol, 'Port')),
      security: textOf(protocol, 'SSL') === 'on' ? 'by trial' : 'plain',
      login: textOf(protocol, 'LoginName'),
    };
  };
  return { incoming: server('imap'), outgoing: server('smtp') };
}

describe('exchangelib', () => {
  for (const request of ['autodiscover-domain', 'autodiscover-host']) {
    const domains = [...DOMAINS, MX_CASE, COMPOSITE_CASE];
    testReplay(port, { request: `exchangelib/${request}`, read, domains, unknown: 'Error 500' });
  }
  for (const [from, to] of [
    ['responseschema/2006"', 'responseschema/2006a"'],
    [/<User>[\s\S]*<\/User>/, ''],
    [/<SPA>off<\/SPA>/, ''],
  ] as const) {
    test(`the reader gives up with ${to || `nothing for ${from}`}`, async () => {
      const answer = await send(port, readRequest('exchangelib/autodiscover-domain'));
      assert.throws(() => read({ ...answer, body: answer.body.replace(from, to) }));
    });
  }
});
