// An event as it is sent: the compact form that Headgate's own source reads.
import type { Item, Params, Tracked, TrackOptions } from '../types';
import { add } from './queue';
import { needs } from './settings';

export interface Hit {
  n: string; // name
  i: string; // id
  t: number; // when, in Unix milliseconds
  v: string; // the page view it belongs to
  q: number; // its place among the events of that view
  u: string; // the page's address
  r?: string; // that of the page before
  h: string; // the page's title
  a?: string; // the query of the page where the visit began, once the address is another
  y?: Params; // the user
  p?: Params;
  m?: Item[];
}

/** The page that events belong to. */
export const page = { view: '', sequence: 0, url: '', referrer: '' };

export const shared: Params = {};
export const user: Params = {};
export const listeners: ((event: Tracked) => void)[] = [];
export const earlier: Tracked[] = []; // the first few, for listeners that come later

const landing = location.search.slice(1);

/** Returns an id that is unique and sorts by time. */
export const newID = (): string =>
  Date.now().toString(36) + '-' + Array.from(crypto.getRandomValues(new Uint32Array(3)), (n) => n.toString(36)).join('');

let last = 0;

export function track(name: string, params: Params & { items?: Item[] } = {}, options: TrackOptions = {}): string {
  const { items, ...rest } = { ...shared, ...params } as typeof params;
  const event = { id: options.id || newID(), name, params: rest, items };
  last = Math.max(last + 1, Date.now()); // in order, also in one millisecond and when the clock is set back
  const hit: Hit = { n: name, i: event.id, t: last, v: page.view, q: ++page.sequence, u: page.url, h: document.title, p: rest, m: items };
  if (page.referrer) hit.r = page.referrer;
  if (!page.url.includes(landing)) hit.a = landing;
  if ('user_id' in user) hit.y = { ...user };
  add(hit, options.needs || needs);
  if (earlier.length < 50) earlier.push(event);
  listeners.forEach((tell) => tell(event));
  return event.id;
}
