import mixpanelSDK from 'mixpanel-browser';
import snippet from 'snippet:mixpanel';

export const start = async () => {
  await new Promise((loaded) => {
    snippet({ mixpanel: { init: (token, options) => mixpanelSDK.init(token, { ...options, loaded }) } });
  });
  return {
    view: () => mixpanelSDK.track_pageview(),
    track: (name, properties) => mixpanelSDK.track(name, properties),
    identify: (id, email) => { mixpanelSDK.identify(id); mixpanelSDK.people.set({ $email: email }); },
    purchase: ({ id, value, currency, items }) => mixpanelSDK.track('Order Completed', {
      order_id: id, value, currency,
      products: items.map((i) => ({ product_id: i.id, name: i.name, price: i.price, quantity: i.quantity })),
    }),
  };
};
