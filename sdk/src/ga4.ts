// Google's way of saying what happened, as the adapter of gtag and the bridge of the data layer read it.
import type { Params } from '../types';

/** Sends an event with what only Google's tag knows left out. Products are read by the server in Google's words. */
export function track(name: string, params: Params = {}): void {
  const { send_to, event_callback, event_timeout, ...rest } = params as Params & { event_callback?: () => void };
  window.headgate.track(name, rest);
  if (event_callback) setTimeout(event_callback);
}

/** Calls read with everything that is, or will be, pushed to the data layer. */
export function follow(read: (entry: ArrayLike<unknown> & Params) => void): void {
  const w = window as unknown as { dataLayer?: unknown[] };
  const layer = (w.dataLayer = w.dataLayer || []) as (ArrayLike<unknown> & Params)[];
  layer.forEach(read);
  const push = layer.push;
  layer.push = function (...entries) {
    const length = push.apply(layer, entries);
    entries.forEach(read);
    return length;
  };
}
