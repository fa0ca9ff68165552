import snippet from 'snippet:umami';

// The script is a part of the page: its page view is sent by itself.
export const start = async () => {
  await snippet();
  return {
    view: () => {},
    track: (name, data) => umami.track(name, data),
    identify: (id, email) => umami.identify({ email }),
    purchase: ({ id, value, currency }) => umami.track('purchase', { transaction_id: id, revenue: value, currency }),
  };
};
