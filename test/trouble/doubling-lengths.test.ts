import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { preferredLanguage } from '../../src/adapters/http/pages/languages.ts';
import { sharedReply } from '../../src/adapters/http/reply.ts';
import { percentDecode, queryParameter, readRequestTarget } from '../../src/adapters/http/request-target.ts';
import { LineLog } from '../../src/adapters/log/line-log.ts';
import { readAutodiscoverRequest } from '../../src/adapters/xml/read-autodiscover-request.ts';
import { isDavUrl } from '../../src/domain/dav-url.ts';
import { parseDomainName } from '../../src/domain/domain-name.ts';
import { parseEmailAddress } from '../../src/domain/email-address.ts';
import { Failure } from '../../src/domain/failure.ts';
import { html, writeHtml } from '../../src/domain/formats/html.ts';
import { sharedDocument } from '../../src/domain/formats/shared.ts';
import { escapeText } from '../../src/domain/formats/xml.ts';
import { fillPlaceholders } from '../../src/domain/placeholders.ts';

// Four times the text may cost about four times the time. Whatever costs sixteen times as much (a quadratic expression)
// is found by the ratio, which holds on a slow machine, too; what is over before a clock can tell is fast enough.

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** A regular expression as it stands in the source: not behind a value, where "/" divides. */
const LITERAL =
  /(?<=(?:^|[=(,:!&|?[{};]|=>|return)\s*)\/(?![*/])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

const literals = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    readFileSync(join(SRC, file), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\*|\/\/|\/\*)/.test(line))
      .flatMap((line) => [...line.matchAll(LITERAL)])
      .map(([literal, source = '', flags = '']) => ({ file, literal, expression: new RegExp(source, flags) })),
  );

/** What is repeated: single characters that expressions of ours treat in a way of their own, and short words. */
const UNITS = [
  ...['a', 'A', '0', '.', '-', '_', '%', '&', ' ', '\t', ',', ';', ':', '@', '"', '\\', '<', '>', '!', '=', '/'],
  ...['?', '[', ']', '(', '+', '*', '#', '\u00fc', '\u{1f600}', '\ud800', '\0', '\n', '\r\n', '%41'],
  ...['%EMAILADDRESS%', '%EMAIL', 'a.', '-a', 'a=', 'a&', ', ', '"a",', 'W/', '127.', '::', '\\"', '<!', '<!-'],
  ...['&a', '<a>', '<a b="c" ', '<![CDATA[', 'x@', '1:', 'unix:', '(a', '[a', '{0}'],
];
/** What stands before and behind, so that an expression begins well and ends badly. */
const FRAMES = [
  ['', ''],
  ['', '\n!'],
  ['a', '@'],
  ['"', '\0'],
  ['[', ' '],
  ['https://', '\u0001'],
  ['%EMAIL', '%'],
  ['/v1.0/', '\n'],
  ['< !', ''],
] as const;

const SHORT = 16 * 1024;
const TIMES = 4;
const MOST_RATIO = 10;
/** Under this, in milliseconds for the long text, garbage and the machine say more than the expression. */
const MEASURABLE_MS = 50;
const RUNS = 3;
const ATTEMPTS = 5;

/**
 * Processor time of the shortest of several runs, in milliseconds: garbage of others is collected during some. No more of
 * them once one took less than `enough`.
 */
function fastest(work: () => void, enough = 0): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
    // One run of something slow is enough to know, too.
    if (best < enough || best > 200) break;
  }
  return best;
}

/** Runs `work` with every kind of text in two lengths; returns the slowest one's time in milliseconds. */
function assertLinear(work: (text: string) => void, short = SHORT): number {
  let slowest = 0;
  for (const unit of UNITS) {
    for (const [before, behind] of FRAMES) {
      const text = (length: number): string => before + unit.repeat(Math.ceil(length / unit.length)) + behind;
      const [longText, shortText] = [text(short * TIMES), text(short)];
      let [long, ratio] = [0, 0];
      // A machine that does something else meanwhile may spoil one of the two times: not each time.
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        long = fastest(() => work(longText), MEASURABLE_MS);
        ratio = long < MEASURABLE_MS ? 0 : long / fastest(() => work(shortText));
        if (ratio <= MOST_RATIO) break;
      }
      slowest = Math.max(slowest, long);
      assert.ok(
        ratio <= MOST_RATIO,
        `${JSON.stringify({ before, unit, behind })}: ${long} ms, ${ratio} times the short one`,
      );
    }
  }
  return slowest;
}

test('an expression that is quadratic would be found', () =>
  assert.throws(() => assertLinear((text) => /a*!$/.test(text), SHORT / 4), /times the short one/));

describe('each regular expression in the source takes time in proportion', () => {
  test('they are found', () => assert.ok(literals.length > 80, `${literals.length} only`));

  for (const { file, literal, expression } of literals) {
    test(`${file}: ${literal}`, (t) => {
      const slowest = assertLinear(
        (text) => void (expression.global ? text.replace(expression, '') : expression.test(text)),
      );
      t.diagnostic(`${slowest.toFixed(2)} ms for ${(SHORT * TIMES) / 1024} KiB`);
    });
  }
});

describe('so does whatever reads or writes a stranger’s text', () => {
  const log = new LineLog(
    { level: 'INFO', format: 'text' },
    () => undefined,
    () => new Date(0),
  );
  const shared = sharedDocument('<a/>');
  const fred = parseEmailAddress('fred@example.com');
  /** Refusing is an answer; anything else that is thrown is not. */
  const orRefuse = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  };
  for (const { name, work, short } of [
    { name: 'an address', work: parseEmailAddress },
    { name: 'a local part', work: (text: string) => parseEmailAddress(`${text}@example.com`) },
    { name: 'a domain name', work: parseDomainName },
    { name: 'a request target', work: (text: string) => readRequestTarget(`/mail/config-v1.1.xml?${text}`) },
    { name: 'a query', work: (text: string) => queryParameter(text, 'emailaddress') },
    { name: 'percent escapes', work: percentDecode },
    { name: 'If-None-Match', work: (text: string) => sharedReply(shared, 'text/xml', text) },
    { name: 'a DAV URL', work: (text: string) => isDavUrl(`https://example.com/${text}`) },
    { name: 'placeholders', work: (text: string) => fillPlaceholders(text, fred) },
    { name: 'text in XML', work: escapeText },
    { name: 'text in a page', work: (text: string) => writeHtml(html('p', {}, text)), short: 4 * 1024 },
    { name: 'Accept-Language', work: preferredLanguage },
    {
      name: 'a log line of what headers may hold',
      work: (text: string) => log.write('INFO', text, { domain: text }),
      short: 4 * 1024,
    },
    {
      name: 'a body for Autodiscover, up to its limit',
      work: (text: string) => readAutodiscoverRequest(Buffer.from(`<Autodiscover xmlns="a"><Request>${text}`)),
      short: 4 * 1024,
    },
  ]) {
    test(name, (t) => {
      const slowest = assertLinear((text) => orRefuse(() => work(text)), short);
      t.diagnostic(`${slowest.toFixed(2)} ms at most`);
    });
  }
});
