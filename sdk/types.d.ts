// What a page can call, and what its script tag can say.

/** Texts, numbers, booleans, and lists and objects of them. */
export type Params = Record<string, unknown>;

/** A product. Keys that are not listed are kept as they are. */
export interface Item {
  id?: string;
  name?: string;
  brand?: string;
  category?: string;
  variant?: string;
  price?: number;
  quantity?: number;
  coupon?: string;
  discount?: number;
  [key: string]: unknown;
}

export interface TrackOptions {
  /** The event's id, where the page's other tags use one already. */
  id?: string;
  /** Purposes that must be decided before this event is sent, in place of `hold`. */
  needs?: string[];
}

/** An event as listeners see it. */
export interface Tracked {
  id: string;
  name: string;
  params?: Params;
  items?: Item[];
}

export interface Settings {
  /** Where events are sent: https://t.shop.example/e, with ?k= where the source lists keys. */
  to: string;
  /** The answer to wait for before anything is sent: tcf, gpp, google, cookie:NAME, own; several separated by spaces. */
  consent?: string;
  /** The purposes that must be decided before an event is sent: analytics, unless another is named. */
  hold?: string;
  /** Where links to other domains of the site get their id: https://t.shop.example/id. */
  id?: string;
  /** The page view's id, where the server has sent it already. */
  view?: string;
  /** A change of what follows # is another page. */
  hash?: boolean;
  /** Page views are sent by page() only. */
  manual?: boolean;
}

export interface Headgate {
  /** Sends an event and returns its id, for the page's other tags to share. `params.items` are the products. */
  track(name: string, params?: Params & { items?: Item[] }, options?: TrackOptions): string;
  /** Sends a page view. The script does so by itself, unless `manual` is set. */
  page(params?: Params): string;
  /** Says who the visitor is: on every later event of this page, and in an event `identify`. */
  identify(userId: string, traits?: Params): string;
  /** States the visitor's choice, by purpose. */
  consent(choice: Record<string, boolean>): void;
  /** Sets params that every later event of this page has. */
  set(params: Params): void;
  /** Calls listener with each event of this page: the first fifty of those before the call, and all after it. */
  on(listener: (event: Tracked) => void): void;
}

/** Starts the script of a page that bundles it. A second call changes nothing. */
export function start(settings: Settings): Headgate;

declare global {
  interface Window {
    headgate: Headgate;
  }
}
