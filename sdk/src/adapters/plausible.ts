// plausible(): https://plausible.io/docs/custom-event-goals
import type { Params } from '../../types';

interface Options {
  props?: Params;
  revenue?: { amount: number; currency: string };
  callback?: (result: { status: number }) => void;
}
type Plausible = ((name: string, options?: Options) => void) & { q?: ArrayLike<unknown>[] };

const w = window as unknown as { plausible?: Plausible };
const waiting = (w.plausible && w.plausible.q) || [];

w.plausible = (name, { props, revenue, callback } = {}) => {
  const params = { ...props, ...(revenue && { value: revenue.amount, currency: revenue.currency }) };
  if (name == 'pageview') window.headgate.page(params);
  else window.headgate.track(name, params);
  if (callback) setTimeout(callback, 0, { status: 202 });
};
waiting.forEach((call) => w.plausible!(...(Array.from(call) as Parameters<Plausible>)));

// class="plausible-event-name=Sign+up plausible-event-plan=Pro"
addEventListener(
  'click',
  ({ target }) => {
    const e = (target as Element).closest('[class*="plausible-event-name="]');
    const props: Params = {};
    for (const name of e ? Array.from(e.classList) : []) {
      const [, key, value] = /^plausible-event-(\w+)=(.+)$/.exec(name) || [];
      if (key) props[key] = value!.replace(/\+/g, ' ');
    }
    const { name, ...rest } = props;
    if (name) w.plausible!(name as string, { props: rest });
  },
  true,
);
