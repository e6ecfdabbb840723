// Counting in equal stretches of time.

/** Steps that people count time in, milliseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((s) => s * 1000),
  ...[1, 2, 5, 10, 15, 30].map((m) => m * 60_000),
  ...[1, 2, 3, 6, 12].map((h) => h * 3_600_000),
  ...[1, 2, 7, 14, 30, 90, 365].map((d) => d * 86_400_000),
];

/** The smallest step that cuts a span into `most` pieces at most. @param {number} span ms */
export function niceStep(span, most) {
  return STEPS.find((step) => span / step <= most) ?? span / most;
}

/**
 * Equal bins over [from, to], beginning at a multiple of the step of the zone's clock.
 * @param {number} offset ms east of UTC
 */
export function binsOver(from, to, most, offset = 0) {
  const step = niceStep(to - from, most);
  const begin = Math.floor((from + offset) / step) * step - offset;
  const size = Math.max(1, Math.ceil((to - begin) / step));
  return { begin, step, size };
}

/** How many of `times` fall in each bin; those that `accept` refuses do not count. */
export function countIn(bins, times, accept) {
  const counts = new Float64Array(bins.size);
  const { begin, step, size } = bins;
  for (let i = 0; i < times.length; ++i) {
    const at = Math.floor((times[i] - begin) / step);
    if (at >= 0 && at < size && accept(i)) counts[at] += 1;
  }
  return counts;
}

/**
 * Adds `weight`, spread evenly over [from, to], to the bins it meets; all of it into one bin if it
 * takes no time.
 */
export function spread(bins, sums, from, to, weight) {
  const { begin, step, size } = bins;
  const first = (from - begin) / step;
  const last = (to - begin) / step;
  if (!(last >= 0) || !(first < size)) return;
  if (last - first < 1e-9) {
    if (first >= 0) sums[Math.floor(first)] += weight;
    return;
  }
  const density = weight / (last - first);
  const lowest = Math.max(0, Math.floor(first));
  const highest = Math.min(size - 1, Math.floor(last));
  for (let i = lowest; i <= highest; ++i) {
    sums[i] += density * (Math.min(last, i + 1) - Math.max(first, i));
  }
}
