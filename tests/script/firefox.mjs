// Drives Firefox as drive.mjs does Chromium, with those of its verbs that follow. Firefox speaks WebDriver BiDi itself.
//
//   {"do": "visit", "url": "...", "gpc": true}                    a new visitor opens a page; their Firefox is set to tell sites not to share data
//   {"do": "go", "url": "...", "until": "commit"}                 the tab goes somewhere else
//   {"do": "end"}                                                 the visitor goes
//   {"do": "run", "code": "..."}                                  evaluates code in the page
//   {"do": "click", "on": "#buy"}                                 the visitor clicks
//   {"do": "type", "on": "#mail", "text": "..."}                  the visitor writes
//   {"do": "cookies"}                                             the names of the visitor's cookies
//   {"do": "said"}                                                what pages have complained about, and cookies that scripts have written
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { WebSocket } from 'ws';
import { watch } from './watch.mjs';
import { answer } from '../driver/answer.mjs';

const program = process.argv[2];
const said = [];
let firefox; // of the visitor: its process, profile, connection and tab

/** Starts a Firefox with an empty profile. */
async function start(gpc) {
  const profile = await mkdtemp(`${tmpdir()}/firefox-`);
  const set = { 'privacy.globalprivacycontrol.enabled': !!gpc, 'privacy.globalprivacycontrol.functionality.enabled': true, 'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false, 'app.normandy.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false };
  await writeFile(`${profile}/user.js`, Object.entries(set).map(([name, value]) => `user_pref("${name}", ${value});\n`).join(''));
  const child = spawn(program, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } });
  let words = '';
  const address = await new Promise((found, failed) => {
    child.once('error', failed);
    child.once('exit', (status) => failed(new Error(`Firefox has ended with ${status}: ${words}`)));
    child.stderr.on('data', (some) => {
      words += some;
      const listening = words.match(/WebDriver BiDi listening on (ws:\S+)/);
      if (listening) found(listening[1]);
    });
  });
  const socket = new WebSocket(`${address}/session`);
  await once(socket, 'open');
  firefox = { child, profile, socket, asked: new Map() };
  socket.on('message', heard);
  await call('session.new', { capabilities: {} });
  await call('session.subscribe', { events: ['log.entryAdded'] });
  await call('script.addPreloadScript', { functionDeclaration: watch.toString() });
  firefox.tab = (await call('browsingContext.getTree', {})).contexts[0].context;
  // Without a screen a window has no focus. The first page has it now: a page without is not looked at, and its fields are not entered.
  await call('browsingContext.activate', { context: firefox.tab });
}

function heard(text) {
  const { id, type, method, params, result, error, message } = JSON.parse(text);
  if (type === 'event') {
    if (method === 'log.entryAdded' && params.level === 'error' && !/broken|rejected/.test(params.text)) said.push(`${params.text}`);
    return;
  }
  const { done, failed } = firefox.asked.get(id);
  firefox.asked.delete(id);
  if (type === 'success') done(result);
  else failed(new Error(`${error}: ${message}`));
}

let calls = 0;
function call(method, params) {
  return new Promise((done, failed) => {
    firefox.asked.set(++calls, { done, failed });
    firefox.socket.send(JSON.stringify({ id: calls, method, params }));
  });
}

/** A value as BiDi writes it, as it is. */
const plain = ({ type, value }) => type === 'array' ? value.map(plain) : type === 'object' ? Object.fromEntries(value.map(([key, of]) => [key, plain(of)])) : value ?? null;

const go = (url, until) => call('browsingContext.navigate', { context: firefox.tab, url, wait: until === 'commit' ? 'none' : 'complete' });

async function evaluate(expression) {
  const { result, exceptionDetails } = await call('script.evaluate', { expression, target: { context: firefox.tab }, awaitPromise: true, userActivation: false });
  if (exceptionDetails) throw new Error(exceptionDetails.text);
  return result;
}

/** Waits for the element that a selector names. */
async function element(on) {
  for (let tries = 0; ; tries++) {
    const { nodes } = await call('browsingContext.locateNodes', { context: firefox.tab, locator: { type: 'css', value: on }, maxNodeCount: 1 });
    if (nodes.length) return nodes[0];
    if (tries === 300) throw new Error(`there is no ${on}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}

async function click(on) {
  const { sharedId } = await element(on);
  await evaluate(`document.querySelector(${JSON.stringify(on)}).scrollIntoView({ block: 'center' })`);
  await call('input.performActions', { context: firefox.tab, actions: [{ type: 'pointer', id: 'mouse', actions: [
    { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element: { sharedId } } }, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 },
  ] }] });
}

const verbs = {
  async visit({ url, gpc, until }) {
    await verbs.end();
    await start(gpc);
    await go(url, until);
  },
  go: ({ url, until }) => go(url, until).then(() => null),
  async end() {
    if (!firefox) return;
    const { child, profile, socket } = firefox;
    const ended = once(child, 'exit');
    socket.terminate();
    child.kill();
    await ended;
    firefox = undefined;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  },
  run: async ({ code }) => plain(await evaluate(code)),
  click: ({ on }) => click(on),
  async type({ on, text }) {
    await click(on);
    const keys = [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    await call('input.performActions', { context: firefox.tab, actions: [{ type: 'key', id: 'keys', actions: keys }] });
  },
  cookies: async () => (await call('storage.getCookies', { partition: { type: 'context', context: firefox.tab } })).cookies.map(({ name }) => name),
  said: () => said.splice(0),
};

await answer(verbs);
await verbs.end();
