import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CHECKS } from '../../src/app/check/finding.ts';
import { configured } from '../support/in-process.ts';
import { checkZone, noZoneCheck } from '../support/zone-check.ts';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const page = read('doc/dns.md');
const blocks = [...page.matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm)].map(([block]) => block.replace(/^ {4}/gm, '').trim());
const [records = ''] = blocks.filter((block) => block.startsWith('; example.com: '));

const SERVICE = ['--service', 'proxy.example.net'];
const digestOf = (text: string): string => / IN TXT "(v=UAAC1; [^"]*)"/.exec(text)?.[1] ?? '';

describe('doc/dns.md', () => {
  test('lists every check in the order of the report', () => {
    const [, table = ''] = page.split('| check | what is looked at |\n');
    assert.deepEqual(
      [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name),
      CHECKS,
    );
  });

  test('shows what is printed for the sample data', async (t) => {
    const { run } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
    assert.equal((await run('init', '--sample')).status, 0);
    const { out } = await run('dns', 'example.com', ...SERVICE);
    assert.equal(`${records}\n`, out);
    const [shown = ''] = blocks.filter((block) => block.startsWith('{'));
    const [domain] = JSON.parse((await run('dns', 'example.com', ...SERVICE, '--json')).out) as { records: object[] }[];
    const record: unknown = JSON.parse(shown);
    assert.ok(domain?.records.some((each) => JSON.stringify(each) === JSON.stringify(record)));
  });

  test('shows a zone that a name server reads', { skip: noZoneCheck }, (t) =>
    checkZone(t, 'example.com', `${records}\n`),
  );

  test('its way to a new digest ends with the one that was published before', async (t) => {
    const { run, write } = configured(t, (sqlite) => `db_uri = ${sqlite}\npublic_host = proxy.example.net`);
    assert.equal((await run('init', '--sample')).status, 0);
    const old = digestOf((await run('dns', 'example.com')).out);
    const settings = (await run('export')).out.replaceAll('mail.example.com', 'new.example.com');
    const path = write('settings.json', settings);
    const renewed = configured(t, `settings_file = ${path}\npublic_host = proxy.example.net`);
    const announced = digestOf((await renewed.run('dns', 'example.com')).out);
    assert.equal((await run('apply', path, '--prune', '--yes')).status, 0);
    assert.equal(digestOf((await run('dns', 'example.com')).out), announced);
    assert.notEqual(announced, old);
  });
});
