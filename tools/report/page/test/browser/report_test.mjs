// Reports in a real browser, at 10, 10,000 and 100,000 tables: no message on the console, no request,
// drawn in time, and doing what a person expects of them. Leaves screenshots and a PDF behind.
//   node report_test.mjs --modules DIR --obviewsctl P --dump-views P --chromium P --work DIR
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { HOSTILE_NAMES, records } from './records.mjs';

const { values: options } = parseArgs({
  options: {
    modules: { type: 'string' },
    obviewsctl: { type: 'string' },
    'dump-views': { type: 'string' },
    chromium: { type: 'string' },
    work: { type: 'string' },
  },
});
const { chromium } = createRequire(path.join(path.resolve(options.modules), 'x.js'))(
  'playwright-core',
);

const MOST_LOAD_MS = 2000;
const MOST_BYTES = 15e6;
const QUIET = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
let browser;

before(async () => {
  await rm(options.work, { recursive: true, force: true });
  await mkdir(options.work, { recursive: true });
  browser = await chromium.launch({ executablePath: options.chromium, args: QUIET });
});
after(() => browser?.close());

/** The report of a recovery with these records. */
async function makeReport(name, what) {
  const file = (ending) => path.join(options.work, `${name}.${ending}`);
  await pipeline(Readable.from(records(what)), createWriteStream(file('jsonl')));
  execFileSync(options.obviewsctl, ['load', '--db', file('db'), file('jsonl')], { stdio: 'pipe' });
  execFileSync(options['dump-views'], ['report', '--db', file('db'), '-o', file('html')], {
    stdio: 'pipe',
  });
  await rm(file('jsonl'));
  await rm(file('db'), { recursive: true });
  return file('html');
}

/** Opens a report; `run` gets the page. Nothing may be said or asked for meanwhile. */
async function withReport(file, contextOptions, run) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...contextOptions,
  });
  const page = await context.newPage();
  const said = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => said.push(`dialog: ${dialog.message()}`));
  page.on(
    'request',
    (request) => request.url().startsWith('http') && said.push(`request: ${request.url()}`),
  );
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('html[data-ready]');
  await run(page);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(said, []);
  await context.close();
}

const drawnAt = (page) =>
  page.evaluate(() => performance.getEntriesByName('report-drawn')[0].startTime);
const shot = (page, name) =>
  page.screenshot({ path: path.join(options.work, `${name}.png`), fullPage: true });

/** Zooms in by keys until tables are drawn one by one. */
async function zoomToTables(page) {
  const chart = page.locator('#timeline-chart');
  await chart.focus();
  for (let i = 0; i < 30 && (await chart.getAttribute('data-drawn')) !== 'bars'; ++i) {
    await page.keyboard.press('+');
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }
  assert.equal(await chart.getAttribute('data-drawn'), 'bars');
  assert.match(await page.textContent('#timeline .state'), /tables? one by one/);
}

for (const tables of [10, 10_000, 100_000]) {
  test(`${tables} tables`, async (t) => {
    const file = await makeReport(`report-${tables}`, { tables });
    const { size } = await stat(file);
    assert.ok(size < MOST_BYTES, `${size} bytes`);
    let fastest = Infinity;
    // A machine may have other things to do: the fastest of three is the page's own.
    for (let i = 0; i < 3; ++i) {
      await withReport(
        file,
        {},
        async (page) => (fastest = Math.min(fastest, await drawnAt(page))),
      );
    }
    t.diagnostic(`${size} bytes, drawn ${Math.round(fastest)} ms after the navigation began`);
    assert.ok(fastest < MOST_LOAD_MS, `${fastest} ms`);

    await withReport(file, {}, async (page) => {
      await shot(page, `report-${tables}-light`);
      assert.match(await page.title(), /^shop 1\/1: Completed, [\d,]+ tables? failed$/);
      const header = await page.textContent('header');
      assert.ok(
        header.includes('100.00%') && header.includes(tables.toLocaleString('en-US')),
        header,
      );
      for (const heading of [
        'Stages and tables over time',
        'Throughput',
        'Failures by reason',
        'Slowest tables',
        'Parameters',
      ]) {
        assert.equal(await page.locator('h2', { hasText: heading }).count(), 1, heading);
      }
      assert.equal(
        await page.getAttribute('#timeline-chart', 'data-drawn'),
        tables > 1500 ? 'numbers' : 'bars',
      );
      await zoomToTables(page);
      await shot(page, `report-${tables}-zoomed`);
    });
  });
}

