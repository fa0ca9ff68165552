// The script: what a page calls, and what it captures by itself.
import type { Headgate, Settings } from '../types';
import { decide } from './choice';
import { watchClicks } from './clicks';
import { watchEngagement } from './engagement';
import { earlier, listeners, shared, track, user } from './event';
import { clean, watchLinks } from './linker';
import { enter, view, watchPages } from './pages';
import { configure, settings } from './settings';
import { ask } from './tools';

type Call = [keyof Headgate, unknown[]];

const api: Headgate = {
  track,
  page: view,
  identify(id, traits) {
    Object.assign(user, traits, { user_id: id });
    return track('identify');
  },
  consent: (choice) => decide(false, choice),
  set: (params) => void Object.assign(shared, params),
  on(listener) {
    earlier.forEach(listener);
    listeners.push(listener);
  },
};

export function start(given: Settings): Headgate {
  if (settings.to) return api;
  configure(given);
  // What the page has called before the script was there: what is stated for every event comes before the first.
  const waiting = (window.headgate as unknown as { q?: Call[] } | undefined)?.q || [];
  const call = (first: boolean) =>
    waiting.forEach(([name, args]) => /set|consent|on/.test(name) == first && (api[name] as (...args: unknown[]) => void)(...args));
  window.headgate = api;
  enter(given.view);
  call(true);
  ask(given.consent || 'own');
  watchEngagement();
  watchPages();
  watchClicks();
  if (given.id) watchLinks();
  clean();
  call(false);
  return api;
}
