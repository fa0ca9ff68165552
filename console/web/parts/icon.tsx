// Line icons of 16 px, and the glyphs of the states.

const paths = {
  menu: "M2 4h12M2 8h12M2 12h12",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM14 14l-3.5-3.5",
  overview: "M2 3.5h12M2 12.5h12M4 3.5v9M12 3.5v9M6.5 6h3v3.5h-3z",
  live: "M1.5 8h3l2-5 3 10 2-5h3",
  conversions: "M3 13V7M6.5 13V3M10 13V5M13.5 13V9",
  alerts: "M8 2a4 4 0 0 0-4 4c0 4-1.5 5-1.5 5h11S12 10 12 6a4 4 0 0 0-4-4zM6.7 13.5a1.4 1.4 0 0 0 2.6 0",
  add: "M8 3v10M3 8h10",
  person: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 14c.5-3 2.6-4.5 5.2-4.5s4.7 1.5 5.2 4.5",
  consent: "M8 1.8 13 4v4c0 3-2 5.2-5 6.3C5 13.2 3 11 3 8V4zM5.8 8l1.6 1.6 3-3.2",
  insight: "M2 12.5 6 8l3 2.5 5-6.5M10.5 4H14v3.5",
  funnel: "M2 3h12l-4.5 5.5v4L6.5 14V8.5z",
  paths: "M3.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM12.5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM3.5 5.5v2c0 2 1 2.5 3 2.5h1c2 0 3.5 0 3.5 2",
  carts: "M1.5 2.5h2l1.5 8h7l1.5-6H4M6 13.5h.01M11 13.5h.01",
  campaigns: "M2.5 6.5v3h2l6 3.5v-10l-6 3.5zM13 6.5a2 2 0 0 1 0 3M5 9.5l.8 4",
  configuration: "M2 4.5h7M12 4.5h2M10.5 3v3M2 11.5h2M7 11.5h7M5.5 10v3",
  audit: "M3.5 2h9v12h-9zM6 5.5h4M6 8h4M6 10.5h2.5",
  stop: "M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM8 5v3.5M8 11h.01",
  warning: "M8 2 14.5 13.5h-13zM8 6.5v3M8 11.7h.01",
  note: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5V11M8 5.2h.01",
  check: "M3 8.5 6.5 12 13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l8 5-8 5z",
  again: "M13 5.5A5.5 5.5 0 1 0 13.5 8M13.5 2.5v3.2h-3.2",
  down: "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11",
  chevron: "M6 3.5 10.5 8 6 12.5",
  phone: "M5 1.5h6v13H5z",
  desktop: "M2 3h12v8H2zM6 13.5h4",
} as const;

export type IconName = keyof typeof paths;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);

export const Mark = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round">
    <path d="M3.5 2v16M16.5 2v16M2 3.5h16M7 3.5v7h6v-7" stroke-linejoin="round" />
    <path d="M6.2 15c1-1 1.8-1 2.6 0s1.7 1 2.5 0 1.6-1 2.5 0" />
  </svg>
);
