import * as amplitudeSDK from '@amplitude/analytics-browser';
import snippet from 'snippet:amplitude';

export const start = async () => {
  let started;
  snippet({ amplitude: { init: (key, options) => { started = amplitudeSDK.init(key, { ...options, autocapture: false }).promise; } } });
  await started;
  return {
    view: () => amplitudeSDK.track('[Amplitude] Page Viewed', {
      '[Amplitude] Page Location': location.href, '[Amplitude] Page Title': document.title,
    }),
    track: (name, properties) => amplitudeSDK.track(name, properties),
    identify: (id, email) => {
      amplitudeSDK.setUserId(id);
      amplitudeSDK.identify(new amplitudeSDK.Identify().set('email', email));
    },
    purchase: ({ id, value, currency, items }) => amplitudeSDK.track('Order Completed', {
      order_id: id, value, currency,
      products: items.map((i) => ({ product_id: i.id, name: i.name, price: i.price, quantity: i.quantity })),
    }),
  };
};
