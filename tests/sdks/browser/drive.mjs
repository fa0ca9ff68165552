// Drives Chromium for sdks_test.go: a line of JSON in, a line of JSON with the same id out, many at a time.
//
//   {"id": 1, "do": "build", "into": "..."}                      bundles pages/*.js, gets script.js
//   {"id": 2, "do": "open", "key": "...", "url": "..."}          the visitor called key opens a page
//   {"id": 3, "do": "run", "key": "...", "code": "..."}          evaluates code in it
//   {"id": 4, "do": "click", "key": "...", "on": "#buy"}         the visitor clicks
//   {"id": 5, "do": "network", "key": "...", "on": false}        the visitor's network goes, or comes back
//   {"id": 6, "do": "failures", "key": "...", "of": "..."}       how many requests of the visitor that match this have failed on the way
//   {"id": 7, "do": "close", "key": "...", "code": "..."}        evaluates code and closes the tab; the visitor's storage stays
//
// It ends, and Chromium with it, when its input does.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const [executablePath] = process.argv.slice(2);
const here = new URL('.', import.meta.url).pathname;
const senders = new URL('../../../docs/senders/', import.meta.url);

// Playwright gives it an empty folder of its own and removes it at the end.
const browser = await chromium.launch({
  executablePath,
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-blink-features=AutomationControlled',
    '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows'],
});

// snippets makes `import snippet from 'snippet:segment'` the first script of docs/senders/segment.md, sent to the test's hosts.
const snippets = {
  name: 'snippets',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^snippet:/ }, ({ path }) => ({ path: path.slice('snippet:'.length), namespace: 'snippet' }));
    onLoad({ filter: /.*/, namespace: 'snippet' }, async ({ path }) => {
      const page = await readFile(new URL(`${path}.md`, senders), 'utf8');
      const [, language, text] = page.match(/^ *```(js|html)\n([^]*?)^ *```/m) ?? [];
      if (!text) throw new Error(`docs/senders/${path}.md has no script`);
      return { contents: language === 'js' ? script(text) : tags(text), resolveDir: here };
    });
  },
};

// script runs a snippet with the names that it uses, and returns what it declares as analytics.
function script(text) {
  const code = text.replace(/(["'])https:\/\/t\.shop\.example([^"']*)\1/g, '(headgate + $1$2$1)');
  const body = `with (scope) { ${code}\n return { analytics: typeof analytics === 'undefined' ? undefined : analytics }; }`;
  return `const run = new Function('scope', 'headgate', ${JSON.stringify(body)});
    export default (scope) => run(scope, window.headgate);`;
}

// tags puts the elements of a snippet into the page and waits until the scripts have run.
function tags(text) {
  return `export default async () => {
    const text = ${JSON.stringify(text)}.replaceAll('https://t.shop.example', window.headgate).replaceAll('https://www.shop.example', location.origin);
    const snippet = new DOMParser().parseFromString(text, 'text/html');
    document.body.append(...snippet.querySelectorAll('body > :not(script)'));
    for (const given of snippet.querySelectorAll('script')) {
      const script = document.createElement('script');
      for (const { name, value } of given.attributes) script.setAttribute(name, value);
      script.textContent = given.textContent;
      const loaded = given.src && new Promise((yes, no) => { script.onload = yes; script.onerror = no; });
      document.head.append(script);
      await loaded;
    }
  };`;
}

// Umami's script comes with the whole of Umami, whose dependencies are not wanted: one file of the package is taken.
const { umami } = JSON.parse(await readFile(new URL('package.json', import.meta.url)));

async function takeUmami(into) {
  const run = promisify(execFile);
  const folder = await mkdtemp(`${tmpdir()}/umami-`);
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', folder, `umami@${umami.version}`]);
    const archive = `${folder}/umami-${umami.version}.tgz`;
    const sum = createHash('sha512').update(await readFile(archive)).digest('base64');
    if (sum !== umami.sha512) throw new Error(`umami@${umami.version} has the SHA-512 ${sum}`);
    await run('tar', ['-xzf', archive, '-C', folder, 'package/src/tracker/index.js']);
    await copyFile(`${folder}/package/src/tracker/index.js`, `${into}/script.js`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const visitors = {}; // by key: a context, which shares nothing with others, and its page

const verbs = {
  async build({ into }) {
    const names = (await readdir(`${here}pages`)).map((file) => file.replace(/\.js$/, ''));
    await build({
      entryPoints: names.map((name) => ({ in: `${here}pages/${name}.js`, out: name })),
      outdir: into, bundle: true, format: 'iife', globalName: 'sdk', platform: 'browser', plugins: [snippets], logLevel: 'error',
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    await takeUmami(into);
  },
  async open({ key, url }) {
    const visitor = visitors[key] ??= { problems: [], failed: [] };
    visitor.context ??= await browser.newContext({
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`,
    });
    visitor.page = await visitor.context.newPage();
    visitor.page.on('requestfailed', (request) => visitor.failed.push(`${request.url()} ${request.postData() ?? ''}`));
    visitor.page.on('pageerror', (error) => visitor.problems.push(String(error)));
    await visitor.page.goto(url);
  },
  run: ({ key, code }) => visitors[key].page.evaluate(code),
  click: ({ key, on }) => visitors[key].page.click(on),
  async network({ key, on }) {
    const { context, page } = visitors[key];
    await context.setOffline(!on);
    // Chromium's network service hears of it a little later than the page: what was sent meanwhile would meet the network as it was.
    const reached = () => page.evaluate(() => fetch(location.href, { cache: 'no-store' }).then(() => true, () => false));
    while (await reached() !== on) await new Promise((done) => setTimeout(done, 20));
  },
  failures: ({ key, of }) => visitors[key].failed.filter((text) => text.match(of)).length,
  async close({ key, code }) {
    const { page, problems } = visitors[key];
    await page.evaluate(code);
    await page.close();
    return problems.splice(0);
  },
};

async function answer({ id, do: verb, ...what }) {
  try {
    console.log(JSON.stringify({ id, answer: (await verbs[verb](what)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ id, error: `${error} ${visitors[what.key]?.problems ?? ''}` }));
  }
}

const all = [];
for await (const line of createInterface({ input: process.stdin })) all.push(answer(JSON.parse(line)));
await Promise.all(all);
await browser.close();
