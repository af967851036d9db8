import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentSettings } from '../../src/adapters/settings-file/document-settings.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { writeSettings } from '../../src/domain/documents/write-settings.ts';
import type { DomainName } from '../../src/domain/domain-name.ts';
import { Failure } from '../../src/domain/failure.ts';
import { makePlan } from '../../src/domain/plan/plan.ts';
import { changedRows } from '../../src/domain/plan/row-changes.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

// What a document says of extras, wildcards and other domains' settings survives an export, and a plan leads there and no further.

const random = randomFrom(SEED);
const maybe = (chances: number): boolean => random.below(chances) === 0;
const some = <T>(items: readonly T[]): T[] => items.filter(() => maybe(2));

const DOMAINS = ['a.example', 'b.example', 'xn--bcher-kva.example', '*.w.example', '*'];
const ASKED = ['a.example', 'b.example', 'xn--bcher-kva.example', 'x.w.example', 'other.example'] as DomainName[];
const WAYS = ['OAuth2', 'plain', 'NTLM'];

const url = () => ({ url: `https://${random.pick(['one', 'two'])}.example/` });
const page = () => ({ ...url(), descr: { en: random.pick(['A', 'B']) } });

function extras(): Record<string, unknown> {
  const all = {
    jmap: url(),
    webmail: url(),
    activesync: maybe(2) ? url() : { redirect: 'c.example' },
    documentation: [page(), page()].slice(random.below(2)),
    oauth2: { issuer: 'https://login.example', scope: random.pick(['a', 'a b']) },
  };
  return Object.fromEntries(some(Object.entries(all)));
}

function makeDocument(): Record<string, unknown> {
  const left = new Set(DOMAINS);
  const providers = ['A', 'B'].map((name) => {
    const domains = some([...left]);
    for (const domain of domains) left.delete(domain);
    const servers = (['imap', 'smtp'] as const).flatMap((type) => {
      const ways = some(WAYS);
      const server = {
        type,
        name: 'mail.example',
        prio: random.below(3),
        authentication: ways.length > 1 ? ways : 'plain',
      };
      return maybe(4) ? [] : [{ ...server, ...(maybe(3) ? { domains: some(domains) } : {}) }];
    });
    const members = (domain: string) => ({
      name: domain,
      ...(maybe(3) ? { same_as: random.pick(['a.example', 'b.example']) } : maybe(2) && domain !== '*' ? extras() : {}),
    });
    return { name, domains: domains.map(members), servers, ...(maybe(2) ? extras() : {}) };
  });
  return { version: 3, providers, ...(maybe(2) ? { defaults: extras() } : {}) };
}

const rowsOf = (document: unknown) => {
  try {
    return readDocument(document);
  } catch (error) {
    if (error instanceof Failure && error.code === 'document_invalid') return undefined;
    throw error;
  }
};

test('documents with extras survive an export, and plans lead to them', async () => {
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const where = `FUZZ_SEED=${SEED} round ${round}`;
    const [stored, wanted] = [rowsOf(makeDocument()), rowsOf(makeDocument())];
    if (stored === undefined || wanted === undefined) continue;
    read += 1;
    const { document, omitted } = writeSettings(wanted);
    // A server of no domain is left out; everything else is said.
    const lost = omitted.filter((line) => !/^server \d+: .* no domain$/.test(line));
    assert.deepEqual(lost, [], where);
    if (omitted.length > 0) continue;
    const again = readDocument(document);
    assert.deepEqual(makePlan(wanted, again, { prune: true }).changes, [], where);
    assert.deepEqual(writeSettings(again).document, document, where);
    const after = changedRows(stored, makePlan(stored, wanted, { prune: true }).rows);
    assert.deepEqual(makePlan(after, wanted, { prune: true }).changes, [], where);
    const kept = changedRows(stored, makePlan(stored, wanted).rows);
    assert.deepEqual(makePlan(kept, wanted).changes, [], where);
    const [reached, meant] = [new DocumentSettings(after), new DocumentSettings(wanted)];
    for (const name of ASKED) {
      const [one, other] = [await reached.find(name), await meant.find(name)];
      assert.deepEqual(one?.extras, other?.extras, `${where} ${name}`);
      assert.equal(one?.mailServers.length, other?.mailServers.length, `${where} ${name}`);
    }
  }
  assert.ok(read > ROUNDS / 20, `only ${read} documents of ${ROUNDS} were valid`);
});
