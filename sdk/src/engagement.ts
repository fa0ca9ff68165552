// How long a page was looked at, and how far down: sent when the visitor leaves it, and again if they come back to it and go on.
import { track } from './event';

let since = 0; // when looking began, 0 while nobody looks
let looked = 0; // milliseconds that were not sent yet
let deepest = 0; // percent of the page
let told = 0;

function look(): void {
  const now = performance.now();
  if (since) looked += now - since;
  since = !document.hidden && document.hasFocus() ? now : 0;
}

function scroll(): void {
  deepest = Math.max(deepest, Math.min(100, Math.round(((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100)));
}

/** A page begins: what is seen of it without scrolling is no depth yet. */
export function begin(): void {
  look();
  looked = deepest = 0;
  scroll();
  told = deepest;
}

/** Sends what has come together. */
export function report(): void {
  look();
  if (looked < 1000 && deepest <= told) return;
  track('user_engagement', { engagement_time_msec: Math.round(looked), percent_scrolled: deepest });
  looked = 0;
  told = deepest;
}

export function watchEngagement(): void {
  addEventListener('focus', look);
  addEventListener('blur', look);
  document.addEventListener('visibilitychange', look);
  addEventListener('scroll', scroll, { passive: true });
}
