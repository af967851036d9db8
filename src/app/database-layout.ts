import { Failure } from '../domain/failure.ts';
import type { DatabaseAdmin, DatabaseReport, DatabaseState } from '../ports/database-admin.ts';

/** States in which look-ups can be answered. */
export const PREPARED: readonly DatabaseState[] = ['empty', 'filled'];

/** What the operator does about a state. */
const REMEDIES: Partial<Readonly<Record<DatabaseState, string>>> = {
  unprepared: 'to prepare it, run: automx2 init',
  empty: 'to fill it, run: automx2 init SEED.json',
  outdated: 'to upgrade it, run: automx2 migrate',
};

/** What is in the database and, where there is one, the remedy. */
export const advice = ({ detail, state }: Pick<DatabaseReport, 'detail' | 'state'>): string =>
  [detail, REMEDIES[state]].filter((part) => part !== undefined).join('; ');

/**
 * What is in the database, if its layout is one that can be worked with as it is; else rejects with store_unprepared,
 * whose message holds the remedy. Rejects with store_unavailable, too.
 */
export async function usableReport(
  admin: Pick<DatabaseAdmin, 'report'>,
  usable: readonly DatabaseState[],
): Promise<DatabaseReport> {
  const report = await admin.report();
  if (!usable.includes(report.state)) throw new Failure('store_unprepared', advice(report));
  return report;
}
