// The API as the pages use it. Whatever is asked goes through call; the shapes below are the answers' JSON.

/** Refusal is an answer that is no success, in the server's words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly said: { mistakes?: Mistake[]; needs?: string; retry_after?: number; oidc?: string; read_only?: boolean; patch?: string } = {},
  ) {
    super(message);
  }
  /** absent: this Headgate has no such endpoint. */
  get absent() {
    return (this.status === 404 && this.message.startsWith("nothing is here")) || this.status === 405;
  }
}

interface Asked {
  method?: string;
  body?: unknown; // a text as it is, anything else as JSON
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

let session: Session | null = null;

/** request returns the answer itself, or throws a Refusal. */
export async function request(path: string, asked: Asked = {}): Promise<Response> {
  const method = asked.method ?? (asked.body === undefined ? "GET" : "POST");
  const headers: Record<string, string> = { ...asked.headers };
  if (session?.csrf && method !== "GET") headers["X-CSRF-Token"] = session.csrf;
  const body = asked.body === undefined || typeof asked.body === "string" ? asked.body : JSON.stringify(asked.body);
  const answer = await fetch(path, { method, headers, body, signal: asked.signal });
  if (answer.ok) return answer;
  const text = await answer.text();
  let said: Refusal["said"] & { error?: string } = {};
  try {
    said = JSON.parse(text);
  } catch {
    // no JSON of ours: a proxy between answers in its own words
  }
  throw new Refusal(answer.status, said.error ?? `${answer.status} ${answer.statusText}`, said);
}

/** call returns the answer's JSON. */
export async function call<T>(path: string, asked: Asked = {}): Promise<T> {
  const answer = await request(path, asked);
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

/** lines yields the values of an answer that has one on each line, as they come. */
export async function* lines<T>(answer: Response): AsyncGenerator<T> {
  let rest = "";
  for await (const piece of texts(answer)) {
    const all = (rest + piece).split("\n");
    rest = all.pop() ?? "";
    for (const line of all) if (line) yield JSON.parse(line) as T;
  }
  if (rest) yield JSON.parse(rest) as T;
}

/** texts yields the text of an answer as it comes. */
export async function* texts(answer: Response): AsyncGenerator<string> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined); // it has ended already
  }
}

export interface Session {
  name: string;
  roles: string[];
  rights: string[];
  csrf?: string;
  expires?: string;
}

/** whoAmI asks who is signed in; throws a Refusal of status 401 when nobody is. */
export async function whoAmI(): Promise<Session> {
  session = await call<Session>("/api/session");
  return session;
}

/** signIn exchanges a token for a session, whose cookie scripts cannot read. */
export async function signIn(token: string): Promise<Session> {
  session = await call<Session>("/api/sign-in", { body: { token } });
  return session;
}

export async function signOut(): Promise<void> {
  await call("/api/sign-out", { method: "POST" });
  session = null;
}

/** may reports whether the person who is signed in has a right. */
export const may = (right: string): boolean => session?.rights.includes(right) ?? false;

export interface Mistake {
  file: string;
  line: number;
  column: number;
  fact: string;
  cure?: string;
}

export interface Status {
  config: { hash: string; loaded_at: string; error: string; warnings: string[] };
  accepted: number;
  queue: { bytes: number; oldest: string | null; pending: number; damage?: string };
  consent?: { unread_cookies?: { name: string }[] };
  suppression: { subjects: number; damage?: string };
  traffic?: Record<string, number>;
  destinations: Record<string, DestinationStatus>;
  orphans?: Record<string, unknown>;
}

/** Headgate is one of a cluster whose counts were asked for; began is null when it did not answer. */
export interface Headgate {
  writer: string;
  began: string | null;
}

/** Cluster says who accepts events and who delivers them; without a cluster there is one. */
export interface Cluster {
  clustered: boolean;
  self: string;
  writers: Writer[];
}

export interface Writer {
  name: string;
  state: "running" | "silent" | "gone";
  held_by: string;
  accepted: number;
  pending: number;
  destinations: Record<string, { state?: string; pending: number; retrying: number; dead_letters: number }>;
  saved: string | null;
  started?: string;
  config?: string;
  failed?: boolean;
}

export interface DestinationStatus {
  state: "running" | "paused" | "halted";
  delivered: number;
  redacted: number;
  filtered: number;
  denied: number;
  rejected: number;
  pending: number;
  retrying: number;
  lag_seconds: number;
  last_error?: string; // not shown to viewers
  misfit_values?: number;
  added_columns?: number;
}

export interface Trace {
  event: Happening;
  received: Happening | null;
  source: string;
  traffic?: string;
  consent: ConsentRecord | null;
  rules: RuleTrace[];
  dropped_by: string | null;
  emitted_by?: string;
  refused?: boolean;
  destinations: Record<string, DestinationTrace>;
}

