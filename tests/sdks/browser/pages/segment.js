import { AnalyticsBrowser } from '@segment/analytics-next';
import snippet from 'snippet:segment';

export const start = async () => {
  const { analytics } = snippet({ AnalyticsBrowser });
  await analytics.ready();
  return {
    view: () => analytics.page(),
    track: (name, properties) => analytics.track(name, properties),
    identify: (id, email) => analytics.identify(id, { email }),
    purchase: ({ id, value, currency, items }) => analytics.track('Order Completed', {
      order_id: id, value, currency,
      products: items.map((i) => ({ product_id: i.id, name: i.name, price: i.price, quantity: i.quantity })),
    }),
  };
};
