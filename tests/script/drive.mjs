// Drives Chromium for the tests of this folder: a line of JSON in, a line of JSON out.
//
//   {"do": "visit", "url": "...", "gpc": "header"}                a new visitor opens a page; their browser objects by GPC, or only says so to the page
//   {"do": "be", "who": "anna"}                                   what follows is about another person, who is there beside those so far
//   {"do": "tab", "url": "..."}                                   the same visitor opens another tab, which is the one from now on
//   {"do": "go", "url": "..."}                                    the tab goes somewhere else
//   {"do": "back"}                                                the tab goes back; the page may come out of the cache
//   {"do": "alone", "url": "..."}                                 a new visitor opens a page in a Chromium that nobody looks into
//   {"do": "end"}                                                 all visitors go
//   {"do": "run", "code": "..."}                                  evaluates code in the page
//   {"do": "click", "on": "#buy", "with": {...}}                  the visitor clicks
//   {"do": "type", "on": "#mail", "text": "..."}                  the visitor writes
//   {"do": "cookies"}                                             the names of the visitor's cookies
//   {"do": "network", "on": false}                                the visitor's network goes, or comes back
//   {"do": "crash"}                                               the processes of pages that nobody looks into end as if they had crashed
//   {"do": "trace", "of": "/a.js"}                                the longest that a task of a script has computed since {"do": "trace"}, in milliseconds
//   {"do": "close"}                                               the tab is closed; the visitor's storage stays
//   {"do": "said"}                                                what pages have complained about, and cookies that scripts have written
//
// It ends, and Chromium with it, when its input does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { chromium } from 'playwright-core';
import { watch } from './watch.mjs';
import { answer } from '../driver/answer.mjs';

// A person's browser, also in what it sends when a page is gone; a headless one would be counted among the bots, see site_test.go.
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36';

// Playwright gives it an empty folder of its own and removes it at the end.
const launch = () => chromium.launch({
  executablePath: process.argv[2],
  headless: true,
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-blink-features=AutomationControlled',
    `--user-agent=${userAgent}`, '--host-resolver-rules=MAP *.example 127.0.0.1'],
});
let browser = await launch();
let visitor; // a context: it shares nothing with the one before
let tab;
let who = '';
const others = new Map(); // the visitors and tabs of those whom nothing is about at the moment
let alone; // a Chromium of its own, which nobody looks into: a page that is looked into is not prerendered
let profile;
const said = [];

// Players as YouTube and Vimeo have them in frames, as far as their messages go: four seconds of film in a moment.
const player = (start, tell) => `<!doctype html><title>player</title><script>
  const say = (what) => parent.postMessage(JSON.stringify(what), '*');
  let asked = false;
  addEventListener('message', ({ data }) => {
    const said = JSON.parse(data);
    if (asked || !(${start})) return;
    asked = true;
    [0.1, 1, 2, 3, 4].forEach((seconds) => say(${tell}));
  });
</script>`;
const players = {
  'https://www.youtube.com/**': player(`said.event === 'listening'`, `{ event: 'infoDelivery', info: { currentTime: seconds, duration: 4 } }`),
  'https://player.vimeo.com/**': player(`said.method === 'addEventListener'`, `{ event: 'timeupdate', data: { seconds, duration: 4 } }`),
};

async function openTab(url, until = 'load') {
  tab = await visitor.newPage();
  // A console that nobody is signed in to is told so with a status.
  const expected = (m) => /ERR_INTERNET_DISCONNECTED|status of 503/.test(m.text()) || m.location().url.endsWith('/api/session');
  tab.on('console', (m) => m.type() === 'error' && !expected(m) && said.push(`${m.text()} ${m.location().url}`));
  tab.on('pageerror', (e) => /broken|rejected/.test(e) || said.push(String(e)));
  await tab.goto(url, { waitUntil: until });
}

/** Closes a visitor's context. A busy Chromium once never did that: after a minute another one is started in its place. */
async function close(context) {
  if (!context) return;
  const late = new Promise((done) => setTimeout(done, 60_000, 'late').unref());
  if (await Promise.race([context.close(), late]) !== 'late') return;
  browser.close().catch(() => {});
  browser = await launch();
}

/** The processes that a process has started, and those that these have. */
async function below(pid) {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const found = children.split(' ').filter(Boolean).map(Number);
  return (await Promise.all(found.map(below))).flat().concat(found);
}

const verbs = {
  async visit({ url, gpc, until }) {
    await close(visitor);
    visitor = await browser.newContext({ extraHTTPHeaders: gpc === 'header' ? { 'Sec-GPC': '1' } : {} });
    await visitor.addInitScript(watch);
    for (const [where, body] of Object.entries(players)) await visitor.route(where, (route) => route.fulfill({ contentType: 'text/html', body }));
    if (gpc) {
      await visitor.addInitScript(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true }));
    }
    await openTab(url, until);
  },
  async be({ who: name }) {
    others.set(who, { visitor, tab });
    ({ visitor, tab } = others.get(name) ?? {});
    others.delete(name);
    who = name;
    await tab?.bringToFront(); // a page that is hidden asks for nothing
  },
  tab: ({ url }) => openTab(url),
  go: ({ url, until }) => tab.goto(url, { waitUntil: until ?? 'load' }).then(() => null),
  back: () => tab.evaluate(() => { history.back(); }).catch(() => {}),
  async alone({ url }) {
    profile = await mkdtemp(`${tmpdir()}/alone-`);
    alone = spawn(process.argv[2], ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-port=0',
      `--user-data-dir=${profile}`, url], { stdio: 'ignore' });
  },
  async end() {
    await close(visitor);
    visitor = undefined;
    for (const one of others.values()) await close(one.visitor);
    others.clear();
    if (!alone) return;
    const ended = once(alone, 'exit');
    alone.kill();
    await ended;
    alone = undefined;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  },
  run: ({ code }) => tab.evaluate(code),
  click: ({ on, with: options }) => tab.click(on, options),
  type: ({ on, text }) => tab.fill(on, text),
  cookies: async () => (await visitor.cookies()).map(({ name }) => name),
  network: ({ on }) => visitor.setOffline(!on),
  async crash() {
    for (const pid of await below(alone.pid)) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it may have ended
      if (command.includes('--type=renderer')) process.kill(pid, 'SIGKILL');
    }
  },
  async trace({ of }) {
    if (!of) return browser.startTracing(tab, { categories: ['devtools.timeline', 'v8'] });
    const { traceEvents } = JSON.parse(await browser.stopTracing());
    // tdur is what the thread has computed: what else a busy machine does is not in it.
    const took = traceEvents.filter((e) => ['EvaluateScript', 'FunctionCall', 'v8.compile'].includes(e.name) && (e.args.data?.url ?? '').includes(of));
    return { tasks: took.length, longest: Math.max(0, ...took.map((e) => (e.tdur ?? e.dur) / 1000)) };
  },
  close: () => tab.close({ runBeforeUnload: false }),
  said: () => said.splice(0),
};

await answer(verbs);
await browser.close();
process.exit(); // a Chromium that was replaced may still run
