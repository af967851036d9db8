import { isDeepStrictEqual } from 'node:util';
import type { SettingsDatabase } from '../../adapters/database/settings-database.ts';
import { escapeUnprintable } from '../../adapters/log/line-log.ts';
import { DocumentSettings } from '../../adapters/settings-file/document-settings.ts';
import { type DomainName, parseDomainName, type Wildcard } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import { lineOfChange, type Plan } from '../../domain/plan/plan.ts';
import { changedRows } from '../../domain/plan/row-changes.ts';
import type { Rows } from '../../domain/tables.ts';
import type { SettingsReader } from '../../ports/settings-reader.ts';
import { PREPARED, usableReport } from '../database-layout.ts';
import { dnsChanges } from '../dns-changes.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { lintDomains } from '../lint.ts';
import type { CommandCall } from './command.ts';
import { warnOfOtherOwner } from './other-owner.ts';
import { type Progress, withProgress } from './progress.ts';
import { ask } from './question.ts';
import { withDatabase } from './with-database.ts';

/** What every command takes that changes settings. */
export type ChangeOptions = { readonly 'dry-run': 'flag'; readonly yes: 'flag'; readonly json: 'flag' };

export interface DnsWish {
  readonly text: string;
  /** Undefined: not known, and `text` says why. */
  readonly objects: readonly object[] | undefined;
}

interface Wish {
  /** What is to be changed about the stored rows; asked twice: for what the operator sees, and inside the transaction. */
  readonly plan: (stored: Rows) => Plan;
  /** Whether changes are only reported, by an exit status of their own. */
  readonly expectNone?: boolean;
  /** Why the plan must not be carried out, if that is so. */
  readonly objection?: (plan: ShownPlan) => string | undefined;
  /** What to publish in DNS when it is applied: for people, and for programs. */
  readonly dns?: (result: SettingsReader) => Promise<DnsWish>;
  /** What an operator should know of the plan beside its own notes. */
  readonly remarks?: (plan: ShownPlan, stored: Rows) => readonly string[];
}

type ChangeCall = CommandCall<ChangeOptions>;

const count = ({ changes }: ShownPlan, action: string): number =>
  changes.filter((change) => change.action === action).reduce((sum, { rows }) => sum + rows, 0);

/** "2 to add, 1 to change, 0 to remove" */
const totals = (plan: ShownPlan): string =>
  `${count(plan, 'add')} to add, ${count(plan, 'change')} to change, ${count(plan, 'remove')} to remove`;

/** What an operator decides on. Without rows: those of all domains would fill the memory while he does. */
interface Preview {
  readonly plan: ShownPlan;
  /** For the result: what known clients cannot use in domains that the plan touches. */
  readonly findings: readonly string[];
  readonly objection: string | undefined;
  readonly dns: DnsWish | undefined;
}
export type ShownPlan = Omit<Plan, 'rows' | 'touched'>;

async function preview(database: SettingsDatabase, wish: Wish, progress: Progress): Promise<Preview> {
  progress.stage('reading the database');
  const stored = await database.rows();
  progress.stage('planning');
  const { rows, touched, ...planned } = wish.plan(stored);
  const objection = wish.objection?.(planned);
  const remarks = [...(wish.remarks?.(planned, stored) ?? []), ...(objection === undefined ? [] : [objection])];
  progress.stage('checking the result');
  const result = new DocumentSettings(changedRows(stored, rows));
  const { lines } = await lintDomains(result, touched as readonly (DomainName | Wildcard)[]);
  const names = touched.flatMap((name) => parseDomainName(name) ?? []);
  const records = await dnsChanges(new DocumentSettings(stored), result, names);
  const plan = { ...planned, notes: [...planned.notes, ...orphanNote(planned), ...remarks, ...records] };
  return { plan, findings: lines, objection, dns: await wish.dns?.(result) };
}

const orphanNote = ({ orphans }: ShownPlan): readonly string[] =>
  orphans === 0 ? [] : [`links without their server or their domain: ${orphans}; every change deletes them`];

function show(call: ChangeCall, { plan, findings, dns }: Preview, isApplied: boolean): void {
  if (call.options.json === true) {
    const [add, change, remove] = ['add', 'change', 'remove'].map((action) => count(plan, action));
    const { changes, notes } = plan;
    const shown = { add, change, remove, applied: isApplied, changes, notes, findings, dns: dns?.objects };
    call.say(JSON.stringify(shown, null, 2));
    return;
  }
  const lines = [...plan.changes.map(lineOfChange), ...[...plan.notes, ...findings].map((line) => `! ${line}`)];
  lines.push(plan.changes.length === 0 ? 'No changes.' : `${totals(plan)}.`);
  // At once: written one by one, 100,000 lines wait in as many requests for their reader.
  call.say(lines.map(escapeUnprintable).join('\n'));
}

/** Shows what would be changed, asks, and changes it in one transaction, if it is still the same then. */
export async function changeSettings(call: ChangeCall, wish: Wish): Promise<ExitStatus> {
  const { configuration, options, surroundings, say } = call;
  const isDry = options['dry-run'] === true || wish.expectNone === true;
  if (configuration.settings.settingsFile !== undefined) {
    throw new UsageError('settings_file is configured: edit that file, and reload the daemon');
  }
  if (options.json === true && !isDry && options.yes !== true) throw new UsageError('--json needs --yes or --dry-run');
  if (!isDry) warnOfOtherOwner(call);
  return withDatabase(call, 'ERROR', async (database) => {
    await usableReport(database, PREPARED);
    const seen = await withProgress(surroundings, (progress) => preview(database, wish, progress));
    // Links that somebody could inherit go even where nothing else changes, but nobody is asked about them.
    const { changes, orphans } = seen.plan;
    const isNothing = changes.length === 0 && (orphans === 0 || options.yes !== true);
    if (isDry || isNothing || options.json !== true) show(call, seen, false);
    if (isNothing || (isDry && changes.length === 0)) return EXIT.ok;
    const sayDns = (): void => {
      if (seen.dns !== undefined && options.json !== true) surroundings.stdout.write(`\n${seen.dns.text}`);
    };
    if (isDry) sayDns();
    if (isDry) return wish.expectNone === true ? EXIT.changes : EXIT.ok;
    if (seen.objection !== undefined) throw new Failure('change_failed', seen.objection);
    if (options.yes !== true) {
      if (!('isTTY' in surroundings.stdin && surroundings.stdin.isTTY === true)) {
        throw new UsageError('nothing is changed without --yes where standard input is not a terminal');
      }
      const answer = await ask('Apply? [y/N] ', surroundings);
      if (!/^y(es)?$/i.test(answer)) {
        call.complain('nothing was changed');
        return EXIT.failed;
      }
    }
    await withProgress(surroundings, (progress) => {
      progress.stage('storing');
      return database.change((rows) => {
        const again = wish.plan(rows);
        if (isDeepStrictEqual(again.changes, seen.plan.changes)) return again.rows;
        const reason = 'the database has been changed meanwhile, and nothing was changed; try again';
        throw new Failure('rows_changed', reason);
      });
    });
    if (options.json === true) show(call, seen, true);
    else say('Applied.');
    sayDns();
    return EXIT.ok;
  });
}
