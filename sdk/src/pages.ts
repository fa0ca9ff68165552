// Page views: of the document, of routes within it, out of the back-forward cache, and of prerendered pages once they are shown.
import type { Params } from '../types';
import { begin, report } from './engagement';
import { newID, page, track } from './event';
import { leave, release, resume } from './queue';
import { settings } from './settings';

let seen = false; // the page that began has had its page view

/** Begins a page: what is tracked from now on belongs to it. The first may have an id that the server has given it. */
export function enter(id = newID()): void {
  page.referrer = page.url && page.url != location.href ? page.url : document.referrer;
  page.url = location.href;
  page.view = id;
  page.sequence = 0;
  begin();
}

/** Sends a page view: of the page that has begun, or of another that begins with it. */
export function view(params?: Params): string {
  if (seen) {
    report();
    enter();
  }
  seen = true;
  return track('page_view', params, { id: page.view });
}

const where = (): string => location.pathname + location.search + (settings.hash ? location.hash : '');

function watchRoutes(): void {
  let before = where();
  // The address changes before the page does, and its title with it.
  const changed = () =>
    setTimeout(() => {
      if (before == where()) return;
      before = where();
      view();
    });
  const push = history.pushState;
  history.pushState = function (...args) {
    push.apply(history, args);
    changed();
  };
  addEventListener('popstate', changed);
  addEventListener('hashchange', changed);
}

export function watchPages(): void {
  const go = () => {
    report();
    leave();
  };
  addEventListener('visibilitychange', () => (document.hidden ? go() : resume()));
  addEventListener('pagehide', go);
  addEventListener('online', resume);
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    resume();
    if (!settings.manual) view();
  });
  const shown = () => {
    if (!settings.manual) view();
    release();
    resume();
  };
  if ((document as { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', shown, { once: true });
  else shown();
  if (!settings.manual) watchRoutes();
}
