// Drives Chromium for console_test.go: a line of JSON in, a line of JSON out. Each verb waits for what it asks for.
//
//   {"do": "open", "url": "http://...", "width": 1400, "height": 900, "dark": true}   a new person with an empty browser
//   {"do": "empty"}                                                                   the same person, with nothing but the cookies
//   {"do": "goto", "path": "/live", "shows": "purchase"}                              opens a page and waits for a text in it
//   {"do": "problems"}                                                                what went wrong since the last time
//
// It ends, and Chromium with it, when its input does.
import { readFile } from 'node:fs/promises';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { answer } from '../driver/answer.mjs';

const browser = await chromium.launch({
  executablePath: process.argv[2],
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let person; // a context: it shares nothing with the one before
let page;
let base;
let problems = [];
let opened; // as what the person came

// Who is not signed in, or asks for what is not there, is told so with a status; the browser writes each such status to its
// console. What the screen makes of it is looked at in the screen.
const expected = (m) => (m.text().includes('401') && m.location().url.endsWith('/api/session')) || (m.text().includes('404') && m.location().url.includes('/api/'));

function watch() {
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type()) && !expected(m)) problems.push(`console: ${m.text()} ${m.location().url}`); });
  page.on('pageerror', (e) => problems.push(`error: ${e.stack}`));
  page.on('dialog', (d) => { problems.push(`dialog: ${d.message()}`); void d.dismiss(); });
  page.on('request', (r) => { if (!r.url().startsWith(base) && !/^(blob|data):/.test(r.url())) problems.push(`foreign request: ${r.url()}`); });
}

const shown = (text) => page.locator('main, dialog').getByText(text).filter({ visible: true }).first();
const named = ({ role, name, exact }) => page.getByRole(role, { name, exact: exact ?? false }).filter({ visible: true }).first();

/** meter returns what the browser has done so far, all of its processes and the page's own thread, in seconds. */
async function meter() {
  const [whole, own] = await Promise.all([browser.newBrowserCDPSession(), person.newCDPSession(page)]);
  await own.send('Performance.enable');
  return async () => {
    const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
    const { metrics } = await own.send('Performance.getMetrics');
    const of = (name) => metrics.find((m) => m.name === name).value;
    return { at: performance.now() / 1000, browser: processInfo.reduce((sum, one) => sum + one.cpuTime, 0), page: of('TaskDuration') };
  };
}

const verbs = {
  async empty() { await verbs.open({ ...opened, state: await person.storageState() }); },
  async open({ url, width, height, dark, state, behind }) {
    await person?.close();
    base = url;
    problems = [];
    opened = { url, width, height, dark };
    person = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', permissions: ['clipboard-write'], storageState: state });
    person.setDefaultTimeout(60_000);
    await person.addInitScript(() => {
      window.hacked = (where) => console.error(`foreign text has run: ${where}`);
      document.addEventListener('securitypolicyviolation', (v) => console.error(`policy violated: ${v.violatedDirective} ${v.blockedURI} ${v.sample}`));
    });
    if (behind) await person.addInitScript(() => { window.requestAnimationFrame = () => 0; }); // a tab behind another draws nothing
    page = await person.newPage();
    watch();
  },
  async goto({ path, shows }) {
    await page.goto(base + path);
    if (shows) await shown(shows).waitFor();
  },
  async painted() { return await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0); },
  async works({ seconds }) { // the share of a core that the browser and the page's own thread take from now on
    const read = await meter();
    const before = await read();
    await page.waitForTimeout(seconds * 1000);
    const after = await read();
    const took = after.at - before.at;
    return { browser: (after.browser - before.browser) / took, page: (after.page - before.page) / took };
  },
  async shows({ text }) { await shown(text).waitFor(); },
  async gone({ text }) { await shown(text).waitFor({ state: 'hidden' }); },
  async click(asked) { await named(asked).click(); },
  async download(asked) { // what a click saves
    const [saved] = await Promise.all([page.waitForEvent('download'), named(asked).click()]);
    return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), 'utf8') };
  },
  async hover({ text }) { // over a text in the editor
    const place = page.locator('.codes').getByText(text, { exact: true }).first();
    await place.scrollIntoViewIfNeeded();
    await place.hover();
  },
  async tooltip() { return await page.locator('.codes .cm-tooltip').first().innerText(); }, // it waits for one
  async follow({ selector }) { await page.locator(selector).first().click(); },
  async fill({ label, text }) { await page.getByLabel(label).filter({ visible: true }).first().fill(text); },
  async choose({ label, value }) { await page.getByLabel(label).first().selectOption(value); },
  async keys({ keys }) { for (const key of keys) await page.keyboard.press(key); },
  async type({ text }) { await page.keyboard.insertText(text); },
  async reload({ shows }) { await page.reload(); if (shows) await shown(shows).waitFor(); },
  async back({ shows }) { await page.goBack(); if (shows) await shown(shows).waitFor(); },
  async at() { const at = new URL(page.url()); return at.pathname + at.search; },
  async reach({ path }) { await page.waitForURL((url) => url.pathname + url.search === path || url.pathname === path); },
  async focused() {
    return await page.evaluate(() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e === document.body ? '' : (e?.getAttribute('aria-label') || e?.labels?.[0]?.textContent || e?.textContent || '').trim(); });
  },
  async tab({ name }) { // presses Tab until what has the focus is called so
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press('Tab');
      if ((await verbs.focused()).includes(name)) return;
    }
    throw new Error(`nothing called ${name} can be reached by Tab`);
  },
  async text() { return await page.locator('main').innerText(); },
  async left() { // what a step that failed leaves, also of a page that shows nothing
    const text = await page.locator('body').innerText({ timeout: 5000 }).catch(String);
    return `${page.url()}\n${problems.join('\n')}\n${text}`;
  },
  async count({ selector }) { return await page.locator(selector).count(); },
  async overflow() {
    return await page.evaluate(() => {
      const over = document.documentElement.scrollWidth - window.innerWidth;
      if (over <= 0) return [];
      const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1);
      return [`${over} px too wide`, ...wide.slice(0, 4).map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute('class')}`)];
    });
  },
  async axe() {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    return violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.target.join(' ')}: ${n.html.slice(0, 160)}`));
  },
  async shot({ file }) { await page.screenshot({ path: file, fullPage: true }); },
  async problems() { const all = problems; problems = []; return all; },
};

await answer(verbs);
await browser.close();
