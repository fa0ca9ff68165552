// Where the person is: the address is the only state of a view, so that Back and reload keep it.

import { useLayoutEffect, useState } from "preact/hooks";

type Listener = () => void;
const listeners = new Set<Listener>();

function tell() {
  for (const listener of listeners) listener();
}

/** go opens an address of the console; replace leaves no entry in the history, for what changes a view only a little. */
export function go(href: string, replace = false) {
  if (href === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", href);
  if (!replace) scrollTo(0, 0);
  tell();
}

/** start follows Back and all links to pages of the console. */
export function start() {
  addEventListener("popstate", tell);
  document.addEventListener("click", (click) => {
    const link = (click.target as Element).closest?.("a");
    if (!link || click.defaultPrevented || click.button !== 0 || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    if (link.target || link.download || link.origin !== location.origin || link.pathname.startsWith("/api/")) return;
    if (link.hash && link.pathname === location.pathname) return;
    click.preventDefault();
    go(link.pathname + link.search);
  });
}

/** useAddress draws the component again when the address changes. */
export function useAddress(): { path: string; query: URLSearchParams } {
  const [, draw] = useState(0);
  useLayoutEffect(() => { // in the same turn as the drawing: nobody can change the address in between, and a tab behind draws no frame
    const listener = () => draw((n) => n + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** useQuery is one parameter of the address, and how to change it. The usual value is left out of the address. */
export function useQuery(name: string, usual = ""): [string, (value: string) => void] {
  const { query } = useAddress();
  return [query.get(name) ?? usual, (value) => go(withQuery({ [name]: value === usual ? "" : value }), true)];
}

/** withQuery is the present address with other parameters; an empty one is removed. */
export function withQuery(changes: Record<string, string>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  return location.pathname + (text && "?" + text);
}

/** to is an address with parameters; empty ones are left out. */
export function to(path: string, query: Record<string, string | undefined> = {}): string {
  const text = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => !!pair[1])).toString();
  return path + (text && "?" + text);
}

/** kept is an address that takes the time and the site of the present view along. */
export function kept(path: string, query: Record<string, string | undefined> = {}): string {
  const here = new URLSearchParams(location.search);
  return to(path, { since: here.get("since") ?? undefined, site: here.get("site") ?? undefined, ...query });
}

export const eventAt = (id: string) => "/events/" + encodeURIComponent(id);
export const destinationAt = (name: string) => kept("/destinations/" + encodeURIComponent(name));
export const personAt = (id: string) => "/people/" + encodeURIComponent(id);
/** eventsWhere is the list of the stored events that a search finds; "" finds all. */
export const eventsWhere = (q: string) => kept("/live", { view: "stored", q });
/** eventsNamed is the list of the stored events with a name. */
export const eventsNamed = (name: string) => eventsWhere("name:" + (/[\s"]/.test(name) ? JSON.stringify(name) : name));
