// What waits to be sent: first for consent, in memory only, then for its batch. One request is under way at a time, so that the order
// is kept; what cannot be delivered is tried again, and kept by the browser when the page goes.
import { known } from './consent';
import type { Hit } from './event';
import { beacon, later, post } from './send';
import { needs } from './settings';
import { keep, kept } from './store';

const most = 40; // events in a request
let held: [Hit, string[]][] = [];
let queue: Hit[] = [];
let flying: Hit[] = [];
let timer = 0;
let failures = 0;

/** Whether anything has left this page. */
export let sent = false;

export function add(hit: Hit, purposes: string[]): void {
  held.push([hit, purposes]);
  release();
}

/** A page that is only prerendered sends nothing. */
const prerendered = () => (document as { prerendering?: boolean }).prerendering;

/** Lets go of what is held for nothing any more. */
export function release(): void {
  if (prerendered()) return;
  held = held.filter(([hit, purposes]) => !known(purposes) || !queue.push(hit));
  if (!queue.length) return;
  later(queue);
  if (!failures) schedule(sent && queue.length < 10 ? 2000 : 0);
}

function schedule(wait: number): void {
  if (timer && wait) return;
  clearTimeout(timer);
  timer = setTimeout(flush, wait);
}

async function flush(): Promise<void> {
  timer = 0;
  if (flying.length || !queue.length) return;
  flying = queue.splice(0, most);
  sent = true;
  later(queue);
  if (await post(flying)) failures = 0;
  else {
    queue.unshift(...flying);
    failures++;
  }
  flying = [];
  if (queue.length) schedule(failures ? Math.min(60, 2 ** failures) * 1000 * (1 + Math.random() / 2) : 0);
}

/** The page may be gone in a moment: what is left goes now, or is kept where nothing can go. */
export function leave(): void {
  later([]);
  if (failures || !navigator.onLine) {
    if (keep(flying.concat(queue))) queue = [];
    return;
  }
  while (queue.length) {
    sent = true;
    if (!beacon(queue.slice(0, most))) {
      if (keep(queue)) queue = [];
      return;
    }
    queue.splice(0, most);
  }
}

/** Takes up what pages have kept, once the choice is known here too, and tries again at once. */
export function resume(): void {
  if (prerendered() || !known(needs)) return;
  const again = (hits: Hit[]) => {
    queue.unshift(...hits);
    failures = 0;
    if (queue.length) schedule(0);
  };
  again([]);
  kept(again);
}
