import { buffer } from 'node:stream/consumers';
import { Failure } from '../../domain/failure.ts';
import { makePlan, type Plan } from '../../domain/plan/plan.ts';
import type { ExitStatus } from '../exit-status.ts';
import { parseNamed, readDocumentFile } from '../settings-file.ts';
import { CHANGE_OPTIONS, changeSettings } from './change-settings.ts';
import type { CommandCall } from './command.ts';

export const APPLY_OPTIONS = { ...CHANGE_OPTIONS, prune: 'flag', force: 'flag', 'expect-no-changes': 'flag' } as const;

/** Makes the database say what a document says. */
export async function run(call: CommandCall<typeof APPLY_OPTIONS>): Promise<ExitStatus> {
  const { words, options, surroundings } = call;
  const [file = '-'] = words;
  const isInput = file === '-';
  const octets = isInput ? await buffer(surroundings.stdin) : readDocumentFile(file);
  const wanted = parseNamed(octets, isInput ? 'standard input' : file);
  return changeSettings(call, {
    plan: (stored) => makePlan(stored, wanted, { prune: options.prune === true }),
    expectNone: options['expect-no-changes'] === true,
    check: (plan) => {
      if (options.force !== true) assertFewGo(plan);
    },
  });
}

/** A document that lacks most domains is more often the wrong one than meant. */
function assertFewGo({ domains: { stored, removed } }: Pick<Plan, 'domains'>): void {
  if (removed * 3 <= stored) return;
  throw new Failure(
    'change_failed',
    `${removed} of ${stored} domains would be removed, more than a third; to do so use --force`,
  );
}
