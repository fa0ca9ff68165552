// What insight answers: the shapes of GET /api/insight/..., whose names are a contract, and how they are called.

export interface Touch {
  source: string;
  medium: string;
  campaign: string;
}

export interface Live {
  minutes: number;
  visitors: number;
  events: number;
  unmeasured: number;
  pages: { page: string; visitors: number; events: number }[];
  names: { event: string; count: number }[];
  countries: { country: string; visitors: number }[];
  campaigns: (Touch & { visitors: number })[];
  series: { time: string; events: number; visitors: number }[];
}

export interface Figures {
  visitors: number;
  sessions: number;
  events: number;
  conversions: number;
  value: number;
}

export interface Overview extends Figures {
  since: string;
  until: string;
  currency: string;
  other?: Record<string, number>;
  unmeasured: number;
  bots: number;
  before: Figures;
  series: { time: string; events: number; visitors: number; conversions: number; value: number }[];
  by?: { key: string; visitors: number; events: number; conversions: number; value: number }[];
}

export interface Step {
  event: string;
  optional: boolean;
  visitors: number;
  value: number;
  of_first: number;
  of_previous: number;
  median_seconds: number | null;
  instead: { to: string; count: number }[];
  dropped?: string[]; // not shown to viewers
  before: { visitors: number; value: number };
}

export interface Funnel {
  name: string;
  mode: string;
  per: string;
  within: number; // seconds
  steps: Step[];
  visitors_unmeasured: number;
  currency: string;
  groups?: { key: string; visitors: number[]; value: number[] }[];
}

export interface Funnels {
  funnels: { name: string; within: number; mode: string; per: string; steps: string[] }[];
}

export interface Segments {
  segments: { name: string; public: boolean; visitors: number; when: string }[];
}

export interface Branch {
  to: string;
  count: number;
  next?: Branch[];
}

export interface Paths {
  from: string;
  page: string;
  direction: string;
  total: number;
  ends: number;
  next: Branch[];
  tree?: Branch[];
}

export interface Carts {
  opened: number;
  bought: number;
  pending: number;
  abandoned: number;
  value_lost: number;
  value_bought: number;
  value_pending: number;
  currency: string;
  other?: Record<string, number>;
  stages: { stage: string; opened: number; abandoned: number; value_lost: number }[];
  items: { item: string; name: string; abandoned: number }[];
  campaigns: (Touch & { opened: number; abandoned: number; value_lost: number })[];
  visitors?: string[]; // not shown to viewers
}

export interface CampaignRow extends Touch {
  visitors: number;
  sessions: number;
  conversions: number;
  value: number;
  cost: number | null;
  cost_per_conversion: number | null;
  return: number | null;
}

export interface Campaigns {
  model: string;
  lookback: number; // seconds
  currency: string;
  rows: CampaignRow[];
}

export interface Rising {
  since: string;
  until: string;
  rows: { key: string; count: number; usual: number; ratio: number | null }[];
}

export interface Searches {
  rows: { term: string; searches: number; visitors: number; clicked: number; nothing_after: number }[];
}

export interface Retention {
  weeks: number;
  cohorts: { week: string; visitors: number; returned: number[] }[];
}

export interface Visitor {
  visitor: string;
  first: string;
  last: string;
  sessions: (Touch & { start: string; end: string; country: string; device: string; steps: VisitorStep[] })[];
  segments: string[] | null;
  carts: { state: string; opened: string; last: string; value: number }[];
}

export interface VisitorStep {
  time: string;
  event: string;
  page: string;
  value: number;
  currency: string;
  items?: { id: string; name: string }[];
  term?: string;
}

/** touchName is a campaign on one line: google / cpc / black friday, or direct. */
export const touchName = (t: Touch): string =>
  t.source === "(direct)" ? "direct" : [t.source, t.medium, t.campaign].filter((part) => part && part !== "(none)").join(" / ") || "none";

/** touchFormula holds for the events of a campaign; "" for those of none. */
export const touchFormula = (t: Touch): string =>
  t.source === "(direct)" ? "" : ([["source", t.source], ["medium", t.medium], ["name", t.campaign]] as const).filter(([, v]) => v).map(([k, v]) => `campaign.${k} == ${JSON.stringify(v)}`).join(" and ");
