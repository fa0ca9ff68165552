// analytics.track and the rest of Segment's calls: https://segment.com/docs/connections/spec/
import type { Item, Params } from '../../types';

const names: Record<string, string> = {
  'Order Completed': 'purchase', 'Product Added': 'add_to_cart', 'Product Removed': 'remove_from_cart', 'Product Viewed': 'view_item',
  'Product List Viewed': 'view_item_list', 'Product Clicked': 'select_item', 'Cart Viewed': 'view_cart', 'Checkout Started': 'begin_checkout',
  'Payment Info Entered': 'add_payment_info', 'Order Refunded': 'refund', 'Products Searched': 'search', 'Signed Up': 'sign_up', 'Signed In': 'login',
};
const keys: Record<string, string> = { order_id: 'transaction_id', total: 'value', revenue: 'value', query: 'search_term' };

function track(name: string, properties: Params = {}): void {
  const { products, ...rest } = properties as Params & { products?: Params[] };
  const params: Params = {};
  for (const key in rest) if (!(keys[key] && keys[key]! in params)) params[keys[key] || key] = rest[key];
  const items = (products || (rest.product_id && [rest])) as Item[] | undefined; // the server reads products in these words
  window.headgate.track(names[name] || name, items ? { ...params, items } : params);
}

const is = (v: unknown): v is Params => !!v && typeof v == 'object';
const calls: Record<string, (...args: never[]) => void> = {
  track,
  identify: (id: unknown, traits?: Params) => window.headgate.identify(is(id) ? '' : String(id), is(id) ? id : traits),
  page: (...args: unknown[]) => seen && window.headgate.page(args.find(is)),
  ready: (use: () => void) => void setTimeout(use),
};

// The page's first call of page() is the page view that the script has sent.
let seen = false;

type Queue = Params & unknown[][];
const w = window as unknown as { analytics?: Queue };
const waiting = w.analytics || [];
const api: Params = {};
for (const name of 'track page identify ready group alias reset load on once off user register addSourceMiddleware'.split(' '))
  api[name] = (...args: never[]) => {
    const call = calls[name];
    if (call) call(...args);
    if (name == 'page') seen = true;
    const last = args[args.length - 1] as unknown;
    if (typeof last == 'function' && name == 'track') setTimeout(last as () => void);
    return api;
  };
w.analytics = api as Queue;
if (Array.isArray(waiting)) for (const [name, ...args] of waiting as [string, ...never[]][]) if (api[name]) (api[name] as (...a: never[]) => void)(...args);
