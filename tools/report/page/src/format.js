// Figures, times and stored texts in the form people read.

/** @param {number} n */
export function count(n) {
  return n.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** "1 table", "2,000 tables" @param {number} n @param {string} what */
export function counted(n, what) {
  return `${count(n)} ${what}${n === 1 ? '' : 's'}`;
}

/** With three digits that matter. @param {number} x */
export function decimal(x) {
  if (x === 0 || !Number.isFinite(x)) return '0';
  if (Math.abs(x) >= 100) return count(Math.round(x));
  return x.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** @param {number} n */
export function bytes(n) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit += 1;
  }
  return `${decimal(n)} ${units[unit]}`;
}

/** A round number of bytes that is not below `n`: 1, 2 or 5 in any place of a unit. */
export function bytesStep(n) {
  let unit = 1;
  while (n / unit >= 512) unit *= 1024;
  for (let place = 1; ; place *= 10) {
    for (const digit of [1, 2, 5]) if (digit * place * unit >= n) return digit * place * unit;
  }
}

/** "3 M", "250 k" @param {number} x */
export function compact(x) {
  for (const [size, unit] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ]) {
    if (Math.abs(x) >= size) return `${decimal(x / (unit === 'k' ? 1e3 : size))} ${unit}`;
  }
  return decimal(x);
}

/** In the two largest units that matter: "2 d 3 h", "45 s", "12 ms". @param {number} ms */
export function duration(ms) {
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 1) return ms === 0 ? '0 s' : `${decimal(ms)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${decimal(Math.round(ms / 10) / 100)} s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n} ${unit}`)
    .join(' ');
}

/** Millionths as percent, cut and not rounded: what has not ended is never 100. @param {number} ppm */
export function percent(ppm) {
  return `${(Math.floor(ppm / 100) / 100).toFixed(2)}%`;
}

/**
 * Characters that nobody sees or that turn a text around, as pictures and code points, so that a
 * stored name is one line and is what it looks like.
 * @param {string} text
 */
export function visible(text) {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => {
      const code = c.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      if (code === 0x7f) return '\u2421';
      // Joiners are part of many emoji and scripts.
      if (code === 0x200c || code === 0x200d) return c;
      return `\u2039${code.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
    },
  );
}

/** The first characters of a text, whole ones. @param {string} text @param {number} most */
export function shortened(text, most) {
  const characters = Array.from(text.slice(0, 2 * most + 2));
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
}

/** The clock of a zone, from the offsets the data has of it. */
export class Clock {
  /** @param {{name: string, offsets: [number, number][]}} zone seconds since 1970, seconds east */
  constructor(zone) {
    this.name = zone.name;
    this.offsets = zone.offsets;
  }

  /** Milliseconds east of UTC at a time. @param {number} ms since 1970 */
  offset(ms) {
    let found = this.offsets.length > 0 ? this.offsets[0][1] : 0;
    for (const [begin, seconds] of this.offsets) {
      if (begin * 1000 <= ms) found = seconds;
    }
    return found * 1000;
  }

  /** "2023-08-21 19:54:25" and a fraction of so many digits. @param {number} ms @param {number} digits */
  time(ms, digits = 0) {
    const local = new Date(Math.floor(ms + this.offset(ms)));
    if (Number.isNaN(local.getTime())) return 'no time';
    const text = local.toISOString().replace('T', ' ');
    return digits > 0 ? text.slice(0, 20 + digits) : text.slice(0, 19);
  }

  /** A label of a time axis that shows so many milliseconds. @param {number} ms @param {number} span */
  tick(ms, span) {
    const text = this.time(ms, 3);
    if (span < 5_000) return text.slice(11, 23);
    if (span < 15 * 60_000) return text.slice(11, 19);
    if (span > 300 * 86_400_000) return text.slice(0, 10);
    if (text.slice(11, 16) === '00:00') return text.slice(5, 10);
    if (span < 4 * 86_400_000) return text.slice(11, 16);
    return text.slice(5, 16);
  }
}
