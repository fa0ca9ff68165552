// What history says of a span of time, summed up per destination and state.

import type { DestinationStatus, History, Series, Status } from "../api";
import { accountOf, states, type State } from "./state";

export interface Cell {
  total: number;
  counts?: number[];
  reasons: { reason: string; detail: string; total: number }[];
}

export type Account = Record<State, Cell>;

export interface Ledger {
  accepted: Cell;
  refused: Cell;
  dropped: Cell; // by rules, for all destinations
  destinations: Record<string, Account>;
}

const empty = (): Cell => ({ total: 0, reasons: [] });

function put(cell: Cell, s: Series, from: number) {
  cell.total += s.total;
  const counts = s.counts.slice(from);
  cell.counts = cell.counts ? cell.counts.map((n, i) => n + (counts[i] ?? 0)) : counts;
  const same = cell.reasons.find((r) => r.reason === (s.reason ?? "") && r.detail === (s.detail ?? ""));
  if (same) same.total += s.total;
  else cell.reasons.push({ reason: s.reason ?? "", detail: s.detail ?? "", total: s.total });
}

/** knownFrom is the first step that was counted: what came before is unknown, not zero. */
export const knownFrom = (h: History): number => Math.max(0, Math.floor((new Date(h.began).getTime() - new Date(h.since).getTime()) / 1000 / h.step));

/** lineOf is a line of history, unknown before the counting began. */
export const lineOf = (h: History, picks: (s: Series) => boolean): (number | null)[] => {
  const from = knownFrom(h);
  const out: (number | null)[] = Array.from({ length: h.points }, (_, i) => (i < from ? null : 0));
  for (const s of h.series) if (picks(s)) s.counts.forEach((n, i) => i >= from && (out[i] = (out[i] ?? 0) + n));
  return out;
};

/** ledgerOf sums history up. What waits is of now, whatever the time that is looked at. */
export function ledgerOf(history: History, status: Status): Ledger {
  const ledger: Ledger = { accepted: empty(), refused: empty(), dropped: empty(), destinations: {} };
  for (const [name, d] of Object.entries(status.destinations)) {
    const account = Object.fromEntries(states.map((s) => [s, empty()])) as Account;
    account.pending.total = Math.max(0, d.pending - d.retrying);
    account.retrying.total = d.retrying;
    ledger.destinations[name] = account;
  }
  const drops: Record<string, Cell> = {};
  const from = Math.min(knownFrom(history), Math.max(0, history.points - 2)); // a line has two points
  for (const s of history.series) {
    if (!s.destination) {
      if (s.state === "accepted") put(ledger.accepted, s, from);
      if (s.state === "refused") put(ledger.refused, s, from);
      continue;
    }
    const account = ledger.destinations[s.destination];
    if (!account) continue;
    if (s.state === "delivered" || s.state === "denied" || s.state === "filtered" || s.state === "rejected") put(account[s.state], s, from);
    if (s.state === "filtered" && s.reason === "dropped_by_rule") put((drops[s.destination] ??= empty()), s, from);
  }
  // A dropped event is counted once for each destination.
  for (const cell of Object.values(drops)) if (cell.total > ledger.dropped.total) ledger.dropped = cell;
  for (const account of Object.values(ledger.destinations)) for (const cell of Object.values(account)) cell.reasons.sort((a, b) => b.total - a.total);
  ledger.refused.reasons.sort((a, b) => b.total - a.total);
  ledger.dropped.reasons.sort((a, b) => b.total - a.total);
  return ledger;
}

/** wholeLedger is the log's own account, since it began. */
export function wholeLedger(status: Status): Ledger {
  const cell = (total: number): Cell => ({ total, reasons: [] });
  const account = (d: DestinationStatus): Account => {
    const of = accountOf(d);
    return Object.fromEntries(states.map((s) => [s, cell(of[s])])) as Account;
  };
  return {
    accepted: cell(status.accepted), refused: empty(), dropped: empty(),
    destinations: Object.fromEntries(Object.entries(status.destinations).map(([name, d]) => [name, account(d)])),
  };
}

export const sumOf = (account: Account): number => states.reduce((n, s) => n + account[s].total, 0);

/** say is a reason in words. */
export const say = (reason: string, detail = ""): string => {
  const plain = reason.replaceAll("_", " ");
  if (!detail) return plain || "no reason was recorded";
  return ["dropped_by_rule", "skipped_by_rule", "sampled_out"].includes(reason) ? `${plain}: ${detail}` : `${detail}: ${plain}`;
};

/** weekBefore is the same span a week earlier, for a query. */
export function weekBefore(since: string): { since: string; until: string } {
  const hours = (since.endsWith("d") ? 24 : 1) * parseInt(since, 10);
  return { since: `${hours + 168}h`, until: "168h" };
}
