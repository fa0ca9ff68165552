// fbq(): https://developers.facebook.com/docs/meta-pixel/reference
import type { Item, Params } from '../../types';

const names: Record<string, string> = {
  Purchase: 'purchase', AddToCart: 'add_to_cart', ViewContent: 'view_item', InitiateCheckout: 'begin_checkout', AddPaymentInfo: 'add_payment_info',
  AddToWishlist: 'add_to_wishlist', Lead: 'generate_lead', CompleteRegistration: 'sign_up', Search: 'search', Contact: 'contact', Subscribe: 'subscribe',
  StartTrial: 'start_trial', Schedule: 'schedule', SubmitApplication: 'submit_application', FindLocation: 'find_location', Donate: 'donate',
  CustomizeProduct: 'customize_product',
};

type Fbq = ((...args: unknown[]) => void) & { queue?: ArrayLike<unknown>[]; callMethod?: unknown; loaded?: boolean };
const w = window as unknown as { fbq?: Fbq; _fbq?: Fbq };
const waiting = (w.fbq && w.fbq.queue) || [];
let seen = false; // the first PageView is the page view that the script has sent

function call(command: string, name: string, params: Params = {}, options: { eventID?: string } = {}): void {
  if (/Single/.test(command)) [name, params, options] = [params as unknown as string, (options as Params) || {}, {}]; // the pixel's id comes first
  if (!/^track/.test(command)) return;
  if (name == 'PageView') {
    if (seen) window.headgate.page();
    seen = true;
    return;
  }
  const { contents, content_ids, search_string, ...rest } = params as Params & { contents?: Params[]; content_ids?: unknown[] };
  const items: Item[] | undefined = contents ? contents.map(({ item_price, ...c }) => ({ ...c, price: item_price as number })) : content_ids && content_ids.map((id) => ({ id: String(id) }));
  if (search_string) rest.search_term = search_string;
  window.headgate.track((/^track(Single)?$/.test(command) && names[name]) || name, items ? { ...rest, items } : rest, options.eventID ? { id: options.eventID } : {});
}

w.fbq = w._fbq = (...args) => call(...(args as Parameters<typeof call>));
w.fbq.loaded = true;
waiting.forEach((args) => w.fbq!(...Array.from(args)));
