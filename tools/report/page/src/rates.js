// Rates: what was done in a time.

/** The unit of time in which most rates are one at least. @param {number} perMs */
export function unitOf(perMs) {
  for (const [name, ms] of [
    ['s', 1000],
    ['min', 60_000],
    ['h', 3_600_000],
  ]) {
    if (perMs * ms >= 0.5) return { name, ms };
  }
  return { name: 'd', ms: 86_400_000 };
}

/** Pairs of (time, what was restored in a ms since the sample before). */
export function restoreRates(samples) {
  const rates = [];
  let last = null;
  for (const { time, bytes: now } of samples) {
    if (now === null) continue;
    if (
      last !== null &&
      time > last.time &&
      now >= last.bytes &&
      (now > last.bytes || rates.length > 0)
    ) {
      rates.push({ from: last.time, to: time, perMs: (now - last.bytes) / (time - last.time) });
    }
    last = { time, bytes: now };
  }
  while (rates.length > 0 && rates.at(-1).perMs === 0) rates.pop();
  return rates;
}
