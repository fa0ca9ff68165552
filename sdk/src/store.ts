// What could not be sent is kept in localStorage for a later page. Each page writes under a key of its own, and a lock lets one tab
// at a time take what is there, so that nothing is sent by two.
import type { Hit } from './event';

const prefix = 'headgate.';
const mine = prefix + Math.random().toString(36).slice(2);
const longest = 7 * 864e5;
const most = 100;

/** Keeps events, and reports whether the browser does. */
export function keep(hits: Hit[]): boolean {
  try {
    const before: Hit[] = JSON.parse(localStorage.getItem(mine) || '[]');
    localStorage.setItem(mine, JSON.stringify(before.concat(hits).slice(-most)));
    return true;
  } catch {
    return false;
  }
}

/** Takes out all that is kept, the oldest first. */
export function kept(use: (hits: Hit[]) => void): void {
  const take = async () => {
    let hits: Hit[] = [];
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix)) {
        hits = hits.concat(JSON.parse(localStorage.getItem(key)!));
        localStorage.removeItem(key);
      }
    }
    hits = hits.filter((hit) => hit.t > Date.now() - longest).sort((a, b) => a.t - b.t);
    if (hits.length) use(hits);
  };
  try {
    if (navigator.locks) navigator.locks.request(prefix, take).catch(() => {});
    else take().catch(() => {});
  } catch {
    // no storage here
  }
}
