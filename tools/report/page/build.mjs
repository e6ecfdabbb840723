// Makes the page of a report: one HTML file with the styles and the bundled scripts inside.
//   node build.mjs --modules DIR --out FILE     DIR: the node_modules that npm ci made
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { modules: { type: 'string' }, out: { type: 'string' } },
});
const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.resolve(options.modules);
const esbuild = createRequire(path.join(modules, 'x.js'))('esbuild');

/** What would end the element the text is put into, or begin a comment, cannot stand in it. */
function checkInline(text, what) {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${what} cannot stand in a page`);
  return text;
}

const common = { bundle: true, minify: true, write: false, logLevel: 'warning', charset: 'utf8' };
const script = await esbuild.build({
  ...common,
  entryPoints: [path.join(here, 'src/main.js')],
  nodePaths: [modules],
  format: 'iife',
  target: ['es2020'],
  legalComments: 'inline',
  define: { 'process.env.NODE_ENV': '"production"' },
});
const style = await esbuild.build({
  ...common,
  entryPoints: [path.join(here, 'style.css')],
  target: ['chrome90', 'firefox90', 'safari15'],
});

let page = await readFile(path.join(here, 'index.html'), 'utf8');
// Functions, because a replacement text with $ in it means something else.
page = page.replace('@STYLE@', () => checkInline(style.outputFiles[0].text, 'the style'));
page = page.replace('@SCRIPT@', () => checkInline(script.outputFiles[0].text, 'the script'));
await writeFile(path.resolve(options.out), page);
