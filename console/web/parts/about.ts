// What an event is about, in a few words.

import type { Happening } from "../api";
import { money, text } from "../format";

export function about(event: Happening): string {
  const p = event.params ?? {};
  const value = typeof p["value"] === "number" ? money(p["value"], String(p["currency"] ?? "")) : "";
  const item = event.items?.length === 1 ? text(event.items[0]!["id"] ?? event.items[0]!["name"]) : event.items && event.items.length > 1 ? `${event.items.length} items` : "";
  const first = text(p["transaction_id"]) || item || (p["search_term"] ? `“${text(p["search_term"])}”` : "");
  return [first, value].filter(Boolean).join(" · ") || event.page?.path || event.page?.title || "";
}

/** from is where an event came from. */
export const from = (event: Happening): string => [event.geo?.country, event.geo?.country === "US" ? event.geo.region : ""].filter(Boolean).join("-");
