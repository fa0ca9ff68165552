// The entry of the script that Headgate serves: its tag says what start is to be given.
import { start } from './index';
import { load } from './load';

const tag = document.currentScript as HTMLScriptElement;
const { to, parts, id, hash, manual, ...rest } = tag.dataset;

function run(): void {
  start({
    ...rest,
    to: new URL(to || '/e', tag.src).href,
    id: id && new URL(id, tag.src).href,
    hash: hash != null,
    manual: manual != null,
  });
  for (const name of (parts || '').split(' ')) if (name) load(tag, name);
}

// The overlay comes first, so that it sees everything.
if (/[?&]headgate=debug\b/.test(location.search)) load(tag, 'overlay', run);
else run();
