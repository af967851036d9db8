import { createInterface } from 'node:readline/promises';
import type { Surroundings } from './command.ts';

/** What is typed after the question, without blanks around it; "" where the input ends before. */
export async function ask(
  question: string,
  { stdin, stdout }: Pick<Surroundings, 'stdin' | 'stdout'>,
): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stdout });
  const closed = new Promise<string>((resolve) => {
    terminal.once('close', () => {
      // Nobody ended the line of the question.
      stdout.write('\n');
      resolve('');
    });
  });
  const answer = await Promise.race([terminal.question(question), closed]);
  terminal.close();
  return answer.trim();
}
