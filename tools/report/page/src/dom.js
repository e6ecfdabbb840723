// Elements with texts in them. Stored texts get onto the page as text alone, never as markup.

/**
 * @param {string} name "p", or "p.class"
 * @param {Record<string, unknown>} [properties] attributes; on... are listeners; undefined: none
 * @param {...(Node | string | number | null | undefined)} children
 */
export function el(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const node = document.createElement(tag);
  if (classes.length > 0) node.className = classes.join(' ');
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || (value === false && !key.startsWith('aria-')))
      continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true && !key.startsWith('aria-') ? '' : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/** @param {string} id @param {string} title @param {...Node} children */
export function section(id, title, ...children) {
  return el(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    el('h2', { id: `${id}-title` }, title),
    ...children,
  );
}

/**
 * @param {string[]} heads @param {(Node | string)[][]} rows
 * @param {{caption?: string, numeric?: number[]}} [options]
 */
export function table(heads, rows, { caption, numeric = [] } = {}) {
  const kind = (i) => (numeric.includes(i) ? 'num' : undefined);
  return el(
    'table',
    {},
    caption ? el('caption', {}, caption) : null,
    el(
      'thead',
      {},
      el('tr', {}, ...heads.map((head, i) => el('th', { scope: 'col', class: kind(i) }, head))),
    ),
    el(
      'tbody',
      {},
      ...rows.map((row) =>
        el(
          'tr',
          {},
          ...row.map((cell, i) =>
            i === 0
              ? el('th', { scope: 'row', class: kind(i) }, cell)
              : el('td', { class: kind(i) }, cell),
          ),
        ),
      ),
    ),
  );
}
