import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outage } from '../../src/app/outage.ts';
import { Failure } from '../../src/domain/failure.ts';
import { MemoryLog } from '../support/memory-log.ts';

/** Steps in words: "ask N", "answer N", "fail N"; N numbers the questions. */
for (const { what, steps, isOngoing, log } of [
  { what: 'answers', steps: ['ask 1', 'answer 1', 'ask 2', 'answer 2'], isOngoing: false, log: [] },
  { what: 'a failure begins an outage', steps: ['ask 1', 'fail 1'], isOngoing: true, log: ['ERROR'] },
  {
    what: 'further failures are not logged',
    steps: ['ask 1', 'ask 2', 'fail 1', 'fail 2', 'ask 3', 'fail 3'],
    isOngoing: true,
    log: ['ERROR'],
  },
  {
    what: 'an answer to a later question ends it',
    steps: ['ask 1', 'fail 1', 'ask 2', 'answer 2'],
    isOngoing: false,
    log: ['ERROR', 'WARNING'],
  },
  {
    what: 'an answer to a question from before the failure does not end it',
    steps: ['ask 1', 'ask 2', 'fail 1', 'answer 2'],
    isOngoing: true,
    log: ['ERROR'],
  },
  {
    what: 'the failure of an old question begins none if a later one was answered',
    steps: ['ask 1', 'ask 2', 'answer 2', 'fail 1'],
    isOngoing: false,
    log: [],
  },
  {
    what: 'a second outage is logged, too',
    steps: ['ask 1', 'fail 1', 'ask 2', 'answer 2', 'ask 3', 'fail 3'],
    isOngoing: true,
    log: ['ERROR', 'WARNING', 'ERROR'],
  },
]) {
  test(`outage: ${what}`, async () => {
    const memory = new MemoryLog();
    const outage = new Outage('look-ups', memory);
    const questions = new Map<string, PromiseWithResolvers<string> & { readonly watched: Promise<unknown> }>();
    for (const step of steps) {
      const [word = '', number = ''] = step.split(' ');
      const question = questions.get(number);
      if (word === 'ask') {
        const answer = Promise.withResolvers<string>();
        questions.set(number, { ...answer, watched: outage.watch(answer.promise) });
      } else if (word === 'answer') {
        question?.resolve('yes');
        assert.equal(await question?.watched, 'yes');
      } else {
        question?.reject(new Failure('store_unavailable', 'gone'));
        await assert.rejects(question?.watched ?? Promise.resolve(), { code: 'store_unavailable' });
      }
    }
    assert.equal(outage.isOngoing, isOngoing);
    assert.deepEqual(
      memory.entries.map(({ level }) => level),
      log,
    );
  });
}

test('outage: a mistake of ours passes, and is logged by whoever catches it', async () => {
  const memory = new MemoryLog();
  await assert.rejects(new Outage('look-ups', memory).watch(Promise.reject(new TypeError('x'))), TypeError);
  assert.deepEqual(memory.entries, []);
});