export interface Happening {
  id: string;
  name: string;
  time: string;
  received?: string;
  source?: string;
  site?: string;
  user?: Record<string, unknown>;
  page?: { url?: string; path?: string; title?: string };
  device?: { type?: string };
  geo?: { country?: string; region?: string; city?: string };
  campaign?: Record<string, unknown>;
  consent?: Record<string, boolean>;
  params?: Record<string, unknown>;
  items?: Record<string, unknown>[];
  [field: string]: unknown;
}

export interface ConsentRecord {
  region: { country: string; region?: string; rule: string; model: string };
  state: Record<string, { state: string; basis: string; source: string }>;
  signals: { source: string; name: string; value: string; says: string; set_aside?: string; when?: string }[] | null;
  conflict?: string;
  monitor?: boolean;
}

export interface RuleTrace {
  name: string;
  for?: string;
  matched: boolean;
  error?: string;
  changes?: { path: string; old: unknown; new: unknown }[] | null; // not shown to viewers
  emitted?: string;
}

export interface DestinationTrace {
  action: string;
  reason: string;
  because: string;
  profile?: string;
  requests: { method?: string; url?: string; headers?: Record<string, string>; body: unknown; notes?: string[] }[] | null;
  verdict: { verdict: string; why?: string; status?: number } | null;
  attempts?: Attempt[];
}

export interface Attempt {
  time: string;
  verdict: string;
  status?: number;
  why?: string;
  took?: number; // seconds
}

export interface DeadLetter {
  cursor: string;
  destination: string;
  event_id: string;
  event_name: string;
  event_time: string;
  died: string;
  attempts: number;
  why: string;
  unsure?: boolean;
}

export interface DeadPage {
  total: number;
  unsure?: number;
  dead: DeadLetter[];
  next?: string;
}

export interface Series {
  site?: string;
  destination?: string;
  state: string;
  reason?: string;
  detail?: string;
  total: number;
  counts: number[];
}

export interface History {
  since: string;
  until: string;
  step: number; // seconds
  points: number;
  began: string;
  headgates?: Headgate[];
  writer?: string;
  series: Series[];
}

export interface Found {
  id: string;
  name: string;
  time: string;
  received?: string;
  site?: string;
  refused?: boolean;
  states: Record<string, string>;
  reasons?: Record<string, string>;
}

export interface Search {
  events: Found[];
  more: boolean;
  indexed_until?: string;
}

export interface Alert {
  id: string;
  kind: string;
  since: string;
  until: string | null;
  cause: string; // a sentence
  next: string; // what to do
  link: string; // a page of the console
  urgent: boolean; // a person must act
  site: string;
  destination: string;
  about: string; // what else tells it apart: an event, a purpose, a field
  at_stake?: { count: number; value: number; currency: string };
}

export interface DestinationDetail extends DestinationStatus {
  name: string;
  use: string;
  since: string;
  until: string;
  headgates?: Headgate[];
  latency: { count: number; p50: number; p99: number } | null;
  answers: { verdict: string; status: number; why: string; count: number }[] | null;
  fill: { field: string; filled: number; of: number }[] | null;
  dead: { total: number; reasons: { why: string; count: number; oldest: string; newest: string; ids: string[] | null }[] | null } | null;
}

interface Gap {
  state: string;
  reason: string;
  detail?: string;
  count: number;
  value: number;
}

export interface Money {
  count: number;
  value: number;
}

export interface Conversions {
  since: string;
  until: string;
  began: string;
  headgates?: Headgate[];
  events: string[];
  counted: string[];
  currency: string;
  happened: Money;
  platforms: Record<string, Money & { pending?: Money; gap?: Gap[] | null }>;
  other_currencies?: { currency: string; happened: Money; platforms: Record<string, Money> }[] | null;
}

export type Purposes = Record<string, { granted: number; denied: number; unknown: number }>;

export interface ConsentReport {
  since: string;
  until: string;
  began: string;
  headgates?: Headgate[];
  events: number;
  purposes: Purposes;
  countries: { country: string; events: number; purposes: Purposes }[] | null;
  tools: { tool: string; events: number; purposes: Purposes }[] | null;
  days: { day: string; events: number; purposes: Purposes }[] | null;
  gpc: number;
  conflicts: number;
  destinations: Record<string, { lost: number; reasons: { reason: string; detail?: string; count: number }[] | null }>;
}

export interface AuditLine {
  n: number;
  time: string;
  who: string;
  roles: string[] | null;
  from: string;
  action: string;
  about: string;
  why?: string;
  status: number;
  detail?: Record<string, unknown>;
}

export interface Version {
  id: string;
  time: string;
  who: string;
  why: string;
  file: string;
  added: number;
  removed: number;
  in_force: boolean;
  diff?: string;
  text?: string;
}
