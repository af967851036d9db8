import { counted } from '../../domain/counted.ts';
import { makePlan } from '../../domain/plan/plan.ts';
import { type ExitStatus, UsageError } from '../exit-status.ts';
import { parseNamed } from '../settings-file.ts';
import { type ChangeOptions, changeSettings, type ShownPlan } from './change-settings.ts';
import type { CommandCall } from './command.ts';
import { givenDocument, STDIN } from './given-document.ts';

type ApplyOptions = ChangeOptions & {
  readonly prune: 'flag';
  readonly force: 'flag';
  readonly 'expect-no-changes': 'flag';
};

/** Makes the database say what a document says. */
export async function run(call: CommandCall<ApplyOptions>): Promise<ExitStatus> {
  const { words, options, surroundings } = call;
  const [word = STDIN] = words;
  const { name, octets } = await givenDocument(word, surroundings);
  const wanted = parseNamed(octets, name);
  const { prune = false, force = false } = options;
  if (force && !prune) throw new UsageError('--force needs --prune');
  return changeSettings(call, {
    plan: (stored) => makePlan(stored, wanted, { prune }),
    expectNone: options['expect-no-changes'] === true,
    objection: (plan) => (force ? undefined : tooManyGo(plan)),
    remarks: unnamed,
  });
}

/** A document that lacks most domains is more often the wrong one than meant. */
function tooManyGo({ domains: { stored, removed } }: ShownPlan): string | undefined {
  if (removed * 3 <= stored) return undefined;
  return `${removed} of ${stored} domains would be removed, more than a third; to do so use --force`;
}

/** Who changes the name, host or port of what a document names has two of it afterwards. */
function unnamed({ unnamed: { domains, servers, extras } }: ShownPlan): readonly string[] {
  const counts = [counted(domains, 'domain'), counted(servers, 'server'), counted(extras, 'extra')].filter(
    (text) => !text.startsWith('0 '),
  );
  return counts.length === 0 ? [] : [`not in the document, and left as they are without --prune: ${counts.join(', ')}`];
}
