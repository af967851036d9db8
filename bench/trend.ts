export interface Point {
  readonly x: number;
  readonly y: number;
}

/** By how much y rises where x rises by one, on the line that lies nearest to all points (least squares). */
export function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const sum = (of: (point: Point) => number): number => points.reduce((total, point) => total + of(point), 0);
  return sum(({ x, y }) => (x - meanX) * (y - meanY)) / sum(({ x }) => (x - meanX) ** 2);
}
