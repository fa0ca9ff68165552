import { startFlow } from '@walkeros/collector';
import { sendWeb } from '@walkeros/web-core';
import snippet from 'snippet:walkeros';

// The API destination of walkerOS hands an event to sendWeb as JSON; its package is of another line of versions.
const destinationAPI = {
  type: 'api',
  config: {},
  push: (event, { config }) => sendWeb(config.settings.url, JSON.stringify(event), { transport: config.settings.transport }),
};

export const start = async () => {
  const { elb } = await startFlow({ user: { device: 'd-' + crypto.randomUUID() } });
  snippet({ elb, destinationAPI });
  await elb('walker run');
  const page = () => ({ id: location.pathname, title: document.title, url: location.href });
  return {
    view: () => elb({ name: 'page view', data: page(), source: { type: 'browser', platform: 'web', url: location.href, referrer: document.referrer } }),
    track: (name, data) => elb({ name: name.replace('_', ' '), data }),
    identify: (id, email) => elb('walker user', { id, email }),
    purchase: ({ id, value, currency, items }) => elb({
      name: 'order complete', data: { id, total: value, currency },
      nested: items.map((i) => ({ entity: 'product', data: { id: i.id, name: i.name, price: i.price, quantity: i.quantity } })),
    }),
  };
};
