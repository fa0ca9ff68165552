import posthog from 'posthog-js';
import snippet from 'snippet:posthog';

export const start = async () => {
  const init = posthog.init.bind(posthog);
  await new Promise((loaded) => {
    snippet({ posthog: { init: (key, options) => init(key, { ...options, capture_pageview: false, autocapture: false, loaded }) } });
  });
  return {
    view: () => posthog.capture('$pageview'),
    track: (name, properties) => posthog.capture(name, properties),
    identify: (id, email) => posthog.identify(id, { email }),
    purchase: ({ id, value, currency, items }) => posthog.capture('Order Completed', {
      order_id: id, value, currency,
      products: items.map((i) => ({ product_id: i.id, name: i.name, price: i.price, quantity: i.quantity })),
    }),
  };
};
