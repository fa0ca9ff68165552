// The states of an event at a destination: always a shape and a word beside the colour.

import type { DestinationStatus, DestinationTrace } from "../api";

export const states = ["delivered", "denied", "filtered", "pending", "retrying", "rejected"] as const;
export type State = (typeof states)[number];

export const stateWord: Record<State, string> = {
  delivered: "Delivered",
  denied: "Denied",
  filtered: "Filtered",
  pending: "Pending",
  retrying: "Retrying",
  rejected: "Rejected",
};

const shapes: Record<State, preact.JSX.Element> = {
  delivered: <circle cx="5" cy="5" r="4.5" class="fill-delivered" />,
  denied: <path d="M5 0 10 5 5 10 0 5z" class="fill-denied" />,
  filtered: <rect y="3.5" width="10" height="3" rx="1" class="fill-filtered" />,
  pending: <circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" stroke-width="1.8" class="pending" />,
  retrying: <path d="M5 .5 9.8 9.5H.2z" class="fill-retrying" />,
  rejected: (
    <>
      <rect x=".5" y=".5" width="9" height="9" rx="1" class="fill-rejected" />
      <path d="M3 3l4 4M7 3 3 7" stroke="#fff" stroke-width="1.4" />
    </>
  ),
};

export const Glyph = ({ state }: { state: State }) => (
  <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
    {shapes[state]}
  </svg>
);

export const St = ({ state, word }: { state: State; word?: string }) => (
  <span class={`st ${state}`}>
    <Glyph state={state} />
    {word ?? stateWord[state]}
  </span>
);

/** accountOf is a destination's events by state. Retrying ones are pending ones that have failed before. */
export const accountOf = (d: DestinationStatus): Record<State, number> => ({
  delivered: d.delivered,
  denied: d.denied,
  filtered: d.filtered,
  pending: d.pending - d.retrying,
  retrying: d.retrying,
  rejected: d.rejected,
});

const longWait = 20; // seconds that an event waits only where something is wrong

/** backsOff: the destination has failed, and its events wait. */
export const backsOff = (d: DestinationStatus): boolean => d.state === "running" && d.pending > 0 && (d.retrying > 0 || (!!d.last_error && d.lag_seconds > longWait));

/** healthOf is how a destination does, as one state. */
export const healthOf = (d: DestinationStatus): State =>
  d.state === "halted" ? "rejected" : d.state === "paused" ? "pending" : backsOff(d) ? "retrying" : "delivered";

const byVerdict: Record<string, State> = {
  delivered: "delivered", retry: "retrying", retrying: "retrying", reject: "rejected", rejected: "rejected", halt: "retrying",
  pending: "pending", filter: "filtered", filtered: "filtered", deny: "denied", denied: "denied", unknown: "pending",
};

/** stateOf is what became of an event at a destination; as long as nothing has been sent, what was decided. */
export function stateOf(d: DestinationTrace): State {
  const known = d.verdict && byVerdict[d.verdict.verdict];
  if (known) return known;
  return d.action === "deliver" || d.action === "redact" ? "pending" : d.action === "deny" ? "denied" : "filtered";
}

/** toState reads a state's word from the API. */
export const toState = (word: string): State => byVerdict[word] ?? "pending";

const worse: State[] = ["rejected", "retrying", "pending", "delivered", "denied", "filtered"];

/** worst is the state that colours an event: what a person must act on first. */
export const worst = (all: State[]): State => worse.find((s) => all.includes(s)) ?? "filtered";
