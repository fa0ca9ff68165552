// umami.track and umami.identify, and data-umami-event: https://umami.is/docs/tracker-functions
import type { Params } from '../../types';

type Payload = Params & { name?: string; data?: Params };

const send = ({ name, data, ...rest }: Payload): void => {
  if (name) window.headgate.track(name, data);
  else window.headgate.page(rest.title ? { title: rest.title } : undefined);
};

(window as unknown as { umami: unknown }).umami = {
  track(what?: string | Params | ((p: Payload) => Payload), data?: Params) {
    if (typeof what == 'function') send(what({ url: location.href, title: document.title, referrer: document.referrer }));
    else send(typeof what == 'string' ? { name: what, data } : { ...what });
    return Promise.resolve();
  },
  identify(id: string | Params, data?: Params) {
    window.headgate.identify(typeof id == 'string' ? id : '', typeof id == 'string' ? data : id);
    return Promise.resolve();
  },
};

addEventListener(
  'click',
  ({ target }) => {
    const e = (target as Element).closest<HTMLElement>('[data-umami-event]');
    if (!e) return;
    const data: Params = {};
    for (const { name, value } of Array.from(e.attributes)) if (/^data-umami-event-/.test(name)) data[name.slice(17)] = value;
    window.headgate.track(e.dataset.umamiEvent!, data);
  },
  true,
);
