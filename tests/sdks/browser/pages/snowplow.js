import { newTracker, setUserId, trackPageView, trackStructEvent } from '@snowplow/browser-tracker';
import { SnowplowEcommercePlugin, trackTransaction } from '@snowplow/browser-plugin-snowplow-ecommerce';
import snippet from 'snippet:snowplow';

export const start = async () => {
  snippet({ newTracker: (name, collector, options) => newTracker(name, collector, { ...options, plugins: [SnowplowEcommercePlugin()] }) });
  return {
    view: () => trackPageView(),
    track: (name) => trackStructEvent({ category: 'shop', action: name }),
    // The tracker has no call of its own for it: the id goes along with what follows.
    identify: (id) => { setUserId(id); trackStructEvent({ category: 'shop', action: 'identify' }); },
    purchase: ({ id, value, currency, items }) => trackTransaction({
      transaction_id: id, revenue: value, currency, payment_method: 'card',
      products: items.map((i) => ({ id: i.id, name: i.name, price: i.price, quantity: i.quantity, category: 'shirts', currency })),
    }),
  };
};
