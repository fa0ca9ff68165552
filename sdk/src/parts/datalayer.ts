// What a site pushes for Google Tag Manager: objects with an event, and products in ecommerce.
import type { Params } from '../../types';
import { follow, track } from '../ga4';

follow((entry) => {
  const { event, ecommerce, user_id, eventCallback, eventTimeout, ...rest } = entry as Params & { event?: string; ecommerce?: Params };
  // Tag Manager's own events, and page views, which the script sends itself.
  if (typeof event != 'string' || /^gtm\./.test(event) || event == 'page_view') return;
  for (const key in rest) if (/^gtm\./.test(key)) delete rest[key];
  track(event, { ...rest, ...ecommerce });
  if (typeof eventCallback == 'function') setTimeout(eventCallback as () => void);
});