test('a table is found, failures are filtered', async () => {
  const file = await makeReport('report-search', { tables: 3000 });
  await withReport(file, {}, async (page) => {
    await page.fill('#timeline input[type=search]', 'table_002000');
    await page.keyboard.press('Enter');
    assert.match(
      await page.textContent('#timeline .detail'),
      /table_002000: (imported|failed), began ≈/,
    );
    await page.fill('#failure-search', HOSTILE_NAMES[0]);
    assert.match(await page.textContent('#failures .state'), /^1 table of [\d,]+ match/);
    assert.ok((await page.textContent('#failures tbody')).includes(HOSTILE_NAMES[0]));
    await page.fill('#failure-search', 'no such table');
    assert.equal(await page.locator('#failures .reason').count(), 0);
    await page.fill('#failure-search', '');
    await page.locator('#failures .reason summary').first().click();
    await page.locator('#failures .reason[open] tbody tr').nth(5).waitFor();
    await page.locator('[data-order=size]').click();
    await page.locator('[data-rows=tables]').click();
    assert.match(await page.textContent('#timeline .state'), /more tables below/);
    await page.locator('#timeline-chart').hover();
    await page.mouse.move(700, 500);
  });
});

test('the wheel zooms with Ctrl and scrolls without', async () => {
  const file = await makeReport('report-wheel', { tables: 3000 });
  await withReport(file, {}, async (page) => {
    const state = () => page.textContent('#timeline .state');
    const first = await state();
    const box = await page.locator('#timeline-chart').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 200);
    await page.mouse.wheel(0, 200);
    await page.waitForFunction(() => window.scrollY > 100);
    assert.equal(await state(), first);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.waitForFunction(
      (before) => document.querySelector('#timeline .state').textContent !== before,
      first,
    );
  });
});

test('light and dark, by what the browser prefers and by the button', async () => {
  const file = await makeReport('report-theme', { tables: 40 });
  const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await withReport(file, { colorScheme: 'dark' }, async (page) => {
    assert.equal(await ground(page), 'rgb(16, 20, 27)');
    await shot(page, 'report-dark');
    await page.click('#theme');
    assert.equal(await ground(page), 'rgb(245, 246, 248)');
    await page.click('#theme');
    assert.equal(await ground(page), 'rgb(16, 20, 27)');
  });
});

test('fits a phone', async () => {
  const file = await makeReport('report-phone', { tables: 40, running: true });
  await withReport(file, { viewport: { width: 390, height: 800 } }, async (page) => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await shot(page, 'report-phone');
  });
});

test('prints light, with what was closed open, and is as before afterwards', async () => {
  const file = await makeReport('report-print', { tables: 300 });
  await withReport(file, { colorScheme: 'dark' }, async (page) => {
    await page.pdf({
      path: path.join(options.work, 'report.pdf'),
      format: 'A4',
      printBackground: true,
    });
    assert.equal(await page.locator('html.paper').count(), 0);
    assert.equal(await page.locator('.reason[open]').count(), 0);
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    assert.equal(
      await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
      'rgb(255, 255, 255)',
    );
    assert.equal(await page.locator('.reason:not([open])').count(), 0);
    assert.equal(await page.locator('button:visible').count(), 0);
  });
  assert.ok((await stat(path.join(options.work, 'report.pdf'))).size > 20_000);
});

test('what runs says of what time it is and what it waits for', async () => {
  const file = await makeReport('report-running', { tables: 500, running: true });
  await withReport(file, {}, async (page) => {
    const header = await page.textContent('header');
    for (const text of [
      'Importing tables',
      'Made 2',
      'figures as of',
      'Waiting for',
      'being imported',
      'Estimated end',
    ]) {
      assert.ok(header.includes(text), `${text} in ${header}`);
    }
    await shot(page, 'report-running');
  });
});

test('hostile names are shown, secrets are not', async () => {
  const file = await makeReport('report-hostile', { tables: 20 });
  const html = await readFile(file, 'utf8');
  for (const secret of ['TOPSECRET', 'hunter2']) assert.ok(!html.includes(secret), secret);
  assert.ok(
    !/https?:\/\/(?!www\.w3\.org\/)/.test(html.replace(/<script[\s\S]*?<\/script>/g, '')),
    'an address in the markup',
  );
  await withReport(file, {}, async (page) => {
    const names = await page.locator('#slowest tbody th').allTextContents();
    for (const name of HOSTILE_NAMES.slice(0, 5)) {
      assert.ok(
        names.some((shown) => shown.endsWith(`.${name}`)),
        name,
      );
    }
    assert.ok(names.some((name) => name.includes('emoji 😀 turned ‹202E› around ␇␀␊')));
    assert.ok((await page.textContent('#parameters')).includes('******'));
    assert.equal(await page.locator('#report script, #report img').count(), 0);
  });
});
