import { init, track } from '@plausible-analytics/tracker';
import snippet from 'snippet:plausible';

export const start = async () => {
  snippet({ init: (options) => init({ ...options, captureOnLocalhost: true, autoCapturePageviews: false }) });
  return {
    view: () => track('pageview', {}),
    track: (name, props) => track(name, { props }),
    purchase: ({ id, value, currency }) => track('purchase', { props: { transaction_id: id }, revenue: { amount: value, currency } }),
  };
};
