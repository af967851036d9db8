import { readFileSync } from 'node:fs';

const DOCUMENT = new URL('../../doc/differences.md', import.meta.url);

/** What begins a command that stands in a sentence, between backticks; other words there are names and options. */
const COMMAND = /^(?:automx2|cp|curl|sqlite3|systemctl) /;

export interface SwitchingSteps {
  /** The shell commands of a step, a block being one. */
  commands(step: number | 'back'): readonly string[];
  /** All of both sections, in the form that the commands come from. */
  readonly text: string;
}

const commandsOf = (text: string): readonly string[] => {
  const found = text.matchAll(/(?:^ {7}.*\n)+|`([^`]+)`/gm);
  return [...found]
    .map(([block, inline]) => (inline === undefined ? block.replace(/^ {7}/gm, '') : inline.replace(/\s*\n\s*/g, ' ')))
    .filter((command) => command.includes('\n') || COMMAND.test(command));
};

/**
 * The commands of doc/differences.md, "Switching tonight" and "And back". `replacements` puts other paths and ports into
 * them; throws if the document lacks one of the originals.
 */
export function readSwitchingSteps(replacements: Readonly<Record<string, string>> = {}): SwitchingSteps {
  let [, text = ''] = readFileSync(DOCUMENT, 'utf8').split('\n## Switching tonight\n');
  for (const [value, other] of Object.entries(replacements)) {
    if (!text.includes(value)) throw new Error(`the steps for switching have no ${value}`);
    text = text.replaceAll(value, other);
  }
  const [there = '', back = ''] = text.split('\n## And back\n');
  const steps = there.split(/^(?=\d\. )/m);
  return {
    text,
    commands: (step) => commandsOf(step === 'back' ? back : (steps.find((part) => part.startsWith(`${step}.`)) ?? '')),
  };
}
