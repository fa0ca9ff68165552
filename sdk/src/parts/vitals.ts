// Web vitals of the document, in one event when the visitor leaves it first: https://web.dev/articles/vitals
type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; interactionId: number; responseStart: number; activationStart: number };

const found: Record<string, number> = {};
const round = (n: number) => Math.round(n * 1000) / 1000;
const [navigation] = performance.getEntriesByType('navigation') as Entry[];
const start = (navigation && navigation.activationStart) || 0; // a prerendered page begins when it is shown

const pending: (() => void)[] = []; // each takes the entries that an observer has not been called with yet
const watch = (type: string, use: (entry: Entry) => void, more = {}) => {
  try {
    const observer = new PerformanceObserver((list) => (list.getEntries() as Entry[]).forEach(use));
    observer.observe({ type, buffered: true, ...more });
    pending.push(() => (observer.takeRecords() as Entry[]).forEach(use));
  } catch {
    // this browser does not measure it
  }
};

if (navigation) found.ttfb = Math.max(0, navigation.responseStart - start);
watch('paint', (e) => {
  if (e.name == 'first-contentful-paint') found.fcp = Math.max(0, e.startTime - start);
});
watch('largest-contentful-paint', (e) => {
  found.lcp = Math.max(0, e.startTime - start);
});

// The largest sum of shifts that follow each other within a second, in windows of five.
let sum = 0;
let first = 0;
let last = 0;
watch('layout-shift', (e) => {
  if (e.hadRecentInput) return;
  if (e.startTime - last > 1000 || e.startTime - first > 5000) {
    sum = 0;
    first = e.startTime;
  }
  last = e.startTime;
  sum += e.value;
  found.cls = Math.max(found.cls || 0, sum);
});

// The slowest interaction, without one of every fifty. Browsers report those of 16 ms and longer, and always the first one as first-input.
const slow: Record<number, number> = {};
const took = (e: Entry) => {
  if (e.interactionId || e.entryType == 'first-input') slow[e.interactionId] = Math.max(slow[e.interactionId] || 0, e.duration);
};
watch('event', took, { durationThreshold: 16 });
watch('first-input', took);

let sent = false;
document.addEventListener('visibilitychange', () => {
  if (!document.hidden || sent) return;
  sent = true;
  pending.forEach((take) => take());
  const all = Object.values(slow).sort((a, b) => b - a);
  const { interactionCount = all.length } = performance as Performance & { interactionCount?: number };
  if (all.length) found.inp = all[Math.min(all.length - 1, Math.floor(interactionCount / 50))]!;
  for (const name in found) found[name] = round(found[name]!);
  window.headgate.track('web_vitals', { ...found });
});

export {};
