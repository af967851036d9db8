import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSigner, type Signature } from '../../src/app/profile-signing.ts';
import { Failure } from '../../src/domain/failure.ts';
import { MemoryLog } from '../support/memory-log.ts';

const DAY_MS = 86_400_000;
const END_MS = Date.parse('2027-03-01T00:00:00Z');

/** A signer whose certificate lives for 90 days, `daysLeft` of which are left; signatures wait until `release`. */
function prepare(daysLeft: number) {
  const log = new MemoryLog();
  const time = { daysLeft, elapsedMs: 0 };
  const held: (() => void)[] = [];
  const counts = { running: 0, most: 0 };
  const signature: Signature = {
    validFrom: new Date(END_MS - 90 * DAY_MS),
    validTo: new Date(END_MS),
    async sign(profile) {
      counts.running += 1;
      counts.most = Math.max(counts.most, counts.running);
      await new Promise<void>((resolve) => held.push(resolve));
      counts.running -= 1;
      return Buffer.from(profile);
    },
  };
  const clock = { now: () => new Date(END_MS - time.daysLeft * DAY_MS), elapsedMs: () => time.elapsedMs };
  const signer = createSigner(signature, clock, log);
  /** Lets signatures end until none is left. */
  const release = async (): Promise<void> => {
    for (let next = held.shift(); next !== undefined; next = held.shift()) {
      next();
      await new Promise(setImmediate);
    }
  };
  const signOne = async (): Promise<boolean> => {
    const answer = signer.sign('profile');
    await release();
    return (await answer) !== undefined;
  };
  return { log, time, counts, signer, release, signOne, levels: () => log.entries.map(({ level }) => level) };
}

test('a certificate with time left is no news', async () => {
  const { signOne, levels } = prepare(15);
  assert.equal(await signOne(), true);
  assert.deepEqual(levels(), []);
});

test('one that ends soon is one WARNING a day, one that has ended an ERROR a day and no signature', async () => {
  const { signOne, levels, time } = prepare(13);
  for (const daysLeft of [13, 12.5, 12, 11.5, 0.5]) {
    time.daysLeft = daysLeft;
    assert.equal(await signOne(), true, String(daysLeft));
  }
  assert.deepEqual(levels(), ['WARNING', 'WARNING', 'WARNING']);
  for (const daysLeft of [-0.6, -1, -1.7]) {
    time.daysLeft = daysLeft;
    assert.equal(await signOne(), false, String(daysLeft));
  }
  assert.deepEqual(levels().slice(3), ['ERROR', 'ERROR']);
});

test('one that ends is an ERROR at once, though a WARNING was just written', async () => {
  const { signOne, levels, time } = prepare(0.1);
  time.daysLeft = -0.1;
  assert.equal(await signOne(), false);
  assert.deepEqual(levels(), ['WARNING', 'ERROR']);
});

test('one that is not valid yet signs nothing', async () => {
  const { signOne, levels } = prepare(91);
  assert.equal(await signOne(), false);
  assert.deepEqual(levels(), ['ERROR']);
});

test('some are signed at once, the others in their turn', async () => {
  const { signer, release, counts } = prepare(60);
  const answers = Array.from({ length: 20 }, (_, index) => signer.sign(String(index)));
  await release();
  assert.deepEqual((await Promise.all(answers)).map(String), [...Array(20).keys()].map(String));
  assert.equal(counts.most, 2);
});

test('no more than some wait', async () => {
  const { signer, release } = prepare(60);
  const answers = Array.from({ length: 505 }, () => signer.sign('profile'));
  const settled = Promise.allSettled(answers);
  await release();
  const refused = (await settled).filter(({ status }) => status === 'rejected');
  // Two are being signed, 500 wait.
  assert.equal(refused.length, 3);
  for (const each of refused) assert.equal(each.status === 'rejected' && each.reason.code, 'signer_busy');
});

test('who waits too long is refused, and the next one is signed', async () => {
  const { signer, release, time, signOne } = prepare(60);
  const answers = Array.from({ length: 4 }, () => signer.sign('profile'));
  const settled = Promise.allSettled(answers);
  time.elapsedMs = 60_000;
  await release();
  const codes = (await settled).map((each) =>
    each.status === 'fulfilled' ? 'signed' : each.reason instanceof Failure ? each.reason.code : String(each.reason),
  );
  assert.deepEqual(codes, ['signed', 'signed', 'signer_busy', 'signer_busy']);
  assert.equal(await signOne(), true);
});
