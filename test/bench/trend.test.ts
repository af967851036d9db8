import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slope } from '../../bench/trend.ts';

for (const { name, ys, want } of [
  { name: 'a line', ys: [1, 3, 5, 7], want: 2 },
  { name: 'flat', ys: [4, 4, 4], want: 0 },
  { name: 'falling', ys: [9, 6, 3], want: -3 },
  { name: 'as much above as below', ys: [0, 2, 0, 2], want: 0.4 },
]) {
  test(`slope: ${name}`, () => {
    const points = ys.map((y, x) => ({ x, y }));
    assert.ok(Math.abs(slope(points) - want) < 1e-12, `${slope(points)}`);
  });
}
