import { escapeUnprintable } from '../../adapters/log/line-log.ts';
import { counted } from '../../domain/counted.ts';
import type { DomainReport } from './check-domain.ts';
import { type CheckName, type Finding, SEVERITIES, type Severity } from './finding.ts';

/** What --quiet prints: what somebody has to do something about. */
const WRONG: readonly Severity[] = ['error', 'warning', 'unknown'];

/** Notes are not among them: some are about what nobody asked. */
const ANSWERED: readonly Severity[] = ['error', 'warning', 'ok'];

/** Checks whose owner is no name of the domain. */
const OF_SERVICE: readonly CheckName[] = ['service-address', 'service-alias', 'alias'];

const WIDTH = Math.max(...SEVERITIES.map(({ length }) => length));

/** "error   example.com autoconfig https://...: expected the settings, found status 404. What to do." */
function findingLine(domain: string, { check, severity, owner, expected, found, advice, view }: Finding): string {
  const where = view === undefined ? '' : ` (according to ${view})`;
  const seen = expected === '' ? found : `expected ${expected}, found ${found}`;
  const end = advice === '' ? '' : `. ${advice}`;
  return `${severity.padEnd(WIDTH)} ${domain} ${check} ${owner}${where}: ${seen}${end}`;
}

/** What is as it should be in the same way is one line, with all owners. */
function folded(findings: readonly Finding[]): readonly Finding[] {
  const owners = new Map<string, string[]>();
  const keyOf = ({ check, found, view }: Finding): string => JSON.stringify([check, found, view]);
  for (const finding of findings.filter(({ severity }) => severity === 'ok')) {
    const key = keyOf(finding);
    owners.set(key, [...(owners.get(key) ?? []), finding.owner]);
  }
  return findings.flatMap((finding) => {
    if (finding.severity !== 'ok') return [finding];
    const all = [...new Set(owners.get(keyOf(finding)) ?? [])];
    owners.delete(keyOf(finding));
    return all.length === 0 ? [] : [{ ...finding, owner: all.join(', ') }];
  });
}

/** The lines of a domain: each check, then what each client will do. */
export function reportLines({ domain, findings, clients }: DomainReport, isQuiet: boolean): readonly string[] {
  const shown = isQuiet ? findings.filter(({ severity }) => WRONG.includes(severity)) : findings;
  // The worst comes last: on a terminal, people look there first.
  const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity);
  const lines = folded(shown)
    .toSorted((a, b) => rank(b) - rank(a))
    .map((finding) => findingLine(domain, finding));
  if (isQuiet) return lines;
  return [...lines, ...clients.map(({ client, text }) => `${'client'.padEnd(WIDTH)} ${domain} ${client}: ${text}.`)];
}

/** Prints `{ "domains": [...] }`, report by report: those of all domains would fill the memory. */
export class JsonReports {
  readonly #say: (line: string) => void;
  /** It is printed when it is known whether another one follows. */
  #last: string | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  add(report: DomainReport): void {
    this.#say(this.#last === undefined ? '{\n  "domains": [' : `${this.#last},`);
    this.#last = JSON.stringify({ domains: [report] }, null, 2)
      .split('\n')
      .slice(2, -2)
      .map(escapeUnprintable)
      .join('\n');
  }

  end(): void {
    this.#say(this.#last === undefined ? '{\n  "domains": []\n}' : `${this.#last}\n  ]\n}`);
  }
}

/** What came of a run. */
export class Totals {
  readonly #counts = new Map<Severity, number>();
  #domains = 0;
  #unanswered = 0;

  add({ findings }: DomainReport): void {
    this.#domains += 1;
    const own = findings.filter(({ check }) => !OF_SERVICE.includes(check));
    const isAnswered = own.some(({ severity }) => ANSWERED.includes(severity));
    if (!isAnswered && own.some(({ severity }) => severity === 'unknown')) this.#unanswered += 1;
    for (const { severity } of findings) this.#counts.set(severity, this.count(severity) + 1);
  }

  count(severity: Severity): number {
    return this.#counts.get(severity) ?? 0;
  }

  /** Whether there is a domain of which nothing is known. */
  get isBlind(): boolean {
    return this.#unanswered > 0;
  }

  /** "1 domain: 2 errors, 0 warnings, 1 note, 0 that could not be asked." */
  get line(): string {
    const counts = [
      counted(this.count('error'), 'error'),
      counted(this.count('warning'), 'warning'),
      counted(this.count('note'), 'note'),
    ];
    return `${counted(this.#domains, 'domain')}: ${counts.join(', ')}, ${this.count('unknown')} that could not be asked.`;
  }
}
