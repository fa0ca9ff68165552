// What a screen asks of the API: loaded once or again and again, kept while the next answer is on its way.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { call, Refusal } from "../api";
import { clock } from "../format";
import { go, to } from "../route";

export interface Loaded<T> {
  data?: T;
  error?: Refusal;
  at?: Date; // when data came
  again: () => void;
}

const patience = 8000; // ms without an answer until the person is told

/** useLoad asks for a path, every so many milliseconds; null asks for nothing. */
export function useLoad<T>(path: string | null, every = 0): Loaded<T> {
  const [state, set] = useState<{ path: string | null; data?: T; error?: Refusal; at?: Date }>({ path: null });
  const [round, next] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      try {
        const data = await call<T>(path, { signal: AbortSignal.any([stop.signal, AbortSignal.timeout(patience * 4)]) });
        if (!stop.signal.aborted) set({ path, data, at: new Date() });
      } catch (thrown) {
        if (stop.signal.aborted) return;
        const error = thrown instanceof Refusal ? thrown : new Refusal(0, "Headgate does not answer");
        if (error.status === 401) return go(to("/sign-in", { to: location.pathname + location.search }), true);
        set((old) => ({ path, error, data: sameThing(old.path, path) ? old.data : undefined, at: old.at }));
      }
      if (every && !stop.signal.aborted) timer = window.setTimeout(wait, every);
    };
    const wait = () => (document.hidden ? (timer = window.setTimeout(wait, every)) : void ask());
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [path, every, round]);
  const usable = sameThing(state.path, path);
  return { data: usable ? state.data : undefined, error: usable ? state.error : undefined, at: state.at, again: () => next((n) => n + 1) };
}

// sameThing: of the same address the old answer is shown until the new one comes; another address is another thing.
const sameThing = (a: string | null, b: string | null) => a !== null && b !== null && a.split("?")[0] === b.split("?")[0];

/** Show is what became of a request: the data, or why there is none, or that it takes a while. */
export function Show<T>({ of, what, children }: { of: Loaded<T>; what: string; children: (data: T) => ComponentChildren }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error && <Lost at={of.at} error={of.error} />}
        {children(of.data)}
      </>
    );
  }
  if (of.error) return <Absent error={of.error} what={what} />;
  return <Skeleton />;
}

/** Absent says why something is not shown. */
export function Absent({ error, what }: { error: Refusal; what: string }) {
  if (error.absent) return <p class="none">{what}: not available in this version of Headgate.</p>;
  if (error.status === 403) return <p class="none">{what}: {error.message}.</p>;
  return (
    <div class="callout warn" role="alert">
      <p>{what}: {error.message}.</p>
    </div>
  );
}

function Lost({ at, error }: { at?: Date; error: Refusal }) {
  return (
    <div class="lost" role="status">
      <strong>{error.status ? error.message : "Headgate does not answer."}</strong>
      <span>Below: what was known at {clock(at)}. Trying again.</span>
    </div>
  );
}

/** Skeleton stands where data will be, from 200 ms on. */
function Skeleton() {
  const [late, set] = useState(false);
  const timer = useRef(0);
  useEffect(() => {
    timer.current = window.setTimeout(() => set(true), 200);
    return () => clearTimeout(timer.current);
  }, []);
  if (!late) return null;
  return (
    <div class="stack skels" role="status" aria-label="Loading">
      {[70, 90, 50, 80].map((width) => (
        <svg key={width} class="skel" width={`${width}%`} height="10" aria-hidden="true" />
      ))}
    </div>
  );
}
