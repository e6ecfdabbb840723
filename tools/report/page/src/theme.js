// Light, dark and paper: the colours of the charts follow those of the page.

const listeners = [];

/** Colours of the page as it is shown now; style.css has them. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of('text'),
    muted: of('muted'),
    line: of('line'),
    panel: of('panel'),
    lane: of('lane'),
    accent: of('accent'),
    failedEdge: of('failed-edge'),
    outcomes: [of('waiting'), of('running'), of('done'), of('failed')],
    stages: [of('stage-1'), of('stage-2')],
    onStage: of('on-stage'),
    // Names on bars, by outcome: amber takes dark ones always.
    onBars: [of('on-bar'), '#0d121a', of('on-bar'), of('on-bar')],
  };
}

/** Calls `listener` whenever the colours changed. */
export function onColours(listener) {
  listeners.push(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark now. */
export function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === 'dark' : dark.matches;
}

/** Whether the page is drawn for paper. */
export function isPaper() {
  return document.documentElement.classList.contains('paper');
}

export function toggleTheme() {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  tell();
}

/**
 * Calls `before` when the page goes to paper, in the colours of paper, and `after` when it is back.
 * @param {{before: () => void, after: () => void}} calls
 */
export function onPrint({ before, after }) {
  let printing = false;
  const begin = () => {
    if (printing) return;
    printing = true;
    document.documentElement.classList.add('paper');
    tell();
    before();
  };
  const end = () => {
    if (!printing) return;
    printing = false;
    document.documentElement.classList.remove('paper');
    tell();
    after();
  };
  window.addEventListener('beforeprint', begin);
  window.addEventListener('afterprint', end);
}

dark.addEventListener('change', tell);
