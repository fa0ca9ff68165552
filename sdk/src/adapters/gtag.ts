// gtag(): https://developers.google.com/tag-platform/gtagjs/reference
import type { Params } from '../../types';
import { follow, track } from '../ga4';

function set(params: Params = {}): void {
  const { user_id, user_properties, send_page_view, ...rest } = params;
  if (user_id) window.headgate.identify(String(user_id), user_properties as Params | undefined);
  window.headgate.set(rest);
}

follow((entry) => {
  if (typeof entry[0] != 'string' || entry.event) return;
  const [command, name, params] = Array.from(entry) as [string, string | Params, Params | undefined];
  if (command == 'event' && name != 'page_view') track(name as string, params);
  else if (command == 'event') window.headgate.page(params);
  else if (command == 'config') set(params);
  else if (command == 'set') set(typeof name == 'string' ? { [name]: params } : name);
  else if (command == 'consent' && name == 'update') {
    const said: Record<string, boolean> = {};
    for (const type in params) if (/^(granted|denied)$/.test(String(params[type]))) said[type] = params[type] == 'granted';
    window.headgate.consent(said);
  } else if (command == 'get' && typeof entry[3] == 'function') (entry[3] as () => void)();
});

const w = window as unknown as { dataLayer: unknown[]; gtag?: unknown };
w.gtag =
  w.gtag ||
  function () {
    w.dataLayer.push(arguments);
  };
