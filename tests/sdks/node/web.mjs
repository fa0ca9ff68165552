// Has one visitor at each of the web servers of docs/web-servers.md, runs the script of docs/senders/mp.md, and ends when all
// events are sent.
import { readFile } from 'node:fs/promises';
import { app } from './express.mjs';
import { loader, page as pageLoader } from './loader.mjs';

const headers = {
  cookie: `_ga=GA1.1.5.6; ${process.env.VISITOR}; consent_analytics=yes; consent_ads=yes`, referer: 'https://www.shop.example/checkout',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
await new Promise((sent) => {
  const server = app.listen(0, '127.0.0.1', async () => {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/thanks?order=T-express`, {
      headers: { ...headers, 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': 'www.shop.example', 'x-forwarded-proto': 'https' },
    });
    console.log(await answer.text());
    server.close(sent);
  });
});
await loader({
  request: new Request('https://www.shop.example/thanks?order=T-loader', { headers: { ...headers, 'x-real-ip': '203.0.113.9' } }),
  context: { waitUntil: (sent) => sent },
});
// A first visit's view is the browser's to send, and gets an id all the same.
if (!pageLoader({ request: new Request('https://www.shop.example/') }).view) throw new Error('a view without an id');

const page = await readFile(new URL('../../../docs/senders/mp.md', import.meta.url), 'utf8');
const [, script] = page.match(/```js\n([^]*?)```/);
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
await new AsyncFunction(script.replaceAll('https://t.shop.example', new URL(process.env.HEADGATE_URL).origin))();
