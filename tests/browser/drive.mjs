// Drives Chromium for browser_test.go: a line of JSON in, a line of JSON out.
//
//   {"do": "open", "url": "...", "gpc": true}   a new visitor opens a page
//   {"do": "click", "id": "accept"}             the visitor clicks; answers when all the page sent was answered
//   {"do": "follow", "id": "link", "url": "..."} the visitor clicks on a link that leads there, with what may be added to it
//   {"do": "cookies", "url": "..."}             the visitor's cookies, of all pages or of that, those that scripts cannot see too
//
// It ends, and Chromium with it, when its input does.
import { chromium } from 'playwright-core';
import { answer } from '../driver/answer.mjs';

// Playwright gives it an empty folder of its own and removes it at the end.
const browser = await chromium.launch({
  executablePath: process.argv[2],
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
let visitor; // a context: it shares nothing with the one before
let page;

const verbs = {
  async open({ url, gpc }) {
    await visitor?.close();
    visitor = await browser.newContext({ extraHTTPHeaders: gpc ? { 'Sec-GPC': '1' } : {} });
    if (gpc) {
      await visitor.addInitScript(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true }));
    }
    page = await visitor.newPage();
    await page.goto(url);
    return await page.evaluate(() => window.settled());
  },
  async click({ id }) {
    await page.click(`#${id}`);
    return await page.evaluate(() => window.settled());
  },
  async follow({ id, url }) {
    await page.hover(`#${id}`);
    await page.evaluate(() => window.settled()); // what the page asks for while the pointer is there
    await page.click(`#${id}`);
    await page.waitForURL((to) => to.href.startsWith(url));
    return await page.evaluate(() => window.settled());
  },
  async cookies({ url }) {
    const cookies = await visitor.cookies(url ?? []);
    return Object.fromEntries(cookies.map((c) => [c.name, c.value]));
  },
};

await answer(verbs);
await browser.close();
