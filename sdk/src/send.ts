// How a batch travels. A body of text with the browser's cookies is a simple request: there is no preflight.
import { statement } from './consent';
import type { Hit } from './event';
import { settings } from './settings';

const pack = (hits: Hit[]): string =>
  JSON.stringify({
    v: 1,
    s: Date.now(),
    c: { l: navigator.language, z: screen.width + 'x' + screen.height, w: innerWidth + 'x' + innerHeight, ...statement('g') },
    e: hits,
  });

const request = (body: string): RequestInit => ({ method: 'POST', body, credentials: 'include', keepalive: body.length < 6e4 });

/** Sends a batch, and reports whether it needs no other attempt. */
export const post = (hits: Hit[]): Promise<boolean> =>
  fetch(settings.to, request(pack(hits))).then(
    ({ status }) => status < 500 && status != 408 && status != 429,
    () => false,
  );

/** Hands a batch to the browser, and reports whether it takes it: 64 KiB may be under way. */
export const beacon = (hits: Hit[]): boolean => navigator.sendBeacon(settings.to, pack(hits));

/** Reports the choice itself. */
export const reportChoice = (): void => {
  fetch(new URL('/consent', settings.to).href, request(JSON.stringify(statement('consent')))).catch(() => {});
};

let pending: AbortController | undefined;

/** Leaves a batch with the browser in case this page ends before it is sent otherwise, in place of the one left before. */
export function later(hits: Hit[]): void {
  if (pending) pending.abort();
  pending = undefined;
  const fetchLater = (window as { fetchLater?: (url: string, init: RequestInit) => void }).fetchLater;
  if (!fetchLater || !hits.length) return;
  pending = new AbortController();
  try {
    const { keepalive, ...init } = request(pack(hits));
    fetchLater(settings.to, { ...init, signal: pending.signal });
  } catch {
    // too much, or not allowed here: it goes when the page is left
  }
}
