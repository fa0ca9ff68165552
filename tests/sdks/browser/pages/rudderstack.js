import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';
import snippet from 'snippet:rudderstack';

export const start = async () => {
  const rudderanalytics = new RudderAnalytics();
  snippet({ rudderanalytics });
  await new Promise((ready) => { rudderanalytics.ready(ready); });
  return {
    view: () => rudderanalytics.page(),
    track: (name, properties) => rudderanalytics.track(name, properties),
    identify: (id, email) => rudderanalytics.identify(id, { email }),
    purchase: ({ id, value, currency, items }) => rudderanalytics.track('Order Completed', {
      order_id: id, value, currency,
      products: items.map((i) => ({ product_id: i.id, name: i.name, price: i.price, quantity: i.quantity })),
    }),
  };
};
